"""Formats meet anything: what they make of it is a problem or a reason, never an error."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import CONTEST_PROBLEMS
from transforms.contests.formats import FORMATS, by_name
from transforms.contests.stage import _table, extract_problems
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.records.entry import Entry

# Parts of what formats look for, and of what breaks parsers.
WORDS = st.sampled_from(
    [
        "class Solution:\n    def f(self, a: List[int], b=1) -> int:\n        return a\n",
        "class Solution:\n    def f(self, *a): return self.f\n",
        "def f(a): return a\n",
        "def f(a):\n    '''\n    >>> f(1)\n    2\n    '''\n",
        "class A(B):\n  x = 1\n",
        "f = 1\n",
        "Input: a = [1], b = 2\nOutput: 3\n",
        'Input: ["A","f"]\n[[],[1]]\nOutput: [null,1]\n',
        "import x",
        "from . import y",
        ">>> f(",
        "]]>",
        "<pre>",
        "\0",
        "\ud800",
        "\r\n",
        "\t",
        "  ",
        "'''",
        '"',
        "\\",
        "(" * 99,
        "-" * 300,
        "a" + ".b" * 250,
        "{",
        "}",
        "0" * 5000,
        "lambda: 0",
        "async def f(): pass\n",
        "nonlocal x\n",
        "# c\n",
        "def f(a, a): return a\n",
        "@f\n",
        "if 1:\n  def f(a): pass\n",
        "try:\n  from m import f\nexcept: pass\n",
        "1e999",
        "null",
        "true",
    ]
)
TEXT = st.lists(WORDS | st.text(max_size=20), max_size=6).map("".join)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["inputs", "outputs", "fn_name", "input", "output", "language", "solution"]
            )
            | TEXT,
            v,
            max_size=3,
        )
    ),
    max_leaves=8,
)
FIELDS = [
    "question",
    "solutions",
    "input_output",
    "starter_code",
    "name",
    "description",
    "url",
    "tags",
    "public_tests",
    "private_tests",
    "incorrect_solutions",
    "cf_tags",
    "source",
    "task_id",
    "completion",
    "entry_point",
    "test",
    "meta",
    "examples",
    "official_tests",
    "input_format",
    "repo",
    "path",
    "content",
    "problem_id",
    "input_file",
    "problem_description",
]
RECORDS = st.dictionaries(
    st.sampled_from(FIELDS),
    VALUE
    | VALUE.map(json.dumps)
    | st.sampled_from(
        [3, "f", "Solution().f", '{"fn_name": "f", "inputs": [[1]], "outputs": [2]}']
    ),
)
FILES = [
    "README_EN.md",
    "README.md",
    "Solution.py",
    "Solution2.py",
    "question.txt",
    "solutions.json",
    "input_output.json",
    "metadata.json",
    "starter_code.py",
]
UNIT = "import unittest\nfrom m import f, g\nclass T(unittest.TestCase):\n    def test_a(self):\n        "
CONFIG = '{"files": {"solution": ["m.py"], "test": ["m_test.py"], "example": [".meta/example.py"]}}'
RELAXED = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def outcomes(contest, entry):
    found = list(extract_problems(contest, entry))
    rows = [o.row(Origin(contest.name, "r", None, "p")) for o in found if isinstance(o, Problem)]
    _table(rows, CONTEST_PROBLEMS.name)
    assert all(isinstance(o, Problem | Dropped) for o in found)
    return found


@pytest.mark.parametrize("contest", [c for c in FORMATS if c.of_record], ids=lambda c: c.name)
@given(RECORDS)
@RELAXED
def test_any_record(contest, record):
    assert outcomes(contest, Entry("f:1", record=record)) or contest.name == "doctest"


@pytest.mark.parametrize("name", ["leetcode", "apps", "doctest"])
@given(st.dictionaries(st.sampled_from(FILES), TEXT, min_size=1))
@RELAXED
def test_any_folder(name, files):
    contest = by_name(name)
    wanted = {f"a/{n}": text for n, text in files.items() if contest.folder_of(f"a/{n}")}
    found = outcomes(contest, Entry("a", files=wanted))
    assert len(found) == bool(wanted) or name == "doctest"


@given(TEXT, TEXT, TEXT)
@RELAXED
def test_any_exercise(example, test, rest):
    files = {"config.json": CONFIG, "example.py": example, "m_test.py": UNIT + test + rest}
    paths = {
        f"exercises/practice/x/{'.meta/' if n[0] in 'ce' else ''}{n}": t for n, t in files.items()
    }
    outcomes(by_name("exercism"), Entry("x", files=paths))


@pytest.mark.parametrize("wrong", ["nonlocal x", "def g(a, a): pass", "def g(): x = 1; global x"])
def test_what_has_a_tree_and_no_meaning_is_no_python(wrong):
    record = {
        "question": "Add.",
        "solutions": [f"class Solution:\n    def f(self, a): return a\n{wrong}"],
        "input_output": {"fn_name": "f", "inputs": [[1]], "outputs": [1]},
    }
    (found,) = outcomes(by_name("apps"), Entry("f:1", record=record))
    assert found.reason == "not_python3"


def test_deep_and_large_ones_are_refused_in_time():
    deep = "class Solution:\n    def f(self, a):\n        return " + "(" * 90 + "a" + ")" * 90
    for body in (
        deep,
        deep + "+a" * 5000,
        "def f(a):\n" + "".join(f"{' ' * n}if a:\n" for n in range(1, 98)) + " " * 98 + "pass",
        "x=[" + "1," * 30_000 + "]",
    ):
        record = {
            "question": "q" * 1000,
            "solutions": [body, "def f(a): return a"],
            "input_output": {"fn_name": "f", "inputs": [[1]], "outputs": [1]},
        }
        begin = time.process_time()
        assert outcomes(by_name("apps"), Entry("f:1", record=record))
        assert time.process_time() - begin < 10
