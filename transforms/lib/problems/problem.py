"""A problem before verification and its row of `contest_problems`; input that is no problem."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.pictures import needs_picture, without_emblems
from transforms.lib.records.fields import storable

Item = TypeVar("Item")
# What a row holds at most; what is beyond it is left out.
MAX_CASES = 1000
MAX_CASE_CHARACTERS = 4_000_000
MAX_PROGRAM_CHARACTERS = 4_000_000  # of all solutions together, and of all wrong ones


@dataclass(frozen=True)
class Origin:
    """Where a problem comes from, and whether its statement may be passed on."""

    source: str
    repo: str | None = None
    commit: str | None = None
    path: str | None = None
    licence_spdx: str | None = None
    redistributable: bool = False


@dataclass(frozen=True)
class Dropped:
    """Input that is no problem: `reason` and `value` as in its row of rejects.

    `origin` overrides columns of the Origin where the input itself says where it comes from.
    """

    reason: str
    value: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """What a source says of a problem, apart from its solutions and tests."""

    title: str | None
    statement: str
    slug: str | None = None
    url: str | None = None
    difficulty: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A problem as a format reads it.

    The fields are columns of `contest_problems`, but for description, cases, rule and origin, which
    `row` turns into columns. solutions: whole programs, the canonical one first; origin: as that of
    Dropped. `row` bounds what is large and derives all other columns.
    """

    description: Description
    kind: str
    prompt: str
    canonical_solution: str
    solutions: Sequence[str]
    cases: Sequence[TestCase]
    rule: CompareRule
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
        row = vars(origin) | vars(self.description) | self.origin
        row |= {name: getattr(self, name) for name in SAME_AS_FIELDS}
        row |= {
            "title": self.description.title and without_emblems(self.description.title),
            "needs_picture": needs_picture(self.description.statement),
            "solutions": _programs(self.solutions),
            "wrong_solutions": _programs(self.wrong_solutions),
            "tests": [vars(case) for case in kept],
            "test": check_text(kept, self.rule, self.harness, self.kind, self.entry_point),
            "compare": self.rule.compare,
            "tolerance": self.rule.tolerance,
            "compare_origin": self.rule.origin,
            "compare_evidence": self.rule.evidence,
            "n_tests": len(kept),
            "unused_tests": self.unused_tests + len(cases) - len(kept),
        }
        row = {name: _storable(value) for name, value in row.items()}
        return row | {"problem_id": problem_digest(row)}


# Columns that are fields of Problem as they are.
SAME_AS_FIELDS = (
    "kind",
    "prompt",
    "canonical_solution",
    "entry_point",
    "signature",
    "harness",
    "requires",
)
# Columns that tell one problem from another.
IDENTITY = ("source", "repo", "path", "entry_point", "prompt", "tests")


def _storable(value: Any) -> Any:
    """The value with texts that Arrow can hold, at any depth: JSON can spell a lone surrogate."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value


def problem_digest(row: dict[str, Any], more: Sequence[str] = ()) -> str:
    """The problem_id of a row: a digest of the columns that tell one problem from another.

    `more` are further columns that do, for a source of which IDENTITY is not enough.
    """
    text = repr([row[name] for name in (*IDENTITY, *more)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _distinct(cases: Sequence[TestCase]) -> list[TestCase]:
    """The first case of each input."""
    first: dict[str, TestCase] = {}
    for case in cases:
        first.setdefault(case.input, case)
    return list(first.values())


def _programs(texts: Sequence[str]) -> list[str]:
    return _within(list(dict.fromkeys(texts)), len, MAX_PROGRAM_CHARACTERS)


def _within(items: Sequence[Item], size: Callable[[Item], int], limit: int) -> list[Item]:
    """The items in order, without each one that would take their total size beyond a limit."""
    kept, total = list[Item](), 0
    for item in items:
        if total + size(item) <= limit:
            kept.append(item)
            total += size(item)
    return kept
