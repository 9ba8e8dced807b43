"""Line and character statistics of files, in one compiled pass over UTF-8 (Codex section 3.1)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.text.batch import TextBatch
from transforms.lib.text.characters import LETTERS_END, code_point

NEWLINE = 10
RETURN = 13


@dataclass(frozen=True)
class Statistics:
    r"""Counts for each file of a batch, one value per file; int64[n] each.

    A line ends with `\n`, which is not part of it, nor is a `\r` before that; in a text without
    `\n` a line ends with `\r`. What follows the last line end is a line unless it is empty. Lengths
    are in characters; `line_characters` is the sum of the lengths of all lines.
    """

    characters: NDArray[np.int64]
    lines: NDArray[np.int64]
    line_characters: NDArray[np.int64]
    max_line: NDArray[np.int64]
    alphanumerics: NDArray[np.int64]

    @property
    def mean_line(self) -> NDArray[np.float64]:
        """Mean line length in characters; 0 for an empty file."""
        return self.line_characters / np.maximum(self.lines, 1)

    @property
    def alphanumeric(self) -> NDArray[np.float64]:
        """Fraction of characters for which str.isalnum() holds; 0 for an empty file."""
        return self.alphanumerics / np.maximum(self.characters, 1)


@cache
def alphanumeric_table() -> NDArray[np.uint8]:
    """str.isalnum() of each code point below LETTERS_END, by the Unicode of this Python."""
    letters = map(str.isalnum, map(chr, range(LETTERS_END)))
    return np.fromiter(letters, np.uint8, LETTERS_END)


def statistics(batch: TextBatch) -> Statistics:
    r"""The statistics of each text of a batch.

    The tests compare them with a definition in plain Python.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> measured = statistics(text_batch(pa.array(["x = 1\n\nname = 'café'\r\n", ""])))
    >>> measured.lines.tolist(), measured.max_line.tolist(), measured.mean_line.tolist()
    ([3, 0], [13, 0], [6.0, 0.0])
    >>> measured.characters.tolist(), measured.alphanumerics.tolist()  # é is an alphanumeric
    ([22, 0], [10, 0])
    """
    out = np.zeros((5, len(batch)), np.int64)
    _scan(batch.data, batch.offsets, alphanumeric_table(), out)
    return Statistics(*out)


@kernel
def _scan(data, offsets, table, out):  # type: ignore[no-untyped-def]
    """Writes the five counts of each text to the columns of `out`, in the order of Statistics."""
    for i in range(len(offsets) - 1):
        begin, end = offsets[i], offsets[i + 1]
        characters = lines = total = longest = alphanumerics = length = at = 0
        line_end = _line_end(data, begin, end)
        at = begin
        while at < end:
            byte = data[at]
            if byte == line_end:
                if length > 0 and data[at - 1] == RETURN and byte == NEWLINE:
                    length -= 1
                lines += 1
                total += length
                longest = max(longest, length)
                length = 0
                characters += 1
                at += 1
                continue
            if byte < 128:
                alphanumerics += table[byte]
                at += 1
            else:
                point, width = code_point(data, at, end)
                alphanumerics += table[point & 0x1FFFFF] if point < len(table) else 0
                at += width
            length += 1
            characters += 1
        if end > begin and data[end - 1] != line_end:
            lines += 1
            total += length
            longest = max(longest, length)
        out[0, i] = characters
        out[1, i] = lines
        out[2, i] = total
        out[3, i] = longest
        out[4, i] = alphanumerics


@kernel
def _line_end(data, begin, end):  # type: ignore[no-untyped-def]
    """The byte that ends the lines of a text: a carriage return only where there is no newline."""
    for at in range(begin, end):
        if data[at] == NEWLINE:
            return NEWLINE
    return RETURN
