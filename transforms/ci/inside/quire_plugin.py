"""A plug-in of pytest that writes the outcome of every test, and leaves out tests by name."""

import os

import quire_reports

_FOLDER = os.environ.get("QUIRE_REPORTS", "")
# Options of plug-ins that measure and lint. Where these are not installed, a configuration that
# adds their options is no error. With a value; with one or none; without.
VALUED = (
    *("--cov-report", "--cov-config", "--cov-fail-under", "--cov-context", "--pylint-rcfile"),
    *("--mypy-config-file", "--mypy-ini-file", "--dist", "--numprocesses", "--maxprocesses"),
    *("--html", "--max-worker-restart", "--reruns", "--flake8-max-line-length"),
)
OPTIONAL = ("--cov", "-n")
FLAGS = (
    *("--cov-append", "--cov-branch", "--no-cov", "--no-cov-on-fail", "--mypy", "--flake8"),
    *("--pylint", "--black", "--isort", "--ruff", "--ruff-format", "--pep8", "--pycodestyle"),
    *("--codestyle", "--pydocstyle", "--flakes", "--mypy-ignore-missing-imports", "--checkdocs"),
    "--self-contained-html",
)

if _FOLDER:
    quire_reports.leave_to_pytest()


def pytest_addoption(parser):
    """Take the options that nobody has taken."""
    group = parser.getgroup("quire")
    for names, settings in (
        (VALUED, {"action": "append"}),
        (OPTIONAL, {"action": "append", "nargs": "?", "const": True}),
        (FLAGS, {"action": "store_true"}),
    ):
        for name in names:
            try:
                group._addoption(
                    name, dest="quire_" + name.strip("-").replace("-", "_"), **settings
                )
            except (ValueError, AttributeError):
                pass


def pytest_runtest_logreport(report):
    """A test has passed, failed or been skipped; what fails in set-up or tear-down has failed."""
    if _FOLDER and (report.when == "call" or report.outcome != "passed"):
        quire_reports.put(report.nodeid, report.outcome)


def pytest_collectreport(report):
    """A file that cannot be imported is a failed test of its own name."""
    if _FOLDER and report.failed:
        quire_reports.put(report.nodeid, "failed")


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that did not pass before."""
    names = quire_reports.left_out()
    left_out = [item for item in items if item.nodeid in names]
    items[:] = [item for item in items if item.nodeid not in names]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
