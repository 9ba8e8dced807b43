"""Near-duplicate problems: what makes two of them one, and which of them stays."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.support.contest_rows import problem
from transforms.verify.duplicates import Asked, losers, sketch

TEXT = (
    "Given a list of numbers, return the sum of all those that are even, or zero where there is none of them. "
    * 3
)
TESTS = [([1, 2], 2), ([4], 4), ([], 0)]


def asked(
    number: int, name: str = "f", pairs: list = TESTS, agreeing: int = 0, **more: object
) -> Asked:
    row = problem(name, "", pairs, **{"statement": TEXT, "problem_id": f"id-{number}"} | more)
    return Asked.unpack(json.loads(json.dumps(Asked.of(row, agreeing).pack())))


def test_the_same_question_in_nearly_the_same_words() -> None:
    near = asked(2, "F_", [([9], 0), ([8], 8)], statement=TEXT.replace("zero", "nothing", 1))
    assert losers([asked(1), near]) == {"id-2": "id-1"}
    assert losers([asked(1), asked(2, "g", [([9], 0)])]) == {}, "of another name"
    assert losers([asked(1), asked(2, pairs=[([9], 0)], statement="Something else")]) == {}


def test_the_same_tests() -> None:
    assert losers([asked(1), asked(2, "g", list(reversed(TESTS)), statement="x")]) == {
        "id-2": "id-1"
    }
    assert losers([asked(1, pairs=TESTS[:2]), asked(2, "g", TESTS[:2], statement="x")]) == {}, (
        "by chance"
    )


def test_other_answers_are_another_problem() -> None:
    assert losers([asked(1), asked(2, pairs=[*TESTS[1:], ([1, 2], 3)])]) == {}


def test_what_may_be_passed_on_stays_then_what_is_tested_best() -> None:
    free, tested, agreed = (
        asked(3),
        asked(1, redistributable=False, pairs=[*TESTS, ([6], 6)]),
        asked(2, agreeing=1),
    )
    assert losers([tested, free]) == {"id-1": "id-3"}
    assert losers([free, agreed]) == {"id-3": "id-2"}
    assert losers([agreed, asked(4, pairs=[*TESTS, ([6], 6)])]) == {"id-2": "id-4"}


@given(st.permutations(range(5)))
def test_the_order_of_arrival_is_nothing(order: list[int]) -> None:
    problems = [asked(n, "f" if n < 3 else "g") for n in range(5)]
    assert losers(problems[n] for n in order) == losers(problems)


def test_a_sketch_is_of_words() -> None:
    assert sketch("One, two!\nthree  FOUR five six") == sketch("one two three four (five) six.")
    assert len(sketch("one two three four five six")) == 2
    assert len(sketch("short")) == 1
    assert sketch("") == frozenset()
    assert len(sketch(" ".join(map(str, range(1000))))) == 128
