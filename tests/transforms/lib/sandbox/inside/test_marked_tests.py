"""A check whose text marks its tests: the verdict is that of the same check without marks."""

import re
from collections.abc import Iterator

import pytest

from transforms.lib.sandbox import Checked, Limits, Sandbox
from transforms.lib.sandbox.outcomes import MarkCounts

LIMITS = Limits(wall=60.0, cpu=1)
CHECK = """def check(candidate):
    with __test__(0): assert candidate(1) == 2
    with __test__(1): assert candidate(2) == 3, "two"
    for x in (3, 4):
        with __test__(2): assert candidate(x) == x + 1
"""
PROGRAMS = {
    "right": ("def f(x): return x + 1", MarkCounts(4, 4, whole=True)),
    "wrong once": ("def f(x): return x + (x != 2)", MarkCounts(4, 3, 1, True, True)),
    "wrong, then endless": (
        "def f(x):\n    while x == 4: pass\n    return x + (x != 2)",
        MarkCounts(4, 2, 1, True, True),
    ),
    "endless": (
        "def f(x):\n    while x == 3: pass\n    return x + 1",
        MarkCounts(4, 2, 2, whole=True),
    ),
    "endless while it is loaded": ("while True: pass", MarkCounts(4, 0, 0, whole=True)),
    "raises": ("def f(x): raise ValueError(x)", MarkCounts(4, 0, 0, True, True)),
    "ends itself": (
        "import os\ndef f(x):\n    if x == 2: os._exit(0)\n    return x + 1",
        MarkCounts(4, 1, 1, whole=True),
    ),
    "does not parse": ("def f(", MarkCounts(4, 0, 0, whole=True)),
    "forges": (
        "class C:\n    __eq__ = lambda *a: True\ndef f(x): return C()",
        MarkCounts(4, 0, 0, True, True),
    ),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def verdict(checked: Checked) -> tuple[bool, str, str | None]:
    return checked.passed, checked.why, checked.ending.limit


@pytest.mark.parametrize("name", PROGRAMS)
def test_counts_and_the_same_verdict(sandbox: Sandbox, name: str) -> None:
    program, counts = PROGRAMS[name]
    marked = sandbox.check(program, "f", CHECK, LIMITS, marked=True)
    plain = sandbox.check(program, "f", re.sub(r"with __test__\(\d\): ", "", CHECK), LIMITS)
    assert verdict(marked) == verdict(plain)
    assert (marked.tests, plain.tests) == (counts, None)


def test_a_fraction_of_a_cpu_second(sandbox: Sandbox) -> None:
    """Whoever used more has hit the limit, though it ended by itself."""
    program = "import time\ndef f():\n    while time.process_time() < 0.4: pass\n    return 1"
    check = "def check(candidate): assert candidate() == 1"
    got = [sandbox.check(program, "f", check, Limits(cpu=cpu)) for cpu in (0.2, 1.5, 2)]
    assert [(each.passed, each.ending.limit) for each in got] == [
        (False, "cpu"),
        (True, None),
        (True, None),
    ]
