"""A plug-in of pytest that writes the outcome of every test, and leaves out tests by name."""

import json
import os

_FOLDER = os.environ.get("QUIRE_REPORTS", "")
_open, _write, _getpid = os.open, os.write, os.getpid
_file = {}


def _put(name, outcome):
    pid = _getpid()
    if pid not in _file:
        path = os.path.join(_FOLDER, "%d.jsonl" % pid)
        _file[pid] = _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    _write(_file[pid], (json.dumps([name, outcome]) + "\n").encode())


def pytest_runtest_logreport(report):
    """A test has passed, failed or been skipped; what fails in set-up or tear-down has failed."""
    if _FOLDER and (report.when == "call" or report.outcome != "passed"):
        expected = hasattr(report, "wasxfail")
        _put(
            report.nodeid, "skipped" if expected and report.outcome == "skipped" else report.outcome
        )


def pytest_collectreport(report):
    """A file that cannot be imported is a failed test of its own name."""
    if _FOLDER and report.failed:
        _put(report.nodeid, "failed")


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that did not pass before."""
    path = os.path.join(_FOLDER, "deselected")
    if not os.path.exists(path):
        return
    with open(path) as file:
        names = set(file.read().split("\n"))
    left_out = [item for item in items if item.nodeid in names]
    items[:] = [item for item in items if item.nodeid not in names]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
