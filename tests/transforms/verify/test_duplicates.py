"""Near-duplicate problems: which two are duplicates, and which one represents them."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.contest_rows import problem
from transforms.verify.duplicates import ProblemDigest, find_representatives, text_hashes

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


@settings(max_examples=20)
@given(st.permutations(range(5)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    problems = [digest(n, "f" if n < 3 else "g") for n in range(5)]
    assert find_representatives(problems[n] for n in order) == find_representatives(problems)


CODE = "    total = 0\n    for number in numbers:\n        if number % 2 == 0:\n            total += number\n    return total\n"
OTHER_CODE = "    return sum(filter(is_even, numbers), start=0) if numbers is not None else None\n"


def of_project(
    number: int, name: str = "f", pairs: list = TESTS, code: str = CODE
) -> ProblemDigest:
    more = {"source": "ci", "signature": f"def {name}(x)", "statement": "Sum.", "repo": str(number)}
    return digest(number, name, pairs, **more, canonical_solution=code)


OTHER_TESTS = [([9], 0), ([8], 8), ([6], 6)]


def test_functions_of_projects_need_two_of_name_tests_and_code_to_be_the_same() -> None:
    one = of_project(1)
    for other in (
        of_project(2, pairs=OTHER_TESTS),
        of_project(2, "g"),
        of_project(2, code=OTHER_CODE),
    ):
        assert find_representatives([one, other]) == {"id-2": "id-1"}
    for other in (
        of_project(2, "g", OTHER_TESTS),
        of_project(2, pairs=OTHER_TESTS, code=OTHER_CODE),
        of_project(2, "g", code=OTHER_CODE),
    ):
        assert find_representatives([one, other]) == {}


def test_a_function_of_a_project_and_a_problem_of_a_contest() -> None:
    assert find_representatives([digest(1), of_project(2, "g")]) == {"id-2": "id-1"}
    assert find_representatives([digest(1), of_project(2, pairs=OTHER_TESTS)]) == {}


def test_text_hashes_are_of_words() -> None:
    assert text_hashes("One, two!\nthree  FOUR five six") == text_hashes(
        "one two three four (five) six."
    )
    assert len(text_hashes("one two three four five six")) == 2
    assert len(text_hashes("short")) == 1
    assert text_hashes("") == frozenset()
    assert len(text_hashes(" ".join(map(str, range(1000))))) == 128
