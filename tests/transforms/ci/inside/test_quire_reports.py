"""Outcomes of unittest's tests, written by whatever runner runs them, in every interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.ci.inside.driver import read_reports
from transforms.ci.interpreters import interpreters
from transforms.ci.project_sandbox import INSIDE

TESTS = """
import unittest
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail("x")
    def test_error(self): raise KeyError
    @unittest.skip("no")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail("x")
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
    def test_left_out(self): raise SystemExit("ran")
    def test_patched(self):
        from unittest import mock
        for name in ("builtins.open", "os.open", "os.write", "json.dumps", "builtins.len"):
            mock.patch(name, side_effect=SystemExit).start()
"""


def outcomes(python: str, folder: Path, arguments: list[str], **texts: str) -> dict[str, str]:
    reports = folder / "reports"
    reports.mkdir()
    (reports / "left_out").write_text("test_it.T.test_left_out\ntest_it.py::test_left_out")
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "sitecustomize.py").write_text("import quire_reports")
    env = {"QUIRE_REPORTS": str(reports), "PYTHONPATH": f"{INSIDE}:{folder}", "PATH": os.defpath}
    env["PYTEST_PLUGINS"] = "quire_plugin"
    subprocess.run([python, *arguments], cwd=folder, env=env, capture_output=True, timeout=60)
    return read_reports(str(reports))


@pytest.mark.parametrize("python", interpreters().values(), ids=interpreters())
def test_outcomes_of_unittest(python, tmp_path) -> None:
    found = outcomes(python, tmp_path, ["-m", "unittest", "test_it"], test_it=TESTS)
    assert found == {
        "test_it.T.test_good": "passed",
        "test_it.T.test_bad": "failed",
        "test_it.T.test_error": "failed",
        "test_it.T.test_skipped": "skipped",
        "test_it.T.test_expected": "passed",
        "test_it.T.test_unexpected": "failed",
        "test_it.T.test_parts": "failed",
        "test_it.T.test_patched": "passed",
    }


PYTEST = """
import pytest, unittest
def test_good(): pass
def test_bad(): assert 0
def test_left_out(): raise SystemExit
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.fixture
def broken(): raise KeyError
def test_error(broken): pass
@pytest.fixture
def last():
    yield
    raise KeyError
def test_end(last): pass
@pytest.mark.parametrize("x", [1, 2])
def test_many(x): assert x == 1
class TestCase(unittest.TestCase):
    def test_own(self): pass
"""


def test_outcomes_of_pytest(tmp_path) -> None:
    options = ["--continue-on-collection-errors", "--no-cov", "--flake8", "-p", "no:cacheprovider"]
    arguments = ["-m", "pytest", *options]
    found = outcomes(sys.executable, tmp_path, arguments, test_it=PYTEST, test_no="import gone")
    bad = {"test_bad", "test_error", "test_end", "test_many[2]"}
    good = {"test_good", "test_many[1]", "TestCase::test_own"}
    skipped = {"test_skipped", "test_expected"}
    expected = {
        f"test_it.py::{name}": outcome
        for names, outcome in ((bad, "failed"), (good, "passed"), (skipped, "skipped"))
        for name in names
    }
    assert found == expected | {"test_no.py": "failed"}


def test_options_that_a_plug_in_takes_are_left_to_it(tmp_path) -> None:
    plugin = """
def pytest_addoption(parser):
    parser.getgroup("own").addoption("--mypy-ini-file", action="store")
def pytest_report_header(config):
    assert config.getoption("--mypy-ini-file") == "x"
"""
    arguments = ["-m", "pytest", "-p", "own_plugin", "--mypy-ini-file=x", "--flake8"]
    texts = {"own_plugin": plugin, "test_it": "def test_a(): pass"}
    assert outcomes(sys.executable, tmp_path, arguments, **texts) == {
        "test_it.py::test_a": "passed"
    }
