"""Writes the outcome of every test by its name, and leaves out tests; for runners of unittest.

Imported by every interpreter of a test run. It costs nothing until unittest is imported, and holds
back where pytest runs the tests, for which there is a plug-in.
"""

import builtins
import json
import os
import sys

# What tests patch later (`open`, `len`) stays here as it was.
globals().update({name: each for name, each in vars(builtins).items() if name[:2] != "__"})

_FOLDER = os.environ.get("QUIRE_REPORTS", "")
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class _Bound(object):
    """What is used of the system: libraries that fake files replace the functions in all modules."""

    open, write, getpid, file = os.open, os.write, os.getpid, open
    dumps = json.JSONEncoder().encode


_files = {}
_state = {"depth": 0, "by_pytest": False}


def put(name, outcome):
    """Write one outcome to the file of this process."""
    pid = _Bound.getpid()
    if pid not in _files:
        _files[pid] = _Bound.open("%s/%d.jsonl" % (_FOLDER, pid), _APPEND, 0o666)
    _Bound.write(_files[pid], (_Bound.dumps([name, outcome]) + "\n").encode())


def _left_out():
    """The names of the tests that are not run."""
    try:
        with _Bound.file(_FOLDER + "/left_out") as file:
            return set(file.read().split("\n"))
    except (IOError, OSError):
        return set()


def leave_to_pytest():
    """pytest reports by its plug-in."""
    _state["by_pytest"] = True


def _problems(result):
    return sum(
        len(getattr(result, name, ())) for name in ("errors", "failures", "unexpectedSuccesses")
    )


def _watch(module):
    """Make every TestCase report its outcome."""
    run = module.TestCase.run

    def watched(self, result=None):
        if _state["by_pytest"] or _state["depth"]:
            return run(self, result)
        name = self.id()
        if name in LEFT_OUT and result is not None:
            result.startTest(self)
            result.addSkip(self, "left out")
            result.stopTest(self)
            return result
        problems, skipped = _problems(result), len(getattr(result, "skipped", ()))
        _state["depth"] += 1
        outcome = "failed"
        try:
            returned = run(self, result)
            after = result if result is not None else returned
            if _problems(after) == problems:
                outcome = "skipped" if len(getattr(after, "skipped", ())) > skipped else "passed"
            return returned
        finally:
            _state["depth"] -= 1
            put(name, outcome)

    module.TestCase.run = watched


class _Finder(object):
    """Finds unittest's module of test cases as it would be found, and changes it when it is run."""

    def find_spec(self, name, path=None, target=None):
        if name != "unittest.case":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                return self._changed(spec)
        return None

    @staticmethod
    def _changed(spec):
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            _watch(module)

        spec.loader.exec_module = exec_module
        return spec


LEFT_OUT = _left_out() if _FOLDER else set()
if _FOLDER:
    sys.meta_path.insert(0, _Finder())
