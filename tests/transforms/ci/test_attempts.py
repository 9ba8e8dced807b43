"""Attempts on tiny projects: what is green, what is repaired, what is a cause, what is recorded."""

import io
import json
import tarfile
from dataclasses import replace
from datetime import date

import pytest

from schemas.environments import ENVIRONMENTS
from schemas.recipes import RECIPES
from tests.transforms.ci.conftest import OWN, project_of
from transforms.ci.attempt import GREEN, NOT_BUILT, PARTLY, Attempt, Workshop
from transforms.ci.attempts import attempts, recorded
from transforms.ci.causes import CAUSES
from transforms.ci.ci_rows import attempt_row, recipe_row
from transforms.ci.interpreters import interpreters
from transforms.ci.locks import rebuilt
from transforms.ci.next_attempt import best
from transforms.ci.package_proxy import PackageProxy
from transforms.ci.recipe import Recipe
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.storage import Storage

PYTEST = ("python", "-m", "pytest")
UNITTEST = ("python", "-m", "unittest", "-v")
CODE = "def double(number):\n    return 2 * number\n"
GOOD = "from code_of import double\n\ndef test_double():\n    assert double(2) == 4\n"


def tried(workshop, texts, *recipes, most: int = 4, **settings) -> list[Attempt]:
    workshop = replace(workshop, attempts=most)
    project = project_of(texts, **settings)
    given = recipes or (Recipe("fallback", deps=("pytest",), commands=(PYTEST,)),)
    found = list(attempts(workshop, project, given))
    for each in found:
        assert each.cause is None or each.cause.name in CAUSES
    return found


@pytest.fixture(scope="module")
def green(sandbox, index) -> Attempt:
    """An attempt on a project whose test passes."""
    with PackageProxy(index) as proxy:
        workshop = Workshop(sandbox, proxy, {OWN: interpreters()[OWN]})
        (attempt,) = tried(workshop, {"code_of.py": CODE, "test_it.py": GOOD})
    return attempt


def test_a_green_project_is_recorded_at_once(green) -> None:
    attempt = green
    assert (attempt.state, attempt.cause) == (GREEN, None)
    assert attempt.tests == {"test_it.py::test_double": "passed"}
    lines = b"".join(attempt.traces.values()).splitlines()
    assert any(b"double" in line and json.loads(line) for line in lines)


def test_rows_have_the_columns_of_their_data_sets(green) -> None:
    attempt = green
    named = {"repo", "commit", "archive_sha256"}
    row = attempt_row(attempt, chosen=True)
    of_project = {"lines_dropped", "modules_sha256"}
    assert set(row) | named | of_project == set(ENVIRONMENTS.schema.names)
    recipe = recipe_row(attempt.build.recipe, 1, OWN)
    assert set(recipe) | named == set(RECIPES.schema.names)


def test_failing_tests_are_named_and_left_out_of_the_recording(workshop) -> None:
    texts = {
        "code_of.py": CODE,
        "test_it.py": GOOD + "def test_bad():\n    assert double(1) == 3\n",
    }
    found = tried(workshop, texts, most=1)
    chosen = best(found)
    assert chosen is not None
    assert (chosen.state, chosen.cause.name) == (PARTLY, "tests_fail")
    assert chosen.left_out == ("test_it.py::test_bad",)
    assert not chosen.traces
    text = b"".join(recorded(workshop, project_of(texts), chosen).traces.values())
    assert b"double" in text
    assert b'"3"' not in text


def test_a_test_that_passes_every_other_time_is_not_stable(workshop) -> None:
    counting = """
import os
def test_first_of_two():
    assert not os.environ["QUIRE_REPORTS"].endswith("1")
def test_always():
    pass
"""
    chosen = best(tried(workshop, {"test_it.py": counting}, most=1))
    assert chosen is not None
    assert chosen.cause.name == "not_stable"
    assert chosen.left_out == ("test_it.py::test_first_of_two",)


def test_names_of_unittest_are_those_of_its_tests(workshop) -> None:
    text = """
import unittest
from code_of import double
class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(double(1), 2)
    @unittest.skip("no")
    def test_b(self): pass
"""
    recipe = Recipe("tox", commands=(UNITTEST,))
    (attempt,) = tried(workshop, {"code_of.py": CODE, "test_it.py": text}, recipe)
    assert attempt.state == GREEN
    assert attempt.tests == {"test_it.T.test_a": "passed", "test_it.T.test_b": "skipped"}


def test_tests_of_make_are_found_and_measuring_does_nothing(workshop) -> None:
    texts = {
        "code_of.py": CODE,
        "test_it.py": GOOD,
        "Makefile": "test:\n\tflake8 .\n\tcoverage run -m pytest --cov x -n auto\n\tcoverage xml\n",
    }
    (attempt,) = tried(
        workshop, texts, Recipe("travis", deps=("pytest",), commands=(("make", "test"),))
    )
    assert attempt.state == GREEN
    assert attempt.names("passed") == ["test_it.py::test_double"]


