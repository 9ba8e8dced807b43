"""Proposed inputs: valid, new, the same in every process, and none where none can be right."""

import ast
from collections import Counter

import pytest

from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs import CHARACTERS, NoInputs, Proposals
from transforms.strengthen.inputs.drafts import PATIENCE, NewInputs


def function(signature, tests, *, harness="", solutions=1):
    name = signature.partition("(")[0].removeprefix("def ")
    return Candidate(
        "p1", "function", name, f"{signature}\n    ", "return 0\n", ["x"] * solutions, [], harness,
        [(repr(test), "0") for test in tests], "exact", None, "",
    )  # fmt: skip


def proposals(signature, tests, statement="", **more):
    return Proposals.of(function(signature, tests, **more), statement, signature)


WINDOW = """Constraints:

- 1 <= nums.length <= 1000
- -100 <= nums[i] <= 100
- 1 <= k <= nums.length
"""


def test_inputs_keep_the_constraints_and_are_new():
    found = proposals("def f(nums: List[int], k: int)", [([1, 2, 3], 2), ([5], 1)], WINDOW)
    inputs = found.more(150) + found.more(150) + found.large(5)
    assert len(inputs) == 305
    assert len(set(map(repr, inputs))) == 305
    assert repr(([1, 2, 3], 2)) not in set(map(repr, inputs))
    for nums, k in inputs:
        assert 1 <= k <= len(nums) <= 1000
        assert all(-100 <= number <= 100 for number in nums)
    assert max(len(nums) for nums, _ in inputs) > 300
    assert min(len(nums) for nums, _ in inputs) == 1


def test_the_same_inputs_are_proposed_every_time():
    made = [proposals("def f(nums: List[int], k: int)", [([1, 2, 3], 2)], WINDOW) for _ in range(2)]
    assert made[0].more(50) == made[1].more(50)
    assert made[0].more(50, [([9, 9], 1)]) == made[1].more(50, [([9, 9], 1)])


@pytest.mark.parametrize(
    "seeds",
    [
        [([1, 2], "ab", 1.5), ([3], "", 2.0)],
        [({"a": [1]}, (1, "x"), None), ({}, (2, "y"), "z")],
        [([[1, 2], [3, 4]], True, {1, 2}), ([[5]], False, {3})],
        [([["a", 1], ["b", 2]], b"x", -4), ([["c", 3]], b"y", 5)],
    ],
)
def test_every_value_comes_back_from_its_literal(seeds):
    for each in proposals("def f(a, b, c)", seeds).more(60):
        text = repr(each)
        assert len(text) <= CHARACTERS
        back = ast.literal_eval(text)
        assert back == each
        assert [type(value) for value in back] == [type(value) for value in each]


def test_rectangles_stay_rectangles_and_squares_squares():
    wide = proposals("def f(grid)", [([[1, 2, 3], [4, 5, 6]],), ([[1], [2]],)])
    square = proposals("def f(grid)", [([[1, 2], [3, 4]],), ([[7]],)])
    assert all(len({len(row) for row in grid}) <= 1 for (grid,) in wide.more(80))
    assert all({len(row) for row in grid} <= {len(grid)} for (grid,) in square.more(80))


def test_what_holds_in_all_seeds_is_kept_if_the_statement_says_so():
    seeds = [([1, 3, 8], 3), ([2, 4], 2)]
    found = proposals("def f(nums, target)", seeds, "nums is sorted. target is one value of nums.")
    for nums, target in found.more(80):
        assert nums == sorted(nums)
        assert target in nums


def test_a_search_tree_stays_one():
    harness = "def call(candidate, arguments):\n    root, = arguments\n    root = _tree(root)\n"
    statement = "The root of a binary search tree (BST).\n\nConstraints:\n\n- 0 <= Node.val <= 99"
    found = proposals("def f(root)", [([4, 2, 7, 1, 3],), ([2, 1],)], statement, harness=harness)
    for (root,) in found.more(60):
        values = [value for value in root if value is not None]
        assert len(set(values)) == len(values)
        assert not root or root[0] is not None


def test_nodes_of_edges_stay_below_n():
    seeds = [(3, [[0, 1], [1, 2]]), (4, [[0, 3]])]
    for n, edges in proposals("def f(n, edges)", seeds, "A graph of n nodes.").more(80):
        assert all(0 <= end < n for edge in edges for end in edge)


def test_one_argument_has_the_items_of_another_and_one_more():
    statement = "t is made by shuffling s and adding one more letter.\n\n" + LETTERS
    for s, t in proposals("def f(s, t)", [("abcd", "abcde"), ("", "y")], statement).more(80):
        assert len(t) == len(s) + 1
        assert not Counter(s) - Counter(t)


