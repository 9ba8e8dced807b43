"""Inputs of programs: they have the grammar of the examples."""

import pytest

from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs import NoInputs, Proposals


def program(examples, solutions=1):
    tests = [(example, "") for example in examples]
    return Candidate(
        "p3", "stdio", "", "", "", ["x"] * solutions, [], "", tests, "tokens", None, ""
    )


def numbers(text):
    return [[int(token) for token in line.split()] for line in text.splitlines()]


CASES = ["2\n3\n1 2 3\n2\n7 9\n", "1\n4\n1 1 2 2\n"]
SAID = "The first line contains the number of test cases t. Then n (1 ≤ n ≤ 9), and a_i (1 ≤ a_i ≤ 50)."


def test_counts_are_followed_by_as_many_numbers():
    found = Proposals.of(program(CASES), SAID, None)
    for text in found.more(60) + found.more(30):
        (count,), *lines = numbers(text)
        assert len(lines) == 2 * count
        for (n,), row in zip(lines[::2], lines[1::2], strict=True):
            assert len(row) == n <= 9
            assert all(1 <= number <= 50 for number in row)


def test_lines_of_edges_name_nodes_that_exist():
    found = Proposals.of(program(["3 2\n1 2\n2 3\n", "4 1\n1 4\n"]), "n, m", None)
    for text in found.more(60):
        (n, m), *edges = numbers(text)
        assert len(edges) == m
        assert all(1 <= end <= n for edge in edges for end in edge)


def test_a_text_has_the_length_that_stands_before_it():
    found = Proposals.of(program(["5\nabcab\n", "3\nxyx\n"]), "", None)
    for text in found.more(40):
        length, word = text.split()
        assert len(word) == int(length)


def test_examples_without_a_grammar_have_no_inputs():
    with pytest.raises(NoInputs) as caught:
        Proposals.of(program(["1 2 3\n4\n", "1\n2 3 4\n5 6\n"]), "", None)
    assert caught.value.reason == "no_grammar"


def test_a_guarantee_means_no_inputs_from_one_solution():
    said = "It is guaranteed that the graph is connected."
    with pytest.raises(NoInputs):
        Proposals.of(program(["3\n"]), said, None)
    assert Proposals.of(program(["3\n"], solutions=2), said, None).more(3)
