"""Replay: calls are made again in the sandbox, and only what comes out again is a problem."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from schemas import CI_PROBLEMS
from tests.transforms.ci.test_traced_problems import call, draft, sources
from transforms.ci.replay import Replayed, ReplaySandboxes, replay_draft
from transforms.lib.problems.checks import TestCase
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.verify.decision import decide

PARTS = """\
import collections
import datetime
import enum
import random
import time


class Colour(enum.Enum):
    RED = 1


class Point:
    def __init__(self, x):
        self.x = x

    def moved(self, by):
        self.x += by
        return Point(self.x)


class Slots:
    __slots__ = ("a",)


class Named(dict):
    pass


def f(x):
    {}
    return y
"""
POINT = "obj(ref('m', 'Point'), {'x': 1})"


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[ReplaySandboxes]:
    with ReplaySandboxes() as started:
        yield started


def replayed(sandboxes: ReplaySandboxes, body: str, *cases: tuple[str, str]) -> Replayed:
    text = PARTS.format(body)
    line = text.split("\n").index("def f(x):") + 1
    rows = [call({"x": argument}, value, line=line) for argument, value in cases]
    return replay_draft(draft(rows, sources(m=text)), sandboxes)


@pytest.mark.parametrize(
    ("body", "argument", "value"),
    [
        ("y = x", "{'b': 1, 'a': {2, 3}}", "{'a': {3, 2}, 'b': 1}"),
        (
            "y = x + datetime.timedelta(1)",
            "ref('datetime', 'date')(2020, 1, 1)",
            "ref('datetime', 'date')(2020, 1, 2)",
        ),
        ("y = Point(x)", "1", POINT),
        ("y = x.x", POINT, "1"),
        ("y = Colour.RED", "1", "ref('m', 'Colour').RED"),
        ("y = Slots(); y.a = x", "1", "obj(ref('m', 'Slots'), {'a': 1})"),
        ("y = Named(x)", "{'a': 1}", "obj(ref('m', 'Named'), {}, {'a': 1})"),
        ("y = x['a']", "obj(ref('m', 'Named'), {}, {'a': 1})", "1"),
        ("y = collections.Counter(x)", "'aab'", "ref('collections', 'Counter')({'a': 2, 'b': 1})"),
        ("y = float(x)", "'nan'", "float('nan')"),
        ("y = frozenset([x])", "1", "frozenset({1})"),
        ("y = Point", "1", "ref('m', 'Point')"),
    ],
)
def test_values_of_many_kinds_come_out_again(
    sandboxes: ReplaySandboxes, body: str, argument: str, value: str
) -> None:
    row = replayed(sandboxes, body, (argument, value)).row
    assert row is not None
    pa.Table.from_pylist([row], schema=CI_PROBLEMS.schema)
    assert row["n_tests"] == 1


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("y = x + 1", "3"),
        ("y = x", "True"),
        ("y = float(x)", "1"),
        ("y = random.random()", "0.5"),
        ("y = time.time()", "1.5"),
        ("y = time.timezone", "0"),
        ("y = hash('a')", "5"),
        ("y = [1 for _ in iter(int, 1)]", "[]"),
        ("raise SystemExit", "1"),
        ("y = open('/etc/passwd').read()", "''"),
    ],
)
def test_what_comes_out_otherwise_is_no_problem(
    sandboxes: ReplaySandboxes, body: str, value: str
) -> None:
    result = replayed(sandboxes, body, ("1", value))
    assert result.row is None
    assert result.reason == "does_not_replay"


def test_single_cases_that_differ_are_left_out(sandboxes: ReplaySandboxes) -> None:
    row = replayed(sandboxes, "y = x + 1", ("1", "2"), ("2", "3"), ("3", "5")).row
    assert row
    assert [test["input"] for test in row["tests"]] == ["(1,)", "(2,)"]
    assert row["unused_tests"] == 1


def test_above_standalone_an_environment_is_needed(sandboxes: ReplaySandboxes) -> None:
    text = "import numpy\n\n\ndef f(x):\n    return numpy.sum(x)\n"
    result = replay_draft(draft([call({"x": "1"}, line=4)], sources(m=text)), sandboxes)
    assert result.reason == "no_environment"


def test_verify_takes_the_rows_with_and_without_a_harness(sandboxes: ReplaySandboxes) -> None:
    plain = replayed(sandboxes, "y = x + 1", ("1", "2"), ("2", "3"), ("5", "6"))
    objects = replayed(sandboxes, "y = x.moved(2)", (POINT, POINT.replace("1", "3")))
    assert objects.reason == "does_not_replay"  # the argument changes too
    harness = replayed(
        sandboxes,
        "y = Point(x.x + 1)",
        *((POINT.replace("1", f"{n}"), POINT.replace("1", f"{n + 1}")) for n in range(3)),
    )
    with Sandboxes() as started:
        for result in (plain, harness):
            assert result.row
            decision = decide(Candidate.of(result.row), started, None)
            assert decision.reason is None, decision


def test_tests_are_texts(sandboxes: ReplaySandboxes) -> None:
    row = replayed(sandboxes, "y = x.x", (POINT, "1")).row
    assert row
    (test,) = row["tests"]
    expected = TestCase("(\"_object(Point, {'x': 1})\",)", "'1'", "test_m.py::test")
    assert test == vars(expected)
    assert row["test"].endswith(
        "def check(candidate):\n    assert candidate(_object(Point, {'x': 1})) == 1\n"
    )
