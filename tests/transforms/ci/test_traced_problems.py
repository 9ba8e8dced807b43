"""Problems from calls: slices of real-looking sources, and why functions are dropped."""

import textwrap
from typing import Any

import pytest

from transforms.ci.project_sources import ProjectSources
from transforms.ci.traced_problems import Draft, draft_problems


def call(
    arguments: dict[str, str], value: str = "1", *, path: str = "m.py", **more: Any
) -> dict[str, Any]:
    """A row of `calls` of a function with these parameters."""

    def encoded(text: str) -> dict[str, str]:
        return {"value": text, "encoding": "O" if text == "?" else "E"}

    return {
        "repo": "p",
        "commit": "c",
        "path": path,
        "line": 1,
        "module": path.removesuffix(".py").replace("/", "."),
        "qualname": "f",
        "kind": "function",
        "form": "plain",
        "is_library": False,
        "number": 0,
        "arguments": [{"name": n, "role": "p"} | encoded(v) for n, v in arguments.items()],
        "outcome": "return",
        **encoded(value),
        "exception": None,
        "yields": [],
        "mutated": [],
        "test": "test_m.py::test",
        "python": "3.12",
    } | more


def sources(**texts: str) -> ProjectSources:
    return ProjectSources.of(
        {f"{name.replace('__', '/')}.py": textwrap.dedent(text) for name, text in texts.items()}
    )


def draft(rows: list[dict[str, Any]], tree: ProjectSources) -> Draft:
    drafts = draft_problems(rows, tree)
    assert not drafts.rejects, drafts.rejects
    (found,) = drafts.kept
    return found


def line_of(text: str, begin: str) -> int:
    return next(n for n, line in enumerate(textwrap.dedent(text).split("\n"), 1) if begin in line)


MODULE = '''\
from __future__ import annotations

import os
import re as regex
from typing import TYPE_CHECKING, List

if TYPE_CHECKING:
    from numpy import ndarray

STEP = 2
TABLE = {}
TABLE["a"] = STEP
UNUSED = os.sep


def helper(x):
    return TABLE["a"] + x


def f(x: ndarray, words: List[str] = ()):
    """Add what is there."""
    # how
    return helper(x) if regex.match("a", "a") else None


HANDLERS = {"f": f}
'''


def test_a_slice_has_what_the_function_needs_and_no_more() -> None:
    rows = [call({"x": "1", "words": "()"}, "3", line=line_of(MODULE, "def f"))]
    found = draft(rows, sources(m=MODULE))
    assert found.columns["level"] == "standalone"
    assert found.columns["prompt"] == textwrap.dedent('''\
        from __future__ import annotations
        from typing import List
        import re as regex


        STEP = 2


        TABLE = {}


        TABLE["a"] = STEP


        def helper(x):
            return TABLE["a"] + x


        def f(x: ndarray, words: List[str] = ()):
            """Add what is there."""
        ''')
    assert found.columns["canonical_solution"] == (
        '    # how\n    return helper(x) if regex.match("a", "a") else None\n'
    )
    assert found.columns["docstring"] == "Add what is there."
    assert found.check() == "def check(candidate):\n    assert candidate(1, ()) == 3\n"
    assert not found.has_harness


def test_what_other_modules_of_the_project_define_is_taken_over() -> None:
    tree = sources(
        pkg____init__="",
        pkg__m="from .names import LIMIT as MOST\nfrom pkg import names2\n\ndef f(x):\n    return x + MOST\n",
        pkg__names="from math import pi\nLIMIT = int(pi)\n",
    )
    rows = [call({"x": "1"}, "4", path="pkg/m.py", line=4)]
    found = draft(rows, tree)
    assert found.columns["level"] == "standalone"
    assert "LIMIT = int(pi)\n\n\nMOST = LIMIT\n" in found.program
    exec(found.program, space := {})
    assert space["f"](1) == 4
    assert found.in_package
    assert found.in_package.columns["prompt"].startswith("from pkg.m import MOST\n")


