"""A problem before verification, as a row of `contest_problems`; and what is no problem."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from transforms.lib.problems.checks import Case, check_text
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.records.fields import storable

Item = TypeVar("Item")
MAX_CASES = 1000  # a problem
MAX_CASE_CHARACTERS = 4_000_000  # a problem
MAX_PROGRAM_CHARACTERS = 4_000_000  # its solutions together, right and wrong ones apart


@dataclass(frozen=True)
class Origin:
    """Where a problem comes from, and what may be done with it."""

    source: str
    repo: str | None = None
    commit: str | None = None
    path: str | None = None
    licence_spdx: str | None = None
    redistributable: bool = False


@dataclass(frozen=True)
class Dropped:
    """What was seen and is no problem: a `reason` from a closed list, and a `value`; `origin` is
    what it knows better of where it comes from."""

    reason: str
    value: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a source says of a problem, apart from how it is solved and tested."""

    title: str | None
    statement: str
    slug: str | None = None
    url: str | None = None
    difficulty: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What a format makes of a problem; `row` bounds it and derives the rest."""

    told: Told
    kind: str
    prompt: str
    canonical_solution: str
    solutions: Sequence[str]
    cases: Sequence[Case]
    rule: Rule
    entry_point: str | None = None
    signature: str | None = None
    harness: str | None = None
    requires: Sequence[str] = ()
    wrong_solutions: Sequence[str] = ()
    unused_tests: int = 0
    origin: dict[str, Any] = field(default_factory=dict)

    def row(self, origin: Origin) -> dict[str, Any]:
        """The row of `contest_problems`."""
        cases = _distinct(self.cases)
        kept = _within(cases, lambda case: len(case.input) + len(case.output), MAX_CASE_CHARACTERS)
        kept = kept[:MAX_CASES]
        row = vars(origin) | vars(self.told) | self.origin
        row |= {name: getattr(self, name) for name in COPIED}
        row |= {
            "solutions": _programs(self.solutions),
            "wrong_solutions": _programs(self.wrong_solutions),
            "tests": [vars(case) for case in kept],
            "test": check_text(kept, self.rule, self.harness, self.kind),
            "compare": self.rule.compare,
            "tolerance": self.rule.tolerance,
            "compare_origin": self.rule.origin,
            "compare_evidence": self.rule.evidence,
            "n_tests": len(kept),
            "unused_tests": self.unused_tests + len(cases) - len(kept),
        }
        row = {name: _stored(value) for name, value in row.items()}
        return row | {"problem_id": _digest(row)}


def _stored(value: Any) -> Any:
    """The value with texts that Arrow can hold; in JSON a lone surrogate can be spelt."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return [_stored(item) for item in value]
    if isinstance(value, dict):
        return {key: _stored(item) for key, item in value.items()}
    return value


COPIED = ("kind", "prompt", "canonical_solution", "entry_point", "signature", "harness", "requires")
IDENTITY = ("source", "repo", "path", "entry_point", "prompt", "tests")


def _digest(row: dict[str, Any]) -> str:
    text = repr([row[name] for name in IDENTITY])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _distinct(cases: Sequence[Case]) -> list[Case]:
    """Each input once, as it is first seen."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(case.input, case)
    return list(first.values())


def _programs(texts: Sequence[str]) -> list[str]:
    return _within(list(dict.fromkeys(texts)), len, MAX_PROGRAM_CHARACTERS)


def _within(items: Sequence[Item], size: Callable[[Item], int], limit: int) -> list[Item]:
    """The items in order, without those by which they would grow beyond a limit."""
    kept, held = list[Item](), 0
    for item in items:
        if held + size(item) <= limit:
            kept.append(item)
            held += size(item)
    return kept
