"""The pool of inputs: what counts as tried, and when a survivor is possibly the same program."""

from transforms.lib.sandbox import Outcome, Returned
from transforms.strengthen.input_search import ENOUGH_INPUTS, InputPool
from transforms.strengthen.targets import Tried


def tried(*outcomes: Outcome | None, agreeing: int = 0, **kills: set[int]) -> Tried:
    """A round in which the reference had these outcomes."""
    count = len(outcomes)
    return Tried(
        outcomes,
        tuple(outcome is not None for outcome in outcomes),
        (False,) * count,
        (agreeing,) * count,
        (1,) * count,
        (frozenset(),) * count,
        {name.replace("_", " "): frozenset(numbers) for name, numbers in kills.items()},
        tuple(name.replace("_", " ") for name in kills),
        (),
    )


ONE = Returned(1)


def test_numbers_are_those_of_valid_inputs() -> None:
    pool = InputPool(1)
    assert pool.add([(0,), (1,), (2,)], tried(ONE, None, ONE, relation={0, 2}, other=set())) == []
    assert pool.inputs == [(0,), (2,)] and pool.kills == {"relation": {0, 1}, "other": set()}
    assert pool.survivors == ["other"]
    assert pool.add([(3,)], tried(ONE, other={0})) == [2]


def test_right_solutions_that_fail_in_a_round_are_no_targets() -> None:
    pool = InputPool(1)
    pool.add([(0,)], tried(ONE, failing_1={0}, wrong_0=set()))
    assert pool.kills == {"wrong 0": set()}


def test_what_is_doubtful_needs_a_second_solution() -> None:
    pool = InputPool(1, agreed_only=True)
    pool.add([(0,), (1,)], tried(ONE, ONE))
    assert pool.inputs == [(0,)]  # the test of the source is kept
    pool.add([(2,)], tried(ONE, agreeing=1))
    assert pool.inputs == [(0,), (2,)]


def test_a_survivor_is_the_same_program_only_if_all_inputs_were_tried() -> None:
    pool = InputPool(1, exhausted=True)
    pool.add([(0,), (1,)], tried(ONE, ONE))
    assert pool.is_thorough
    pool.add([(2,)], tried(None))
    assert not pool.is_thorough
    pool.add([(3,)] * ENOUGH_INPUTS, tried(*[ONE] * ENOUGH_INPUTS))
    assert pool.is_thorough
