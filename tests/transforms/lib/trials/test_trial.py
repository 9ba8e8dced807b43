"""A trial: what failed, in one line, however large the answer is."""

import time

from hypothesis import given
from hypothesis import strategies as st

from tests.support.contest_rows import problem
from transforms.lib.sandbox import Ending, Returned
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.trial import SHOWN_CHARACTERS, Trial

PROBLEM = Candidate.of(problem("f", "    return 5\n", [(1, 5)]))
VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples()
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers(), inner, max_size=3)
        | st.sets(st.just(1))
        | st.frozensets(st.just(1))
    ),
    max_leaves=8,
)


def why(answer: object) -> str:
    trial = Trial({0: Returned(answer)}, Ending("bubblewrap"))
    return trial.why(PROBLEM, AnswerRule()).removeprefix("test 0: 5 expected, ")


@given(VALUES.filter(lambda value: value != 5))
def test_the_beginning_of_a_value_is_that_of_its_repr(value: object) -> None:
    shown = repr(value)
    assert why(value) == (
        shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "…"
    )


def test_sets_are_shown_in_the_same_order_in_every_process() -> None:
    assert why({"b", "a", "c", "d"}) == "{'a', 'b', 'c', 'd'}"


def test_large_values_are_shown_at_once() -> None:
    begin = time.process_time()
    for value in ([10**4000] * 10**6, "x" * 10**7, [["x"] * 10**6] * 10, {1: [1] * 10**6}):
        assert why(value).endswith("…")
    assert why([10**5000]) == "[a value of type int]"
    assert time.process_time() - begin < 1
