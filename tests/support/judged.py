"""Rows of problems judged as HumanEval judges: programs of the tests' own, run in this process."""

import contextlib
import io
import sys
from typing import Any


def passes(row: dict[str, Any], solution: str | None = None) -> bool:
    """Whether the prompt with its canonical solution, or a whole program, passes `test`."""
    program = row["prompt"] + row["canonical_solution"] if solution is None else solution
    if row["kind"] == "stdio":
        return agrees(row["test"], lambda given: printed(program, given))
    names: dict[str, Any] = {"__name__": "solution"}
    exec(program, names)
    exec(row["test"], names)
    return checked(names, names[row["entry_point"]])


def agrees(test: str, candidate: Any) -> bool:
    """Whether a candidate passes the text of a check."""
    names: dict[str, Any] = {}
    exec(test, names)
    return checked(names, candidate)


def checked(names: dict[str, Any], candidate: Any) -> bool:
    try:
        names["check"](candidate)
    except Exception:  # noqa: BLE001  # of whatever a wrong candidate raises
        return False
    return True


def printed(program: str, given: str) -> str:
    """Standard output of a program for a standard input."""
    output = io.StringIO()
    kept, sys.stdin = sys.stdin, io.StringIO(given)
    try:
        with contextlib.redirect_stdout(output):
            exec(program, {"__name__": "__main__"})
    finally:
        sys.stdin = kept
    return output.getvalue()