def test_modules_stand_in_the_order_of_their_imports() -> None:
    tree = sources(
        pkg____init__="",
        pkg__m="from pkg.b import B\n\ndef f(x):\n    x = B()\n    return x\n",
        pkg__a="class Z:\n    pass\n",
        pkg__b="from pkg.a import Z\nclass A:\n    pass\nclass B(A, Z):\n    pass\n",
    )
    value = "obj(ref('pkg.c', 'C'), {})"
    tree = ProjectSources.of(
        {**tree.texts, "pkg/c.py": "from pkg.b import B\nclass C(B):\n    pass\n"}
    )
    found = draft([call({"x": value}, "None", path="pkg/m.py", line=3)], tree)
    assert found.columns["level"] == "standalone"
    exec(found.program, space := {})
    assert isinstance(space["f"](1), space["Z"])


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("import numpy\ndef f(x):\n    return numpy.sum(x)\n", "third_party"),
        ("def f(x):\n    import numpy\n    return numpy.sum(x)\n", "third_party"),
        (
            "try:\n    import numpy\nexcept ImportError:\n    numpy = None\ndef f(x):\n    return numpy\n",
            "standalone",
        ),
        ("import m2\ndef f(x):\n    return m2.g(x)\n", "package"),
        ("def f(x):\n    from m2 import g\n    return g(x)\n", "package"),
        ("def f(x):\n    return __file__ + x\n", "package"),
        ("from m2 import *\ndef f(x):\n    return g(x)\n", "standalone"),
    ],
)
def test_levels(text: str, level: str) -> None:
    tree = sources(m=text, m2="def g(x):\n    return x\n")
    found = draft([call({"x": "1"}, line=line_of(text, "def f"))], tree)
    assert found.columns["level"] == level


def test_a_function_in_a_branch_is_dedented_and_stands_once() -> None:
    text = '''\
    import sys
    if sys.version_info > (3,):
        LIMIT = 3

        def f(x):
            """Doc
            string."""
            return x + LIMIT
    else:
        def f(x):
            return x
    '''
    found = draft([call({"x": "1"}, line=line_of(text, "def f"))], sources(m=text))
    assert found.program.count("def f") == 1
    assert found.program.startswith("LIMIT = 3\n\n\ndef f(x):\n")


CLASS = '''\
class C:
    """A class."""

    step = 1

    LIMIT = 5

    def __init__(self, x):
        self.x = x

    def unused(self):
        return 1

    @property
    def double(self):
        return 2 * self.x

    def f(self, y):
        """Add."""
        return self._added(y)

    def _added(self, y):
        return self.double + y + self.step

    @classmethod
    def made(cls, x):
        return cls(x).x

    def __hidden(self):
        return self.x
'''


def test_a_method_comes_last_in_as_much_of_its_class_as_it_needs() -> None:
    rows = [
        call(
            {"self": "obj(ref('m', 'C'), {'x': 3})", "y": "1"},
            "8",
            line=line_of(CLASS, "def f"),
            qualname="C.f",
            kind="method",
        )
    ]
    found = draft(rows, sources(m=CLASS))
    assert "unused" not in found.program
    assert found.columns["prompt"].endswith('    def f(self, y):\n        """Add."""\n')
    assert found.columns["canonical_solution"] == "        return self._added(y)\n"
    assert found.entry_point == "C.f"
    assert "assert candidate(_object(C, {'x': 3}), 1) == 8" in found.check()
    space: dict[str, Any] = {}
    exec(found.program + "\n" + found.check(), space)
    space["check"](space["C"].f)


def test_a_class_with_bases_is_kept_whole() -> None:
    text = CLASS.replace("class C:", "class C(Base):") + "\n\nclass Base:\n    pass\n"
    row = call(
        {"self": "obj(ref('m', 'C'), {'x': 3})", "y": "1"},
        line=line_of(text, "def f"),
        qualname="C.f",
        kind="method",
    )
    assert "unused" in draft([row], sources(m=text)).program


@pytest.mark.parametrize(
    ("name", "kind", "entry_point"),
    [
        ("double", "method", "C.double.fget"),
        ("made", "class_method", "C.made"),
        ("__hidden", "method", "C._C__hidden"),
    ],
)
def test_entry_points_of_methods(name: str, kind: str, entry_point: str) -> None:
    line = line_of(CLASS, f"def {name}") - (name != "__hidden")
    first = {"cls": "ref('m', 'C')", "x": "1"} if kind == "class_method" else {}
    first = first or {"self": "obj(ref('m', 'C'), {'x': 3})"}
    found = draft([call(first, line=line, qualname=f"C.{name}", kind=kind)], sources(m=CLASS))
    assert found.entry_point == entry_point
    exec(found.program, space := {})
    assert callable(eval(entry_point, space))


