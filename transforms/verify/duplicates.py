"""Near-duplicate problems: the same tests, or the same question in nearly the same words.

Two problems are compared if they have the same name or share one of their first three tests. They
are duplicates if their tests are the same (at least three, so that chance does not make them so),
or if they have the same name and the word 5-grams of their texts have a Jaccard similarity of 0.7;
but never if among the first 16 tests of each one input has different answers. The similarity is
estimated from the 128 smallest hashes of both texts, which is exact for texts of up to some 130
words.

The text of a contest's problem is its statement, however it is solved. Functions of projects are
compared by docstring and code, for many have no docstring, or one of few words that others share.
Two of these are duplicates if two of three are the same: name, tests, and text. (Equal tests alone
are no sign of a copy there: many functions return the same for the few values that tests pass.)
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OF_PROJECTS = "ci"  # the source of problems that are functions of projects
TEXT_WORD = re.compile(r"\w+")
SHINGLE_WORDS = 5
KEPT_HASHES = 128  # of 32 bits: few enough for all problems to meet in one worker
MIN_SIMILARITY = 0.7  # Jaccard
MIN_EQUAL_TESTS = 3  # from which on equal tests make two problems duplicates
BLOCKING_TESTS = 3  # tests of a problem by which it is compared with others
COMPARED_TESTS = 16  # tests of a problem whose answers are compared


@dataclass(frozen=True)
class ProblemDigest:
    """What of a problem is compared with other problems.

    `text` are the smallest hashes of its shingles, `tests` a digest of all `count` tests,
    `answers` digests of outputs by digests of inputs. The lowest `rank` represents duplicates.
    """

    problem_id: str
    name: str
    text: frozenset[int]
    tests: str
    count: int
    answers: Mapping[str, str]
    rank: tuple
    of_project: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any], agreeing: int) -> "ProblemDigest":
        """The digest of a row of problems, of which `agreeing` further solutions agree.

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
            text_hashes(compared_text(row)),
            _digest(repr([row["kind"], *sorted(tests)])),
            len(tests),
            answers,
            rank,
            row["source"] == OF_PROJECTS,
        )

    def pack(self) -> list[Any]:
        """The digest as a list that JSON can hold."""
        return [
            self.problem_id,
            self.name,
            sorted(self.text),
            self.tests,
            self.count,
            dict(self.answers),
            self.rank,
            self.of_project,
        ]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> "ProblemDigest":
        """The digest that `pack` made the list of."""
        problem_id, name, text, tests, count, answers, rank, of_project = packed
        text = frozenset(text)
        return cls(problem_id, name, text, tests, count, answers, tuple(rank), of_project)

    def blocking_keys(self) -> Iterator[str]:
        """Keys of which two problems must share one to be compared."""
        if self.name:
            yield f"name {self.name}"
        yield from (f"test {each}" for each in list(self.answers.items())[:BLOCKING_TESTS])


def compared_text(row: Mapping[str, Any]) -> str:
    """The text by which a problem is known: its statement, and of a project's function its code."""
    if row["source"] != OF_PROJECTS:
        return row["statement"] or ""
    return f"{row['signature']}\n{row['statement'] or ''}\n{row['canonical_solution']}"


def text_hashes(text: str) -> frozenset[int]:
    """The smallest hashes of a text's shingles: its bottom sketch."""
    words = [word.casefold() for word in TEXT_WORD.findall(text)]
    count = max(1, len(words) - SHINGLE_WORDS + 1)
    shingles = {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(count)} if words else set()
    return frozenset(sorted(int(_digest(each)[:8], 16) for each in shingles)[:KEPT_HASHES])


def _digest(text: str) -> str:
    """64 bits, as hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def are_duplicates(a: ProblemDigest, b: ProblemDigest) -> bool:
    """Whether two problems are near duplicates."""
    same_tests = a.tests == b.tests and a.count >= MIN_EQUAL_TESTS
    of_projects = a.of_project and b.of_project
    if same_tests and not of_projects:
        return True
    shared = a.answers.keys() & b.answers.keys()
    if any(a.answers[test_input] != b.answers[test_input] for test_input in shared):
        return False
    same_name = a.name == b.name
    if not of_projects:
        return same_name and are_similar(a.text, b.text)
    if same_name and same_tests:
        return True
    return (same_name or same_tests) and are_similar(a.text, b.text)


def are_similar(a: frozenset[int], b: frozenset[int]) -> bool:
    """Whether two texts, by their smallest hashes, are similar; no text is similar to any."""
    if not a or not b:
        return False
    smallest = sorted(a | b)[:KEPT_HASHES]
    return sum(each in a and each in b for each in smallest) >= MIN_SIMILARITY * len(smallest)


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
