"""Examples of statements: labels, assignments, values in JSON or nearly."""

import time

import pytest

from transforms.contests.judged.statement_examples import (
    arguments,
    examples,
    first_value,
    read_examples,
    split,
    value,
)
from transforms.lib.python.parsing import Rejected

OLD = """Example 1:

Input: nums = [2,7,11,15], target = 9
Output: [0,1]
Explanation: Because nums[0] + nums[1] == 9, we return [0, 1].

Example 2:

Input: nums = [3,3], target = 6
Output: [0,1]

Constraints:

- 2 <= nums.length
"""
NEW = OLD.replace("Output", "\nOutput").replace("Explanation:", "\nExplanation:\n\n")
MARKDOWN = OLD.replace("Input:", "**Input:**").replace("Output:", "> **Output**:")


@pytest.mark.parametrize("text", [OLD, NEW, MARKDOWN])
def test_every_mark_up(text):
    found, unread = read_examples(examples(text), ("nums", "target"))
    assert found == [(([2, 7, 11, 15], 9), [0, 1]), (([3, 3], 6), [0, 1])]
    assert unread == 0


def test_names_decide_the_order_and_counts_the_rest():
    text = "Input: b = 1, a = 2\nOutput: 3\n"
    assert read_examples(examples(text), ("a", "b"))[0] == [((2, 1), 3)]
    assert read_examples(examples(text), ("x", "y"))[0] == [((1, 2), 3)]
    assert read_examples(examples(text), ("x",)) == ([], 1)
    assert read_examples(examples('Input: [1], "a"\nOutput: null'), ("x", "y"))[0] == [
        (([1], "a"), None)
    ]


def test_a_sentence_is_no_label():
    text = "The input is large.\nOutput the sum.\nInput: a = 1\nOutput: 2\nOutput is unique."
    (found,) = examples(text)
    assert first_value(found.output) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1,null,true]", [1, None, True]),
        ('["null", "true"]', ["null", "true"]),
        ("['null', false]", ["null", False]),
        ("2.00000", 2.0),
        ("“a”", "a"),
        ('"a, b = [1, 2]"', "a, b = [1, 2]"),
        ("-1;", -1),
        ("[[1,2],\n [3]],", [[1, 2], [3]]),
        ("3 // of any kind", None),
        ("[1,...]", None),
        ("Infinity", None),
        ("abc", None),
        ("", None),
    ],
)
def test_values(text, expected):
    if expected is None:
        with pytest.raises(Rejected):
            value(text)
    else:
        assert value(text) == expected


def test_the_first_lines_are_a_value():
    assert first_value("[1,\n2]\nThe sum is 3.") == [1, 2]
    assert first_value("3\n[1] would be wrong") == 3


def test_parts_stand_outside_of_brackets_and_strings():
    assert split('a = "x, \\"y\\" (", b = [1,\n2], c = {1: (2, 3)}') == [
        'a = "x, \\"y\\" ("',
        "b = [1,\n2]",
        "c = {1: (2, 3)}",
    ]
    assert arguments("board =\n[[1],\n [2]]\nk = 3") == (("board", "k"), [[[1], [2]], 3])


def test_hostile_examples_do_not_take_long():
    parts = ("[", '"', '\\"', "a =", ",", "-", "{", "Input: a = 1\nOutput: 2\n", " ", "1.", "'")
    for part in parts:
        text = f"Input: a = {part * (100_000 // len(part))}\nOutput: {part * 1000}x"
        begin = time.process_time()
        read_examples(examples(text), ("a",))
        assert time.process_time() - begin < 3, part