SIMPLE = "def f(x, *rest, key=None, **more):\n    x = x\n    return x\n"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([call({"x": "?"})], "opaque_argument"),
        ([call({"x": "1"}, "?")], "opaque_result"),
        ([call({"x": "1"}, "1"), call({"x": "1"}, "2")], "not_deterministic"),
        ([call({"x": "1"}, form="coroutine")], "coroutine"),
        ([call({"x": "1"}, line=7)], "no_definition"),
        ([call({"x": "1"}, path="lost.py")], "no_source"),
        ([call({"x": "1"}, path="test/m.py")], "test_code"),
        ([call({"x": "1"}, path="test_m.py")], "test_code"),
        ([call({"x": "1"}, qualname="g.<locals>.f", kind="nested")], "nested"),
        ([call({"x": "1"}, qualname="C.__new__", kind="static_method")], "lifecycle_method"),
        ([call({"y": "1"})], "no_definition"),
        (
            [call({"x": "1"}, "?", outcome="raise", exception="builtins:SystemExit")],
            "exits",
        ),
    ],
)
def test_why_functions_are_dropped(rows: list[dict], reason: str) -> None:
    drafts = draft_problems(rows, sources(m="def f(x):\n    x = x\n    return x\n"))
    assert not drafts.kept
    (reject,) = drafts.rejects
    assert reject["reason"] == reason
    assert reject["value"].startswith(rows[0]["qualname"])


@pytest.mark.parametrize(
    ("body", "is_kept"),
    [
        ("return {'a': (1, 2)}", False),
        ("'''Doc.'''\n    return -1", False),
        ("pass", False),
        ("return x", True),
        ("return [x, 1]", True),
        ("raise ValueError(x)", True),
        ("yield 1", True),
    ],
)
def test_functions_that_only_return_a_literal_are_no_problems(body: str, is_kept: bool) -> None:
    drafts = draft_problems([call({"x": "1"})], sources(m=f"def f(x):\n    {body}\n"))
    assert bool(drafts.kept) == is_kept
    assert [r["reason"] for r in drafts.rejects] == [] if is_kept else ["constant_body"]


def test_arguments_are_written_as_in_a_call() -> None:
    row = call({"x": "1", "key": "'k'", "rest": "(2, 3)", "more": "{'a': 4, 'not a name': 5}"}, "1")
    found = draft([row], sources(m=SIMPLE))
    assert found.check() == (
        "def check(candidate):\n"
        "    assert candidate(1, 2, 3, key='k', a=4, **{'not a name': 5}) == 1\n"
    )
    assert found.has_harness


def test_checks_of_all_that_can_come_of_a_call() -> None:
    text = "import datetime\nclass Odd(Exception):\n    pass\ndef f(x):\n    x = x\n    raise Odd\n"
    rows = [
        call({"x": "[3, 1]"}, "None", mutated=[{"name": "x", "value": "[1, 3]", "encoding": "L"}]),
        call({"x": "1"}, "ref('datetime', 'date')(2020, 1, 2)"),
        call({"x": "2"}, "()", outcome="raise", exception="m:Odd"),
        call({"x": "3"}, "float('nan')"),
    ]
    for row in rows:
        row["line"] = 4
    found = draft(rows, sources(m=text))
    assert found.check().endswith(
        textwrap.dedent("""\
        def check(candidate):
            import datetime
            value_1 = [3, 1]
            assert candidate(value_1) is None
            assert value_1 == [1, 3]
            assert candidate(1) == datetime.date(2020, 1, 2)
            try:
                candidate(2)
            except Odd:
                pass
            else:
                raise AssertionError("no Odd")
            assert _shown(candidate(3)) == _shown(float('nan'))
        """)
    )


def test_at_most_ten_cases_those_with_outcomes_of_their_own_first() -> None:
    rows = [call({"x": str(n)}, "0" if n < 12 else str(n)) for n in range(15)]
    found = draft(rows, sources(m="def f(x):\n    x = x\n    return x\n"))
    assert [case.arguments[0].value.text for case in found.cases] == [
        *map(str, range(7)),
        "12",
        "13",
        "14",
    ]
