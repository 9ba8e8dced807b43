"""Near-duplicate problems: which two are duplicates, and which one represents them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.support.contest_rows import problem
from transforms.verify.duplicates import ProblemDigest, find_representatives, statement_hashes

TEXT = (
    "Given a list of numbers, return the sum of all those that are even, or zero where there is none of them. "
    * 3
)
TESTS = [([1, 2], 2), ([4], 4), ([], 0)]


def digest(
    number: int, name: str = "f", pairs: list = TESTS, agreeing: int = 0, **more: object
) -> ProblemDigest:
    row = problem(name, "", pairs, **{"statement": TEXT, "problem_id": f"id-{number}"} | more)
    return ProblemDigest.unpack(json.loads(json.dumps(ProblemDigest.of(row, agreeing).pack())))


def test_the_same_question_in_nearly_the_same_words() -> None:
    near = digest(2, "F_", [([9], 0), ([8], 8)], statement=TEXT.replace("zero", "nothing", 1))
    assert find_representatives([digest(1), near]) == {"id-2": "id-1"}
    assert find_representatives([digest(1), digest(2, "g", [([9], 0)])]) == {}, "of another name"
    assert (
        find_representatives([digest(1), digest(2, pairs=[([9], 0)], statement="Something else")])
        == {}
    )


def test_the_same_tests() -> None:
    assert find_representatives(
        [digest(1), digest(2, "g", list(reversed(TESTS)), statement="x")]
    ) == {"id-2": "id-1"}
    assert (
        find_representatives([digest(1, pairs=TESTS[:2]), digest(2, "g", TESTS[:2], statement="x")])
        == {}
    ), "by chance"


def test_other_answers_are_another_problem() -> None:
    assert find_representatives([digest(1), digest(2, pairs=[*TESTS[1:], ([1, 2], 3)])]) == {}


def test_redistributable_problems_rank_first_then_well_tested_ones() -> None:
    free, tested, agreed = (
        digest(3),
        digest(1, redistributable=False, pairs=[*TESTS, ([6], 6)]),
        digest(2, agreeing=1),
    )
    assert find_representatives([tested, free]) == {"id-1": "id-3"}
    assert find_representatives([free, agreed]) == {"id-3": "id-2"}
    assert find_representatives([agreed, digest(4, pairs=[*TESTS, ([6], 6)])]) == {"id-2": "id-4"}


@given(st.permutations(range(5)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    problems = [digest(n, "f" if n < 3 else "g") for n in range(5)]
    assert find_representatives(problems[n] for n in order) == find_representatives(problems)


def test_statement_hashes_are_of_words() -> None:
    assert statement_hashes("One, two!\nthree  FOUR five six") == statement_hashes(
        "one two three four (five) six."
    )
    assert len(statement_hashes("one two three four five six")) == 2
    assert len(statement_hashes("short")) == 1
    assert statement_hashes("") == frozenset()
    assert len(statement_hashes(" ".join(map(str, range(1000))))) == 128
