"""Versions of interpreters, as configurations name them."""

import re

PREFERRED = (
    "3.12"  # the interpreter that is tried first: it has sys.monitoring, and runs most projects
)
VERSION = re.compile(r"(?<![\d.])(?P<major>[23])\.?(?P<minor>\d{1,2})(?![\d])")


def named_version(text: str) -> str | None:
    """The version of CPython that a text names, as major.minor; None if it names none.

    >>> [named_version(t) for t in ("3.10", "3.8.7", "py39", "cpython-3.12", "pypy3.6-7.3", "2.7")]
    ['3.10', '3.8', '3.9', '3.12', '3.6', '2.7']
    """
    match = VERSION.search(text)
    return f"{match['major']}.{match['minor']}" if match else None


def as_numbers(version: str | None) -> tuple[int, int]:
    """The two numbers of a version; zeros for none."""
    major, _, minor = (version or "0.0").partition(".")
    return int(major), int(minor or 0)


def closeness(version: str | None) -> tuple[int, int]:
    """How close an interpreter is to the preferred one: larger is closer, older before newer.

    >>> sorted(["3.13", "3.12", "3.8", "2.7"], key=closeness)
    ['3.13', '2.7', '3.8', '3.12']
    """
    if version is None:
        return 1, 0
    (major, minor), (_, preferred) = as_numbers(version), as_numbers(PREFERRED)
    if (major, minor) > as_numbers(PREFERRED):
        return 0, -minor
    return 1, minor - preferred - 100 * (major == 2)