def test_options_of_plug_ins_that_are_not_there_are_no_error(workshop) -> None:
    texts = {
        "code_of.py": CODE,
        "test_it.py": GOOD,
        "setup.cfg": "[tool:pytest]\naddopts = --cov=x --cov-report term -n 2 --flake8\n",
    }
    (attempt,) = tried(workshop, texts)
    assert attempt.state == GREEN


def test_a_module_of_the_tree_is_found(workshop) -> None:
    texts = {"lib/code_of.py": CODE, "tests/test_it.py": GOOD}
    (attempt,) = tried(workshop, texts)
    assert attempt.state == GREEN
    assert attempt.repairs.folders == ("lib",)


def test_what_travis_had_installed_is_installed_but_nothing_by_a_guess(workshop, index) -> None:
    index.add("guessed")
    (attempt,) = tried(workshop, {"test_it.py": "import mock\ndef test_it(): pass\n"})
    assert attempt.repairs.more == ("mock",)
    found = tried(workshop, {"test_it.py": "import guessed\ndef test_it(): pass\n"}, most=1)
    assert (found[0].cause.name, found[0].repairs.names) == ("missing_module", [])
    assert not {row["name"] for each in found for row in each.lock} & {"guessed"}
    declared = {
        "test_it.py": "import guessed\ndef test_it(): pass\n",
        "requirements-all.txt": "guessed>=1\n",
    }
    (attempt,) = tried(workshop, declared)
    assert attempt.repairs.more == ("guessed>=1",)


def test_another_recipe_has_its_turn_where_there_are_no_tests(workshop) -> None:
    texts = {"code_of.py": CODE, "test_it.py": GOOD, "empty/x.txt": ""}
    first = Recipe("tox", deps=("pytest",), commands=((*PYTEST, "empty"),))
    second = Recipe("fallback", deps=("pytest",), commands=(PYTEST,))
    found = tried(workshop, texts, first, second)
    assert [each.build.recipe.source for each in found] == ["tox", "fallback"]
    assert found[0].cause.name == "no_tests"
    assert [each.rank for each in found] == [1, 2]


def test_an_environment_that_cannot_be_made_has_a_cause(workshop) -> None:
    recipe = Recipe("tox", deps=("no-such-package",), commands=(PYTEST,))
    found = tried(
        workshop, {"test_it.py": "def test_a(): pass"}, recipe, committed=date(2021, 1, 1)
    )
    assert {each.state for each in found} == {NOT_BUILT}
    assert {each.cause.name for each in found} == {"no_solution"}
    assert len(found) <= 4
    assert best(found) is None


def members(content: bytes) -> dict[str, tuple]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {
            each.name: (each.mode, each.linkname, each.isreg() and tar.extractfile(each).read())
            for each in tar
        }


def test_an_environment_is_made_again_from_its_lock(green, sandbox, index, tmp_path) -> None:
    texts = {"code_of.py": CODE, "test_it.py": GOOD}
    attempt = green
    store = ArchiveStore(Storage(str(tmp_path)))
    for row in attempt.lock:
        assert store.put(index.files[row["file"]]) == row["sha256"]
    assert {row["name"] for row in attempt.lock if row["installed"]} >= {"pytest", "pluggy"}
    project = project_of(texts)
    again = rebuilt(sandbox, store, attempt.build, project.tar, attempt.lock)
    assert members(again["environment"]) == members(attempt.environment)
    assert again["environment"] == attempt.environment


@pytest.mark.parametrize("kind", ["editable", "install"])
def test_a_project_that_cannot_be_built_is_tested_from_its_tree(workshop, kind) -> None:
    texts = {
        "pyproject.toml": '[build-system]\nrequires = ["gone-back-end"]\nbuild-backend = "gone"\n'
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["mock>=4"]\n',
        "src/code_of.py": CODE,
        "tests/test_it.py": "import mock\nfrom importlib.metadata import version\n"
        "assert version('x') == '1'\n" + GOOD,
    }
    recipe = Recipe("tox", deps=("pytest",), project=kind, commands=(PYTEST,))
    (attempt,) = tried(workshop, texts, recipe)
    assert (attempt.state, attempt.way) == (GREEN, "from its tree")


WATCHING = """
import sys
def watched():
    monitoring = getattr(sys, "monitoring", None)
    tools = [monitoring.get_tool(n) for n in range(6)] if monitoring else []
    return sys.getprofile() is not None or any(tools)
"""


@pytest.mark.parametrize(("watching", "cause"), [(1, None), (6, "tracer_changes_tests")])
def test_a_few_tests_that_recording_changes_are_left_out(workshop, watching, cause) -> None:
    names = [f"test_watched_{number}" for number in range(watching)]
    tests = "".join(f"def {name}():\n    assert not watched()\n" for name in names)
    texts = {"code_of.py": CODE, "test_it.py": f"{GOOD}{WATCHING}{tests}"}
    (attempt,) = tried(workshop, texts)
    assert attempt.state == GREEN and attempt.cause.name == "tracer_changes_tests"
    again = recorded(workshop, project_of(texts), attempt)
    assert (again.cause and again.cause.name) == cause
    assert again.left_out == tuple(f"test_it.py::{name}" for name in names)
    assert b"double" in b"".join(again.traces.values())
