"""Calls of a program: outcomes, limits, and what does not carry over from run to run."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.lib.sandbox.conftest import show_to_all
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox import Limits, NotData, Opaque, Raised, Returned, Sandbox
from transforms.lib.sandbox.tiers import REQUESTED_TIERS, TIERS

ADD = "def add(a, b=1):\n    return a + b"


def test_outcomes(any_sandbox: Any) -> None:
    got = any_sandbox.calls(ADD, "add", [(1, 2), {"a": 5}, ("x",), (), ([1], [2.5])])
    assert got.outcomes == (
        Returned(3),
        Returned(6),
        Raised("TypeError", 'can only concatenate str (not "int") to str'),
        Raised("TypeError", "add() missing 1 required positional argument: 'a'"),
        Returned([1, 2.5]),
    )
    assert got.failed is None
    assert (got.ending.tier, got.ending.limit, got.ending.exit_code) == (any_sandbox.tier, None, 0)
    assert 0 < got.ending.cpu < 1
    assert 0 < got.ending.seconds < 60  # seconds and no other unit, on a busy machine too


def test_an_entry_point_is_an_expression(any_sandbox: Any) -> None:
    program = "class Solution:\n    def twoSum(self, n, t): return sorted(n)[:t]"
    got = any_sandbox.calls(program, "Solution().twoSum", [([3, 1, 2], 2)])
    assert got.outcomes == (Returned([1, 2]),)


def test_arguments_after_a_call(any_sandbox: Any) -> None:
    program = "def turn(items, name='x'):\n    items.reverse()"
    got = any_sandbox.calls(program, "turn", [([1, 2],), {"items": [3, 4]}], keep_arguments=True)
    assert got.outcomes == (Returned(None, ([2, 1],)), Returned(None, {"items": [4, 3]}))


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        ("def f(: pass", "SyntaxError", "invalid syntax (<program>, line 1)"),
        ("g = 1", "NameError", "name 'f' is not defined"),
        (
            "import nothing_of_the_kind",
            "ModuleNotFoundError",
            "No module named 'nothing_of_the_kind'",
        ),
        ("raise SystemExit(3)", "SystemExit", "3"),
        ("class E(BaseException): pass\nraise E('why')", "E", "why"),
        ("f = '\\ud800'\nraise ValueError(f)", "ValueError", "\ud800"),
    ],
)
def test_a_program_that_fails_before_any_call(
    any_sandbox: Any, program: str, kind: str, message: str
) -> None:
    got = any_sandbox.calls(program, "f", [(1,), (2,)])
    assert got.failed == Raised(kind, message)
    assert got.outcomes == ()


def test_calls_after_the_end_have_no_outcome(any_sandbox: Any) -> None:
    program = "import os\ndef f(n):\n    if n == 2: os._exit(7)\n    return n"
    got = any_sandbox.calls(program, "f", [(0,), (1,), (2,), (3,)])
    assert got.outcomes == (Returned(0), Returned(1))
    assert got.ending.exit_code == 7


def test_results_that_are_not_data(any_sandbox: Any) -> None:
    got = any_sandbox.calls("def f(x): return [object(), f, {1: x}][x]", "f", [(0,), (1,), (2,)])
    assert got.outcomes == (
        Opaque("a value of type object"),
        Opaque("a value of type function"),
        Returned({1: 2}),
    )
    with pytest.raises(NotData):
        any_sandbox.calls(ADD, "add", [(object(),)])


def test_a_fresh_process_for_each_run(any_sandbox: Any) -> None:
    program = "import builtins, json\ndef f():\n    seen = vars(builtins).setdefault('seen', [])\n"
    program += "    json.dumps = None\n    seen.append(1)\n    return len(seen)"
    for _ in range(2):
        assert any_sandbox.calls(program, "f", [(), ()]).outcomes == (Returned(1), Returned(2))


def test_the_standard_library_is_there(any_sandbox: Any) -> None:
    names = (
        "asyncio",
        "bisect",
        "collections",
        "concurrent.futures",
        "csv",
        "dataclasses",
        "decimal",
        "hashlib",
        "heapq",
        "itertools",
        "json",
        "math",
        "numbers",
        "queue",
        "random",
        "re",
        "sqlite3",
        "ssl",
        "statistics",
        "string",
        "subprocess",
        "tempfile",
        "threading",
        "typing",
        "unittest",
        "xml.etree.ElementTree",
        "zlib",
        "zoneinfo",
    )
    got = any_sandbox.calls(
        "import importlib",
        "lambda name: importlib.import_module(name) and 1",
        [(name,) for name in names],
    )
    assert got.outcomes == (Returned(1),) * len(names)


def test_installed_packages_are_hidden(any_sandbox: Any) -> None:
    got = any_sandbox.calls("import pip", "pip", [])
    assert got.failed == Raised("ModuleNotFoundError", "No module named 'pip'")


def test_threads_files_asyncio(any_sandbox: Any) -> None:
    program = """
