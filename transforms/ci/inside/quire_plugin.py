"""A plug-in of pytest that writes the outcome of every test, and leaves out tests by name."""

import argparse
import builtins
import importlib.util
import os

import pytest
import quire_reports

# What tests patch later stays here as it was.
globals().update({name: each for name, each in vars(builtins).items() if name[:2] != "__"})
_put, _LEFT_OUT = quire_reports.put, quire_reports.LEFT_OUT

_FOLDER = os.environ.get("QUIRE_REPORTS", "")
# Options of plug-ins that measure and lint, by the module of the plug-in. Where that is not
# installed, or is never loaded (None), a configuration that adds its options is no error. An option
# has a value, or (with ?) may have one, or (with !) has none.
OPTIONS = (
    (
        "pytest_cov",
        "--cov? --cov-report --cov-config --cov-fail-under --cov-context --cov-precision "
        "--cov-append! --cov-branch! --no-cov! --no-cov-on-fail! --cov-reset!",
    ),
    ("xdist", "-n --numprocesses --dist --maxprocesses --max-worker-restart --tx"),
    ("pytest_html", "--html --css --self-contained-html!"),
    ("pytest_rerunfailures", "--reruns --reruns-delay"),
    (
        None,
        "--mypy! --mypy-config-file --mypy-ini-file --mypy-only-local-stub! --mypy-ignore-missing-imports! --flake8! "
        "--flake8-max-line-length --pylint! --pylint-rcfile --black! --isort! --ruff! "
        "--ruff-format! --pep8! --pycodestyle! --codestyle! --pydocstyle! --flakes! --checkdocs!",
    ),
)

if _FOLDER:
    quire_reports.leave_to_pytest()


def pytest_addoption(parser):
    """Take the options that nobody has taken."""
    group = parser.getgroup("quire")
    groups = [getattr(parser, "_anonymous", None)] + list(getattr(parser, "_groups", ()))
    taken = {
        name
        for each in groups
        for option in getattr(each, "options", ())
        for name in option.names()
    }
    for module, options in OPTIONS:
        if module is not None and importlib.util.find_spec(module) is not None:
            continue
        for option in options.split():
            name = option.rstrip("?!")
            if name in taken:
                continue
            settings = {"dest": "quire_" + name.strip("-").replace("-", "_")}
            if option.endswith("!"):
                settings["action"] = "store_true"
            elif option.endswith("?"):
                settings.update(nargs="?", const=True)
            try:
                group._addoption(name, **settings)
            except (ValueError, AttributeError, argparse.ArgumentError):
                pass


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Nothing is measured, whoever asks for it."""
    if _FOLDER and getattr(early_config.known_args_namespace, "cov_source", None):
        early_config.known_args_namespace.cov_source = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """The same, for plug-ins that look later."""
    if _FOLDER and getattr(config.option, "cov_source", None):
        config.option.cov_source = []


def pytest_runtest_logreport(report):
    """A test has passed, failed or been skipped; what fails in set-up or tear-down has failed."""
    if _FOLDER and (report.when == "call" or report.outcome != "passed"):
        _put(report.nodeid, report.outcome)


def pytest_collectreport(report):
    """A file that cannot be imported is a failed test of its own name."""
    if _FOLDER and report.failed:
        _put(report.nodeid, "failed")


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that did not pass before."""
    left_out = [item for item in items if item.nodeid in _LEFT_OUT]
    items[:] = [item for item in items if item.nodeid not in _LEFT_OUT]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
