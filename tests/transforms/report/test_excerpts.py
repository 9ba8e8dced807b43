"""Excerpts: the lines that matter are among them, long ones are cut, secrets are masked first."""

import pytest

from tests.support.reported import ADDRESS
from transforms.report.excerpts import (
    LINE_CHARACTERS,
    LINES,
    head,
    lines_of,
    with_difference,
    with_longest,
    with_number,
    with_words,
)

MANY = [f"line {number}" for number in range(1, 101)]


def marked(excerpt):
    return [(number, text) for number, text, is_marked in excerpt.rows if is_marked]


def test_lines_end_as_they_end_in_files():
    assert lines_of("a\nb\r\nc\rd\n") == ["a", "b", "c", "d"]
    assert lines_of("") == [""] and lines_of("\n\n") == ["", ""]


def test_secrets_are_masked_before_a_line_is_cut():
    line = "x" * (LINE_CHARACTERS // 2 - 4) + " " + ADDRESS + " " + "y = 1 " * 200
    shown = head(lines_of(line)).rows[0][1]
    assert ADDRESS[:4] not in shown and len(shown) < LINE_CHARACTERS + 40
    assert "characters …" in shown


@pytest.mark.parametrize("number", [1, 2, 50, 99, 100])
def test_the_line_with_a_number_is_among_them(number):
    excerpt = with_number(MANY, number)
    assert marked(excerpt) == [(number, f"line {number}")]
    assert len(excerpt.rows) == LINES and excerpt.lines == 100


def test_a_number_beyond_the_text_is_its_end():
    assert marked(with_number(["a", "b"], 9)) == [(2, "b")]


def test_the_longest_line_and_the_line_with_words():
    assert marked(with_longest([*MANY, "x" * 50, *MANY])) == [(101, "x" * 50)]
    assert marked(with_words(["a", "# Do NOT edit", "b"], "do not edit")) == [(2, "# Do NOT edit")]
    assert marked(with_words(MANY, "nowhere")) == []


def test_both_sides_begin_at_the_first_difference():
    left, right = [*MANY[:60], "old", *MANY[60:]], [*MANY[:60], "new", "more", *MANY[60:]]
    ours, its = with_difference(left, right)
    assert (61, "old") in marked(ours) and (62, "line 61") not in marked(ours)
    assert [text for _, text in marked(its)][:2] == ["new", "more"]
    assert ours.rows[0][0] == its.rows[0][0] == 59


def test_one_text_is_the_begin_of_the_other():
    ours, its = with_difference(MANY[:50], MANY)
    assert ours.rows[-1][0] == 50 and (51, "line 51") in marked(its)


def test_what_is_not_seen_is_shown_by_its_code():
    assert head(["\x1b[2J\0\u2066"]).rows[0][1] == "⟨U+001B⟩[2J⟨U+0000⟩⟨U+2066⟩"
