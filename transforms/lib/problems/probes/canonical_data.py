"""Exercism's canonical data: cases that an exercise's tests do not have yet."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transforms.lib.problems.probes.probe_harness import Test
from transforms.lib.records.fields import from_json

DATA, SYNCED = "canonical-data.json", ".meta/tests.toml"
UUID = re.compile(r"^\[([0-9a-f-]{36})\]", re.MULTILINE)
ENOUGH = 3  # tests that a case must agree with before others are taken to be made alike


def canonical_tests(files: Mapping[str, str], known: Sequence[Test]) -> list[Test]:
    """Cases that the exercise does not list yet, as tests, where its inputs in their order are
    the arguments: at least as many known tests say so as say otherwise, and no fewer than three."""
    if DATA not in files or SYNCED not in files:
        return []
    synced = set(UUID.findall(files[SYNCED]))
    cases = [case for case in _cases(from_json(files[DATA])) if _is_plain(case)]
    tests = {_key(arguments, output) for arguments, output in known}
    same = [case for case in cases if case["uuid"] in synced and _key(*_test(case)) in tests]
    if len(same) < max(ENOUGH, len(known) / 2):
        return []
    return [_test(case) for case in cases if case["uuid"] not in synced]


def _cases(value: Any) -> Iterator[dict]:
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


def _test(case: dict) -> Test:
    return tuple(case["input"].values()), case["expected"]


def _key(arguments: tuple, output: Any) -> str:
    return repr((_lists(arguments), _lists(output)))


def _lists(value: Any) -> Any:
    """A value as JSON would have it: tuples are lists."""
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    return value
