"""Inputs of MBPP+ become the types that its tasks expect."""

import pytest

from transforms.lib.eval_sets.mbpp_plus_inputs import FORMS, evalplus_arguments


@pytest.mark.parametrize(
    ("number", "read", "made"),
    [
        (3, [[1, 2], "a"], ([1, 2], "a")),
        (2, [[1], [2, 3]], ((1,), (2, 3))),
        (63, [[[1, 2], [3]]], ([(1, 2), (3,)],)),
        (75, [[[1, 2]], 3], ([(1, 2)], 3)),
        (106, [[1], [2]], ([1], (2,))),
        (115, [[[1, 1], [], 3]], ([{1}, {}, {}],)),
        (124, ["0", "1j"], (0.0, 1j)),
        (250, [[1, 1], 1], ((1, 1), 1)),
        (252, ["1+2j"], (1 + 2j,)),
        (259, [[[1, 2]], [[3]]], (((1, 2),), ((3,),))),
        (278, [[1, "ab", [2]]], ((1, "ab", (2,)),)),
        (307, [[1, []], 0, 5], ((1, []), 0, 5)),
        (722, [{"a": [1.5, 2]}, 1], ({"a": (1.5, 2)}, 1)),
        (580, [[1, [2, [3]]]], ((1, (2, (3,))),)),
    ],
)
def test_forms(number: int, read: list, made: tuple) -> None:
    assert evalplus_arguments(f"Mbpp/{number}", read) == made
    assert evalplus_arguments(f"HumanEval/{number}", read) == tuple(read)


def test_each_task_has_one_form() -> None:
    numbers = [number for _, of_form in FORMS for number in of_form]
    assert len(numbers) == len(set(numbers)) == 62
