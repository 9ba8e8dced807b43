"""Constraints of statements: what is read of them, and which inputs keep them."""

import time

import pytest

from transforms.strengthen.inputs.constraints import constraint_lines, read_constraints

HEAD = "Some text.\n\nConstraints:\n\n"


def read(lines, seed, statement=""):
    """The constraints of some lines on the parameters of a seed."""
    text = statement + HEAD + "\n".join(f"- {line}" for line in lines)
    return read_constraints(text, list(seed), [], [dict(seed)])


KEPT_AND_BROKEN = [
    ("1 <= nums.length <= 10^5", {"nums": [1]}, {"nums": []}),
    ("-10^9 <= nums[i] <= 10^9", {"nums": [-(10**9)]}, {"nums": [10**9 + 1]}),
    ("1 <= k <= nums.length", {"nums": [4, 5], "k": 2}, {"nums": [4, 5], "k": 3}),
    ("0 <= l <= r < nums.length", {"nums": [1], "l": 0, "r": 0}, {"nums": [1], "l": 0, "r": 1}),
    ("s.length == t.length", {"s": "ab", "t": "cd"}, {"s": "ab", "t": "c"}),
    ("s consists of lowercase English letters.", {"s": "ab"}, {"s": "aB"}),
    ("s consists only of digits and '-'.", {"s": "1-2"}, {"s": "1+2"}),
    ("s[i] is either 'a' or 'b'.", {"s": "ab"}, {"s": "abc"}),
    ("grid[i][j] is 0 or 1.", {"grid": [[0, 1]]}, {"grid": [[0, 2]]}),
    ("All the values of nums are unique.", {"nums": [1, 2]}, {"nums": [1, 1]}),
    ("nums is sorted in non-decreasing order.", {"nums": [1, 1, 2]}, {"nums": [2, 1]}),
    ("k is odd.", {"k": 3}, {"k": 4}),
    ("nums[i] <= nums[i + 1]", {"nums": [1, 1, 4]}, {"nums": [1, 3, 2]}),
    ("nums is a permutation of [0, 1, ..., n - 1]", {"nums": [1, 0]}, {"nums": [1, 1]}),
    ("target is an integer from nums.", {"nums": [3], "target": 3}, {"nums": [3], "target": 2}),
    ("1 <= m * n <= 6", {"m": 2, "n": 3}, {"m": 3, "n": 3}),
    ("grid[i][j] == 0 or 1", {"grid": [[0, 1]]}, {"grid": [[0, 2]]}),
    ("s[i] == 'L' or s[i] == 'R'", {"s": "LR"}, {"s": "LX"}),
    ("0 <= nums[i] <= 2 for i != 0", {"nums": [-1, 0, 1]}, {"nums": [-1, 0, 3]}),
    ("0 <= nums[i] < n for all 1 <= i < n", {"nums": [-1, 0], "n": 2}, {"nums": [-1, 2], "n": 2}),
    ("1 <= k <= 2^(n - 1)", {"k": 4, "n": 3}, {"k": 5, "n": 3}),
    ("10^-2 <= k <= 1", {"k": 0.5}, {"k": 0.001}),
    ("nums[i] == -1 or 1 <= nums[i] <= 9", {"nums": [5]}, None),
    ("1 <= sum(words[i].length) <= 4", {"words": ["ab", "cd"]}, {"words": ["abc", "de"]}),
    ("s does not contain leading or trailing spaces", {"s": "a b"}, {"s": " a"}),
    ("s does not contain any leading zeros.", {"s": "10"}, {"s": "01"}),
]


@pytest.mark.parametrize(("line", "kept", "broken"), KEPT_AND_BROKEN)
def test_a_line_tells_inputs_that_keep_it_from_others(line, kept, broken):
    constraints = read([line], kept)
    if broken is None:
        assert constraints.unread == (line,)
        return
    assert constraints.read == (line,)
    assert constraints.keep(dict(kept))
    assert not constraints.keep(dict(broken))


def test_columns_have_the_names_that_the_statement_gives_them():
    seed = {"n": 3, "edges": [[0, 1], [1, 2]]}
    lines = ["edges[i] = [a_i, b_i]", "0 <= a_i, b_i < n", "a_i != b_i"]
    constraints = read(lines, seed)
    assert not constraints.unread
    assert not constraints.keep({"n": 3, "edges": [[0, 3]]})
    assert not constraints.keep({"n": 3, "edges": [[1, 1]]})


def test_names_are_defined_by_what_they_equal():
    seed = {"grid": [[1, 2], [3, 4]], "k": 4}
    constraints = read(["m == grid.length", "n == grid[i].length", "1 <= k <= m * n"], seed)
    assert constraints.keep({"grid": [[1], [2]], "k": 2})
    assert not constraints.keep({"grid": [[1], [2]], "k": 3})
    assert not constraints.keep({"grid": [[1, 2], [3]], "k": 1})


def test_a_tree_of_edges_is_told():
    seed = {"n": 3, "edges": [[0, 1], [1, 2]]}
    constraints = read(["The input is generated such that edges represents a valid tree."], seed)
    assert constraints.keep({"n": 2, "edges": [[0, 1]]})
    assert not constraints.keep({"n": 4, "edges": [[0, 1], [1, 0], [2, 3]]})


def test_a_line_that_a_seed_breaks_is_misunderstood_and_unread():
    assert read(["1 <= k <= 5"], {"k": 9}).unread == ("1 <= k <= 5",)


def test_bounds_reach_past_other_terms():
    constraints = read(["1 <= k <= n <= 100"], {"k": 2, "n": 3})
    assert constraints.bounds == {("k",): (1, 100), ("n",): (1, 100)}


@pytest.mark.parametrize(
    ("count", "kept", "broken"),
    [
        ("The number of nodes in the list is n.", [3, 1], [3, 1, 2]),
        ("n == number of nodes in the tree", [2, None, 2], [3, None, 2]),
    ],
)
def test_n_is_the_number_of_nodes(count, kept, broken):
    lines = [count, "0 <= Node.val <= n + 1", "1 <= n <= 2"]
    statement = HEAD + "".join(f"- {line}\n" for line in lines)
    constraints = read_constraints(statement, ["root"], ["root"], [{"root": kept}])
    assert "0 <= Node.val <= n + 1" in constraints.read
    assert constraints.keep({"root": kept})
    assert not constraints.keep({"root": [9, *broken]})


def test_unread_lines_that_matter_are_doubtful():
    line = "The input is generated such that an answer exists."
    assert read([line, "All roads are pretty."], {"k": 1}).doubtful == (line,)


def test_lines_end_at_the_next_heading():
    assert constraint_lines(HEAD + "- 1 <= n\n\nFollow up: faster?\n- 2 <= n") == ["1 <= n"]


HOSTILE = [
    "1 <= " + "(" * 200_000,
    "1 <= 9^9^9^9^9 <= k",
    "k <= 'a' * 10^9 * 10^9",
    "s consists of " + "lowercase " * 5_000,
    " and ".join(["s"] * 20_000) + " consist of x",
    "a" * 90_000,
    "k! <= " + "!" * 90_000,
    "1 <= " + " " * 90_000 + "x",
]


@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_lines_are_cheap(line):
    begin = time.process_time()
    read([line] * 30, {"k": 1, "s": "a"})
    assert time.process_time() - begin < 0.5