import asyncio, os, tempfile, threading
def threads():
    found = []
    made = [threading.Thread(target=found.append, args=(n,)) for n in range(5)]
    for thread in made: thread.start()
    for thread in made: thread.join()
    return sorted(found)
def files():
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, 'x'), 'w+') as file:
        file.write('here')
        file.seek(0)
        return file.read()
async def later():
    await asyncio.sleep(0.01)
    return 'later'
"""
    for expression, value in (
        ("threads", [0, 1, 2, 3, 4]),
        ("files", "here"),
        ("lambda: asyncio.run(later())", "later"),
    ):
        assert any_sandbox.calls(program, expression, [()]).outcomes == (Returned(value),)


SMALL = Limits(wall=20.0, cpu=1, memory=200 << 20, file_size=1 << 20, disk=4 << 20, output=10_000)
LIMITED = {
    "cpu": "def f():\n    while True: pass",
    "memory": "def f():\n    held = []\n    while True: held.append(bytearray(1 << 20))",
    "processes": "import os\ndef f(): return os.fork()",
    "file_size": "def f():\n    with open('x', 'wb') as file: file.write(bytes(2 << 20))",
    "disk": "def f():\n    for n in range(100):\n        with open(str(n), 'wb') as file: file.write(bytes(1 << 20))\n    import time; time.sleep(10)",
    "output": "def f(): return 'x' * 20_000",
}


@pytest.mark.parametrize("limit", LIMITED)
def test_the_limit_that_was_hit_is_named(sandbox: Any, limit: str) -> None:
    got = sandbox.calls(LIMITED[limit], "f", [()], SMALL)
    assert got.ending.limit == limit
    assert not any(isinstance(each, Returned) for each in got.outcomes)


def test_outcomes_before_the_limit_are_kept(any_sandbox: Any) -> None:
    program = "import time\ndef f(n):\n    time.sleep(n)\n    return n"
    # Long enough for the first call on a busy machine.
    got = any_sandbox.calls(program, "f", [(0,), (1000,), (0,)], Limits(wall=3.0))
    assert (got.outcomes, got.ending.limit) == ((Returned(0),), "wall")


def test_what_programs_may_depend_on_is_fixed_and_can_be_varied() -> None:
    program = """
import os, time
def f():
    return [hash('quire'), time.strftime('%H', time.localtime(0)), os.path.basename(os.getcwd())]
