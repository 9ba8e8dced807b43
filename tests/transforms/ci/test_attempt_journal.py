"""Attempts that are kept come back as they were, and decide alike on the next one."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.project_trees import tar_of, tree
from transforms.ci.attempt import GREEN, PARTLY, Attempt, Checkout
from transforms.ci.attempt_journal import AttemptJournal
from transforms.ci.build_orders import Build
from transforms.ci.causes import Cause
from transforms.ci.ladder import Rung
from transforms.ci.next_attempt import plan
from transforms.ci.recipe import Recipe
from transforms.ci.repairs import Repairs
from transforms.lib.skeleton.storage import Storage

TEXTS = {"tox.ini": "[testenv]\n", "test_a.py": ""}
PROJECT = Checkout(tree(TEXTS), tar_of(TEXTS), "1.0", date(2019, 3, 1))
RECIPES = [
    Recipe("tox", "3.6", commands=(("pytest",),)),
    Recipe("fallback", commands=(("pytest", "-q"),)),
]
PYTHONS = {"3.6": "/p/bin/python3.6", "3.12": "/p/bin/python3.12"}
SOCKET = "/run/index"
BUILD = Build(
    RECIPES[0],
    Rung("named", "3.6", True, date(2019, 3, 31)),
    PROJECT.tree,
    PYTHONS["3.6"],
    SOCKET,
    "1.0",
    ("mock",),
    True,
)
ATTEMPT = Attempt(
    1,
    1,
    BUILD,
    PARTLY,
    Cause("tests_fail", "test_a.py::test"),
    "as asked",
    Repairs(("mock",), True, ("src",), True),
    {"test_a.py::test": "failed", "test_b.py::test": "passed"},
    ("test_c.py::test",),
    [{"name": "mock", "file": "mock-1.0-py3-none-any.whl"}],
    log="the end",
    seconds=3.5,
    cpu=1.0,
    tests_cpu=0.5,
)


@pytest.fixture
def journal(tmp_path: Path) -> AttemptJournal:
    return AttemptJournal(Storage(str(tmp_path)), "00001", "config")


def read(journal: AttemptJournal) -> list[Attempt]:
    return journal.read(PROJECT, RECIPES, PYTHONS, SOCKET)


def test_an_attempt_comes_back_without_what_is_large(journal) -> None:
    journal.put(replace(ATTEMPT, environment=b"tar", traces={"1": b"calls"}))
    assert read(journal) == [ATTEMPT]


def test_the_next_attempt_is_the_same(journal) -> None:
    other = replace(ATTEMPT, number=2, rank=2, build=replace(BUILD, recipe=RECIPES[1]))
    for attempt in (ATTEMPT, other):
        journal.put(attempt)
    again = plan(PROJECT, RECIPES, list(PYTHONS), read(journal))
    assert again == plan(PROJECT, RECIPES, list(PYTHONS), [ATTEMPT, other]) is not None


def test_what_is_of_another_run_or_cut_is_no_attempt(journal) -> None:
    assert read(journal) == []
    journal.put(ATTEMPT)
    assert read(replace(journal, config="other")) == []
    assert read(replace(journal, unit="00002")) == []
    journal.put(replace(ATTEMPT, number=2))
    Path(journal.data.path("_work/ci/attempts/00001/1.json")).write_text('{"config": "con')
    assert read(journal) == [], "none after one that is lost"


def test_no_green_attempt_is_needed(journal) -> None:
    """The rows of a green attempt are committed at once: it is the last one."""
    assert plan(PROJECT, RECIPES, list(PYTHONS), [replace(ATTEMPT, state=GREEN)]) is not None
