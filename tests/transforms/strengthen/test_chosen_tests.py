"""The choice of tests: what can be killed is killed, within the limits, in one order."""

import random

from tests.support.contest_rows import problem
from transforms.lib.sandbox import Opaque, Returned
from transforms.lib.trials.candidate import Candidate
from transforms.strengthen import chosen_tests
from transforms.strengthen.chosen_tests import MOST_TESTS, choose_tests
from transforms.strengthen.input_search import InputPool

CANDIDATE = Candidate.of(problem("double", "    return 2 * x\n", [(1, 2), (2, 4)]))


def pool(inputs: int, kills: dict[str, set[int]], **more: object) -> InputPool:
    """A pool of so many inputs, the first two of them the tests of the source."""
    made = InputPool(
        2,
        inputs=[(number,) for number in range(inputs)],
        outcomes=[Returned(2 * number) for number in range(inputs)],
        agreeing=[0] * inputs,
        steps=[1] * inputs,
        branches=[frozenset()] * inputs,
        kills=kills,
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made


def chosen(made: InputPool) -> list[int]:
    return [test.number for test in choose_tests(CANDIDATE, made)]


def test_whatever_some_input_kills_the_tests_kill() -> None:
    draw = random.Random(7)
    kills = {
        f"relation {number}": set(draw.sample(range(50), draw.randint(0, 4)))
        for number in range(60)
    }
    tests = {0, 1, *chosen(pool(50, kills))}
    assert len(tests) <= MOST_TESTS
    missed = [name for name, killers in kills.items() if killers and not killers & tests]
    assert missed == []


def test_one_input_that_kills_all_is_chosen_before_many_that_kill_one() -> None:
    kills = {f"relation {number}": {number, 20} for number in range(3, 9)}
    assert chosen(pool(30, kills))[0] == 20


def test_a_target_is_killed_several_times_where_inputs_do() -> None:
    tests = choose_tests(CANDIDATE, pool(300, {"relation 1": {5, 6, 7, 8}}))
    assert [test.number for test in tests if test.why == "mutant"] == [5, 6, 7]


def test_why_names_the_most_telling_kind() -> None:
    kills = {"relation 1": {5}, "trivial zero": {5}, "wrong 0": {6}}
    tests = choose_tests(CANDIDATE, pool(30, kills))
    assert [test.why for test in tests][:2] == ["trivial", "wrong"]


def test_branches_that_the_tests_of_the_source_miss_are_covered() -> None:
    reached = [frozenset({1})] * 30
    reached[17] = frozenset({1, 2})
    tests = choose_tests(CANDIDATE, pool(30, {}, branches=reached))
    assert (tests[0].number, tests[0].why) == (17, "branch")


def test_rare_answers_fill_up_first() -> None:
    outcomes = [Returned(0)] * 40
    outcomes[33] = Returned(1)
    tests = choose_tests(CANDIDATE, pool(40, {}, outcomes=outcomes))
    assert tests[0].number == 33
    assert len(tests) == chosen_tests.FILL_TO - 2


def test_large_inputs_are_taken_by_their_cost() -> None:
    steps = [1] * 30
    steps[27], steps[28], steps[29] = 100, 300, 200
    tests = choose_tests(CANDIDATE, pool(30, {}, steps=steps, large=[27, 28, 29]))
    assert [test.number for test in tests if test.why == "large"] == [28, 29]


def test_what_is_no_literal_too_long_or_too_slow_is_no_test() -> None:
    outcomes = [Returned(number) for number in range(8)]
    outcomes[3] = Opaque("too deep")
    outcomes[4] = Returned("x" * chosen_tests.TEST_CHARACTERS)
    outcomes[5] = Returned(float("nan"))
    steps = [1] * 8
    steps[6] = chosen_tests.STEPS_OF_A_TEST + 1
    kills = {"relation 1": {3, 4, 5, 6}}
    assert chosen(pool(8, kills, outcomes=outcomes, steps=steps)) == [2, 7]


def test_a_source_with_many_tests_gets_a_few_more() -> None:
    kills = {f"relation {number}": {number} for number in range(60, 90)}
    made = pool(100, kills)
    made.seeds = 60
    assert len(chosen(made)) == chosen_tests.FEWEST_MADE
