"""Near-duplicate problems: the same tests, or the same question in nearly the same words.

Two problems are compared if they have the same name or share one of their first three tests. They
are duplicates if their tests are the same (at least three, so that chance does not make them so),
or if they have the same name and the word 5-grams of their statements have a Jaccard similarity of
0.7; but never if among the first 16 tests of each one input has different answers. The similarity
is estimated from the 128 smallest hashes of both statements, which is exact for statements of up to
some 130 words.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATEMENT_WORD = re.compile(r"\w+")
SHINGLE_WORDS = 5
KEPT_HASHES = 128  # of 32 bits: few enough for all problems to meet in one worker
MIN_SIMILARITY = 0.7  # Jaccard
MIN_EQUAL_TESTS = 3  # from which on equal tests make two problems duplicates
BLOCKING_TESTS = 3  # tests of a problem by which it is compared with others
COMPARED_TESTS = 16  # tests of a problem whose answers are compared


@dataclass(frozen=True)
class ProblemDigest:
    """What of a problem is compared with other problems.

    `statement` are the smallest hashes of its shingles, `tests` a digest of all `count` tests,
    `answers` digests of outputs by digests of inputs. The lowest `rank` represents duplicates.
    """

    problem_id: str
    name: str
    statement: frozenset[int]
    tests: str
    count: int
    answers: Mapping[str, str]
    rank: tuple

    @classmethod
    def of(cls, row: Mapping[str, Any], agreeing: int) -> "ProblemDigest":
        """The digest of a row of `contest_problems`, of which `agreeing` further solutions agree.

        Redistributable problems rank first, then those with more tests, then with more agreeing
        solutions, then by id.
        """
        tests = [(test["input"], test["output"]) for test in row["tests"]]
        answers = {_digest(given): _digest(answer) for given, answer in tests[:COMPARED_TESTS]}
        name = (row["entry_point"] or "").replace("_", "").casefold()
        rank = (not row["redistributable"], -len(tests), -agreeing, row["problem_id"])
        return cls(
            row["problem_id"],
            name,
            statement_hashes(row["statement"] or ""),
            _digest(repr([row["kind"], *sorted(tests)])),
            len(tests),
            answers,
            rank,
        )

    def pack(self) -> list[Any]:
        """The digest as a list that JSON can hold."""
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
    def unpack(cls, packed: Sequence[Any]) -> "ProblemDigest":
        """The digest that `pack` made the list of."""
        problem_id, name, statement, tests, count, answers, rank = packed
        return cls(problem_id, name, frozenset(statement), tests, count, answers, tuple(rank))

    def blocking_keys(self) -> Iterator[str]:
        """Keys of which two problems must share one to be compared."""
        if self.name:
            yield f"name {self.name}"
        yield from (f"test {each}" for each in list(self.answers.items())[:BLOCKING_TESTS])


def statement_hashes(statement: str) -> frozenset[int]:
    """The smallest hashes of a statement's shingles: its bottom sketch."""
    words = [word.casefold() for word in STATEMENT_WORD.findall(statement)]
    count = max(1, len(words) - SHINGLE_WORDS + 1)
    shingles = {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(count)} if words else set()
    return frozenset(sorted(int(_digest(each)[:8], 16) for each in shingles)[:KEPT_HASHES])


def _digest(text: str) -> str:
    """64 bits, as hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def are_duplicates(a: ProblemDigest, b: ProblemDigest) -> bool:
    """Whether two problems are near duplicates."""
    if a.tests == b.tests and a.count >= MIN_EQUAL_TESTS:
        return True
    shared = a.answers.keys() & b.answers.keys()
    if any(a.answers[test_input] != b.answers[test_input] for test_input in shared):
        return False
    if a.name != b.name or not a.statement or not b.statement:
        return False
    smallest = sorted(a.statement | b.statement)[:KEPT_HASHES]
    in_both = sum(each in a.statement and each in b.statement for each in smallest)
    return in_both >= MIN_SIMILARITY * len(smallest)


def find_representatives(problems: Iterable[ProblemDigest]) -> dict[str, str]:
    """The id of the representative of each duplicate, by the id of the duplicate.

    In order of rank a problem is kept unless it is a near duplicate of one already kept, which
    then represents it; so no chain of similar problems makes two different ones duplicates.
    """
    kept: dict[str, list[ProblemDigest]] = {}
    representatives: dict[str, str] = {}
    for problem in sorted(problems, key=lambda each: each.rank):
        keys = list(problem.blocking_keys())
        compared = (other for key in keys for other in kept.get(key, ()))
        match = next((other for other in compared if are_duplicates(problem, other)), None)
        if match:
            representatives[problem.problem_id] = match.problem_id
            continue
        for key in keys:
            kept.setdefault(key, []).append(problem)
    return representatives