LETTERS = "Constraints:\n\n- 0 <= s.length <= 50\n- s consists of lowercase English letters.\n"


ONE_ARGUMENT = [
    ("One number is missing.", [[3, 0, 1], [0, 1]], lambda v: set(v) < set(range(len(v) + 1))),
    ("One is duplicated.", [[1, 2, 2, 4], [1, 1]], lambda v: len(set(v)) == len(v) - 1),
    ("arr is a mountain array.", [[0, 2, 1], [0, 5, 9, 3]], lambda v: 0 < v.index(max(v)) < len(v)),
    ("The majority element.", [[3, 2, 3], [1, 1]], lambda v: 2 * max(Counter(v).values()) > len(v)),
    ("Each appears twice except for one.", [[2, 2, 1], [4, 1, 2, 1, 2]], lambda v: len(v) % 2),
    ("The list is rotated.", [[3, 4, 1], [1, 2]], lambda v: sum(map(int.__gt__, v, v[1:])) < 2),
    ("nums[i] != nums[i + 1]", [[1, 2, 1], [3, 4]], lambda v: all(map(int.__ne__, v, v[1:]))),
    (
        "a tree",
        [[[0, 1], [1, 2], [1, 3]], [[1, 0], [0, 2]]],
        lambda v: len({end for edge in v for end in edge}) == len(v) + 1,
    ),
]


@pytest.mark.parametrize(("statement", "seeds", "holds"), ONE_ARGUMENT)
def test_what_a_statement_has_words_for_holds_of_all_inputs(statement, seeds, holds):
    inputs = proposals("def f(v)", [(seed,) for seed in seeds], statement).more(60)
    assert len(inputs) > 5
    assert all(holds(value) for (value,) in inputs if len(value) > 1)


def test_times_of_the_day_stay_times():
    inputs = proposals("def f(time)", [("12:30",), ("00:59",)], "time is like HH:MM").more(60)
    assert len(inputs) > 20
    assert all(int(time[:2]) < 24 and int(time[3:]) < 60 for (time,) in inputs)


def test_what_holds_in_all_seeds_is_kept_where_the_statement_says_nothing():
    for word, words in proposals("def f(w, ws)", [("a", ["a", "b"]), ("c", ["c"])]).more(60):
        assert word in words


def test_seeds_of_mixed_types_have_no_relation_and_break_nothing():
    seeds = [([[1], [2]], [1, 2, "a"]), ([[3]], [2, "b", 1.5])]
    assert proposals("def f(a, b)", seeds, "A rotated mountain array.").more(20)


def test_small_numbers_are_no_digits():
    inputs = proposals("def f(nums)", [([3, 2, 3],), ([2, 1, 1],)], "Numbers.").more(60)
    assert any(len(nums) > 1 and nums[0] == 0 for (nums,) in inputs)


def test_drafts_that_are_never_valid_end_soon():
    made = []
    drafts = iter(lambda: made.append(1), 0)
    assert NewInputs(set()).of(1_000, drafts) == []
    assert len(made) == PATIENCE


def test_an_unread_guarantee_means_no_inputs_from_one_solution():
    statement = "Constraints:\n\n- It is guaranteed that the robot comes home."
    with pytest.raises(NoInputs) as caught:
        proposals("def f(moves)", [("LR",), ("UD",)], statement)
    assert caught.value.reason == "unread_constraint"
    assert proposals("def f(moves)", [("LR",), ("UD",)], statement, solutions=2).more(5)


@pytest.mark.parametrize(
    ("harness", "reason"),
    [("_PROBES = []", "probes"), ('eval(f"called({arguments[0]})")', "replayed_calls")],
)
def test_arguments_that_are_no_data_have_no_inputs(harness, reason):
    with pytest.raises(NoInputs) as caught:
        proposals("def f(n)", [(1,)], harness=harness)
    assert caught.value.reason == reason


def test_functions_of_numbers_begin_with_the_smallest():
    inputs = proposals("def f(n: int)", [(3,)], "Constraints:\n\n- 1 <= n <= 1000").more(30)
    assert inputs == [(n,) for n in range(1, 32) if n != 3]


def test_a_small_space_is_exhausted():
    statement = "Constraints:\n\n- 1 <= n <= 12"
    inputs = proposals("def f(n: int)", [(3,), (5,)], statement).more(100)
    assert sorted(inputs) == [(n,) for n in range(1, 13) if n not in (3, 5)]