"""
    settings: list[dict[str, Any]] = [
        {},
        {},
        {"hash_seed": 1},
        {"time_zone": "XXX-5"},
        {"directory": "elsewhere"},
    ]
    values = []
    for setting in settings:
        with Sandbox(**setting) as sandbox:
            values.append(sandbox.calls(program, "f", [()]).outcomes[0].value)
    assert values[0] == values[1]
    assert values[2][0] != values[0][0]
    assert (values[0][1], values[3][1]) == ("00", "05")
    assert values[4][2] == "elsewhere"


MODULES = {"own_library.py": "VALUE = 7", "json.py": "raise SystemExit"}


@pytest.fixture
def libraries(tmp_path: Path) -> dict[str, Path]:
    """Modules in a folder, and in a zip as it is lent: readable for all, and nothing else is."""
    show_to_all(tmp_path)
    (tmp_path / "folder").mkdir()
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        for name, text in MODULES.items():
            (tmp_path / "folder" / name).write_text(text)
            archive.writestr(name, text)
    return {kind: tmp_path / kind for kind in ("folder", "zip")}


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("tier", [tier.NAME for tier in (*TIERS, *REQUESTED_TIERS)])
def test_libraries_come_after_the_standard_library(
    tier: str, kind: str, libraries: dict[str, Path]
) -> None:
    try:
        sandbox = Sandbox(tier, libraries=[str(libraries[kind])])
    except PipelineError as error:
        pytest.skip(str(error))
    with sandbox:
        got = sandbox.calls("import json, own_library", "lambda: own_library.VALUE", [()])
        assert got.outcomes == (Returned(7),)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_program_cannot_change_a_library(kind: str, libraries: dict[str, Path]) -> None:
    program = "def f(place):\n    open(place, 'ab').write(b'x')\n"
    place = libraries[kind] / "own_library.py" if kind == "folder" else libraries[kind]
    before = place.read_bytes()
    place.chmod(0o666)
    with Sandbox(libraries=[str(libraries[kind])]) as sandbox:
        (outcome,) = sandbox.calls(program, "f", [(str(place),)]).outcomes
    assert isinstance(outcome, Raised)
    assert place.read_bytes() == before


@pytest.mark.parametrize("closed", ["none", "closed.zip"])
def test_a_library_that_the_sandbox_cannot_read(tmp_path: Any, closed: str) -> None:
    show_to_all(tmp_path)
    (tmp_path / "closed.zip").touch(mode=0o000)
    with pytest.raises(UsageError, match=f"{tmp_path}/{closed}: the sandbox's user cannot read it"):
        Sandbox(libraries=[str(tmp_path / closed)])


MEMORY = """
import ctypes, gc, os
libc = ctypes.CDLL(None, use_errno=True)
def regions():
    places = sorted({id(each) >> 20 for each in gc.get_objects()} | {id(n) >> 20 for n in (os, gc)})
    heap = libc.sbrk
    heap.restype, heap.argtypes = ctypes.c_void_p, [ctypes.c_long]
    end = heap(0) >> 20
    return sorted({near for place in places for near in range(place - 2, place + 3)}
                  | set(range(end - 16, end + 1)))
def find(parts):
    first, second = (part.encode() for part in parts)  # never side by side in this process
    found = scanned = 0
    reading, writing = os.pipe()
    for region in regions():
        for page in range(region << 20, (region + 1) << 20, 4096):
            if libc.write(writing, ctypes.c_void_p(page), 4096) == 4096:  # EFAULT, not a fault
                scanned += 1
                content = os.read(reading, 4096)
                at = content.find(first)
                while at >= 0:
                    found += content[at + len(first):].startswith(second)
                    at = content.find(first, at + 1)
    return found, scanned
"""


def test_memory_holds_nothing_of_other_programs(any_sandbox: Any) -> None:
    """The right solution, its answers and a check ran before; a later program looks for them."""
    mark = "answer-to-all-74650"
    right = f"def f():\n    '''{mark}'''\n    return '{mark}'"
    parts = [mark[:7], mark[7:]]
    assert any_sandbox.calls(right, "f", [()]).outcomes == (Returned(mark),)
    assert any_sandbox.check(right, "f", f"def check(c): assert c() == '{mark}'").passed
    assert any_sandbox.stdio(f"print('{mark}')", mark).stdout == mark + "\n"
    (got,) = any_sandbox.calls(MEMORY, "find", [(parts,)]).outcomes
    found, scanned = got.value
    assert found == 0
    assert scanned > 1000
    (own,) = any_sandbox.calls(MEMORY + f"\nkept = '{mark}' * 9", "find", [(parts,)]).outcomes
    assert own.value[0] > 0  # it does find what is there


def test_a_candidate_holds_nothing_of_its_check(any_sandbox: Any) -> None:
    mark = "expected-by-the-check-9911"
    check = "def check(candidate):\n    found, scanned = candidate(['expected-by', '-the-check-9911'])\n"
    check += f"    assert found == 0, '{mark}'\n    assert scanned > 1000"
    got = any_sandbox.check(MEMORY, "find", check)
    assert got.passed, got.why
