"""Statistics against a plain-Python definition of lines, characters and alphanumerics."""

import sys

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.corpus.statistics import statistics
from transforms.lib.text.batch import text_batch
from transforms.lib.text.characters import LETTERS_END

TEXT = st.text(
    st.sampled_from("a0_ \t\r\n\n\u00e9\u4e2d\U0001f600\U00020000\u2028\x0c"), max_size=60
)


def slow_statistics(text: str) -> tuple[int, int, int, int, int]:
    lines = text.split("\n" if "\n" in text else "\r")
    ended = lines[:-1]  # the \r before a \n belongs to the line end
    lengths = [len(line.removesuffix("\r")) for line in ended] + [len(lines[-1])] * bool(lines[-1])
    letters = sum(character.isalnum() for character in text)
    return len(text), len(lengths), sum(lengths), max(lengths, default=0), letters


@given(st.lists(st.one_of(TEXT, st.text(max_size=40)), min_size=1, max_size=8))
def test_statistics_are_those_of_python(texts: list[str]) -> None:
    measured = statistics(text_batch(pa.array(texts)))
    found = zip(
        measured.characters,
        measured.lines,
        measured.line_characters,
        measured.max_line,
        measured.alphanumerics,
        strict=True,
    )
    assert [tuple(map(int, row)) for row in found] == [slow_statistics(text) for text in texts]


def test_a_slice_is_measured_as_itself() -> None:
    array = pa.array(["a\nbb\n", "ccc", "dddd\r\n"])
    assert statistics(text_batch(array[1:])).max_line.tolist() == [3, 4]


def test_no_letter_beyond_the_table() -> None:
    beyond = range(LETTERS_END, sys.maxunicode + 1)
    assert not any(chr(point).isalnum() for point in beyond)


def test_every_code_point() -> None:
    points = [chr(p) for p in range(1, LETTERS_END) if not 0xD800 <= p < 0xE000 and p != 10]
    letters = statistics(text_batch(pa.array(points))).alphanumerics
    assert np.array_equal(letters, [point.isalnum() for point in points])
