"""Exercism's canonical data (problem-specifications): cases that an exercise does not have yet."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transforms.lib.problems.checks import ValueTest
from transforms.lib.records.fields import from_json

CANONICAL_DATA = "canonical-data.json"  # of the specification
LISTED_TESTS = ".meta/tests.toml"  # of the exercise: the ids of the cases that it knows
UUID = re.compile(r"^\[([0-9a-f-]{36})\]", re.MULTILINE)
ENOUGH_EQUAL = 3  # cases that are equal to tests, before other cases are taken for tests


def canonical_tests(files: Mapping[str, str], known: Sequence[ValueTest]) -> list[ValueTest]:
    """The cases that an exercise does not list yet, as tests; `known` are the tests that it has.

    A case's input values, in order, are taken for the arguments; that is trusted only if half of
    the known tests, and at least three, then equal a case.
    """
    if CANONICAL_DATA not in files or LISTED_TESTS not in files:
        return []
    listed = set(UUID.findall(files[LISTED_TESTS]))
    cases = [case for case in _cases(from_json(files[CANONICAL_DATA])) if _is_plain(case)]
    tests = {_key(arguments, output) for arguments, output in known}
    equal = [case for case in cases if case["uuid"] in listed and _key(*_test(case)) in tests]
    if len(equal) < max(ENOUGH_EQUAL, len(known) / 2):
        return []
    return [_test(case) for case in cases if case["uuid"] not in listed]


def _cases(value: Any) -> Iterator[dict]:
    """The cases of canonical data, in which groups of cases have cases of their own."""
    if isinstance(value, dict):
        if "uuid" in value:
            yield value
        for case in value.get("cases") or ():
            yield from _cases(case)


def _is_plain(case: dict) -> bool:
    """Whether a case expects a result, not an error, and replaces no other case."""
    expected = case.get("expected")
    error = isinstance(expected, dict) and "error" in expected
    return (
        isinstance(case.get("input"), dict)
        and "expected" in case
        and not error
        and "reimplements" not in case
    )


def _test(case: dict) -> ValueTest:
    return tuple(case["input"].values()), case["expected"]


def _key(arguments: tuple, output: Any) -> str:
    """A text that is the same for tests that JSON does not tell apart."""
    return repr((_lists(arguments), _lists(output)))


def _lists(value: Any) -> Any:
    """A value with lists in place of tuples, as JSON has it."""
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    return value
