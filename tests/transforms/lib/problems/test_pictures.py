"""Statements that speak of pictures and colours, and those that only name colours of their own."""

import pytest

from transforms.lib.problems.pictures import needs_picture, without_emblems

START = "Return the sum.\n\nExample 1:\n\nInput: a = [1]\nOutput: 1\nExplanation: "


@pytest.mark.parametrize(
    "text",
    [
        "The figure above describes the graph.",
        "The tree is shown in the following picture.",
        "The path is marked in red.",
        "The red cells are summed.",
        "Flip the highlighted cells.",
        "From the chessboard above, the answer follows.",
        "As illustrated below, it moves twice.",
    ],
)
def test_pictures_that_are_gone(text):
    assert needs_picture(START + text)


@pytest.mark.parametrize(
    "statement",
    [
        START + "It can be shown that 1 is the least.",
        START + "Use the operation described above.",
        "An image is a grid of pixels. Return the flipped image.",
        "Edges are red or blue. Count the paths.\n\nExample 1:\nExplanation: The red edges are two.",
        "Paint each house red, green or blue.",
        "",
    ],
)
def test_text_that_stands_by_itself(statement):
    assert not needs_picture(statement)


def test_locks_leave_titles():
    assert (
        without_emblems("Rearrange String k Distance Apart 🔒")
        == "Rearrange String k Distance Apart"
    )
    assert without_emblems("‑ × ’") == "‑ × ’"
