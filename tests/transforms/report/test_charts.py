"""Charts: where marks are, on which side of the threshold, and that names cannot act."""

import re

import pytest

from transforms.report.charts import (
    CAME,
    DROPPED,
    KEPT,
    MORE,
    Axis,
    Bin,
    FunnelStep,
    bar,
    histogram,
    steps,
)

LONGEST = Axis(10, 10_000, "characters", 1000, over=True, logarithmic=True)
LETTERS = Axis(0, 1, "of all characters", 0.25, over=False, logarithmic=False)


def bars(drawing, kind):
    """(x, width) of the bars of a kind, in per cent."""
    found = re.findall(rf'<rect class="{kind}" x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"', drawing)
    return [(float(x), float(width)) for x, width in found]


def test_a_drop_begins_where_the_one_before_ends():
    rows = [
        FunnelStep("read", 100, CAME),
        FunnelStep("dropped: empty", 10, DROPPED),
        FunnelStep("dropped: near_duplicate", 40, DROPPED),
        FunnelStep("kept", 50, KEPT),
    ]
    drawing = steps("The funnel", rows)
    assert bars(drawing, "came") == [(0, 100)] and bars(drawing, "kept") == [(0, 50)]
    assert bars(drawing, "dropped") == [(90, 10), (50, 40)]
    assert "−10 (10.0 %)" in drawing and 'aria-label="The funnel"' in drawing


def test_what_came_from_several_adds_up():
    rows = [FunnelStep("a", 60, MORE), FunnelStep("b", 40, MORE), FunnelStep("kept", 100, KEPT)]
    drawing = steps("", rows)
    assert bars(drawing, "more") == [(0, 60), (60, 40)] and bars(drawing, "kept") == [(0, 100)]


def test_nothing_came():
    assert "<svg" in steps("", []) and bars(steps("", [FunnelStep("read", 0, CAME)]), "came") == [
        (0, 0)
    ]


def test_what_is_beyond_the_threshold_is_dropped():
    long = histogram("", [Bin(10, 100, 5), Bin(100, 1000, 9), Bin(1000, 10_000, 2)], LONGEST)
    assert (len(bars(long, "kept")), len(bars(long, "dropped"))) == (2, 1)
    few = histogram("", [Bin(0, 0.25, 1), Bin(0.25, 0.5, 7), Bin(0.5, 1, 0)], LETTERS)
    assert (len(bars(few, "kept")), len(bars(few, "dropped"))) == (1, 1)
    assert "threshold 0.25" in few and "0.25 to 0.5 of all characters: 7 files" in few
    assert [name for _, name in LONGEST.ticks()] == ["10", "100", "1k", "10k"]


@pytest.mark.parametrize("axis", [LONGEST, LETTERS])
def test_marks_are_in_the_drawing(axis):
    places = [axis.place(value) for value in (axis.low, axis.threshold, axis.high)]
    assert places == sorted(places) and places[0] > 0 and places[-1] < 100


def test_names_cannot_act():
    drawing = steps('"><script>', [FunnelStep("</text><script>\0\u202e", 1, CAME)])
    assert "<script" not in drawing and "&lt;script" in drawing and "⟨U+202E⟩" in drawing


def test_a_bar_is_a_share_of_the_longest():
    assert 'width="25.00%"' in bar(1, 4) and 'width="0.00%"' in bar(0, 0)
