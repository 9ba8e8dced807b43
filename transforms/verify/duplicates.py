"""Near-duplicate problems: the same tests, or the same question in nearly the same words.

Two problems are compared where they ask for the same name or share a test. They are duplicates if
their tests are the same (at least three, so that chance does not make them so) or if they ask for
the same name and their statements' word 5-grams have a Jaccard similarity of 0.7; but never if
they expect different answers to one input. The similarity is that of the smallest 128 hashes of
both, which is exact for statements of up to some 130 words.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORD = re.compile(r"\w+")
SHINGLE = 5  # words
KEPT_HASHES = 128  # of 32 bits: all problems meet in one place
THRESHOLD = 0.7
SAME_TESTS = 3  # from which on equal tests make equal problems
MET = 3  # tests by which a problem may meet another
COMPARED = 16  # tests whose answers are compared


@dataclass(frozen=True)
class Asked:
    """What of a problem is compared, and where it stands in the order of winners."""

    problem_id: str
    name: str
    statement: frozenset[int]
    tests: str
    count: int
    answers: Mapping[str, str]
    rank: tuple

    @classmethod
    def of(cls, row: Mapping[str, Any], agreeing: int) -> "Asked":
        """From a row of `contest_problems` and what its solutions said.

        Winners: what may be passed on first, then more tests, more agreeing solutions, the id.
        """
        tests = [(test["input"], test["output"]) for test in row["tests"]]
        answers = {_digest(given): _digest(answer) for given, answer in tests[:COMPARED]}
        name = (row["entry_point"] or "").replace("_", "").casefold()
        rank = (not row["redistributable"], -len(tests), -agreeing, row["problem_id"])
        return cls(
            row["problem_id"],
            name,
            sketch(row["statement"] or ""),
            _digest(repr([row["kind"], *sorted(tests)])),
            len(tests),
            answers,
            rank,
        )

    def pack(self) -> list[Any]:
        """As JSON has it."""
        return [
            self.problem_id,
            self.name,
            sorted(self.statement),
            self.tests,
            self.count,
            dict(self.answers),
            self.rank,
        ]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> "Asked":
        """What was packed."""
        problem_id, name, statement, tests, count, answers, rank = packed
        return cls(problem_id, name, frozenset(statement), tests, count, answers, tuple(rank))

    def blocks(self) -> Iterator[str]:
        """Where it meets others."""
        if self.name:
            yield f"name {self.name}"
        yield from (f"test {each}" for each in list(self.answers.items())[:MET])


def sketch(statement: str) -> frozenset[int]:
    """The smallest hashes of a statement's shingles."""
    words = [word.casefold() for word in WORD.findall(statement)]
    count = max(1, len(words) - SHINGLE + 1)
    shingles = {" ".join(words[at : at + SHINGLE]) for at in range(count)} if words else set()
    return frozenset(sorted(int(_digest(each)[:8], 16) for each in shingles)[:KEPT_HASHES])


def _digest(text: str) -> str:
    """64 bits, in hex."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def similar(a: Asked, b: Asked) -> bool:
    """Whether two problems are near duplicates."""
    if a.tests == b.tests and a.count >= SAME_TESTS:
        return True
    shared = a.answers.keys() & b.answers.keys()
    if any(a.answers[given] != b.answers[given] for given in shared):
        return False
    if a.name != b.name or not a.statement or not b.statement:
        return False
    smallest = sorted(a.statement | b.statement)[:KEPT_HASHES]
    both = sum(each in a.statement and each in b.statement for each in smallest)
    return both >= THRESHOLD * len(smallest)


def losers(problems: Iterable[Asked]) -> dict[str, str]:
    """The problems that go, with the one that stands for each: no problem goes for one that went
    itself, so that no chain of likeness makes two problems one."""
    kept: dict[str, list[Asked]] = {}
    gone: dict[str, str] = {}
    for problem in sorted(problems, key=lambda each: each.rank):
        blocks = list(problem.blocks())
        met = (other for block in blocks for other in kept.get(block, ()))
        stands = next((other for other in met if similar(problem, other)), None)
        if stands:
            gone[problem.problem_id] = stands.problem_id
            continue
        for block in blocks:
            kept.setdefault(block, []).append(problem)
    return gone
