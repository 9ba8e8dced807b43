"""What files consist of, told in one compiled pass and without a parser.

Every line that is not blank is one of code, docstring and comment; the first of these if it is
several. Strings, comments and joined lines are those of `transforms.lib.python.lexing`, but only
what begins a statement is looked at word by word: the rest is stepped over up to the next quote,
bracket or line end. Of a text that is not Python the counts are some numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.corpus.quality.line_kinds import scan
from transforms.corpus.quality.repeated_lines import count_lines
from transforms.lib.compiled import kernel
from transforms.lib.text.batch import TextBatch

SMALLEST_TABLE = 64  # slots for the lines of a file, of which half are used


@dataclass(frozen=True)
class LexicalCounts:
    """Counts for each file of a batch; int64[n] each.

    - code_lines, docstring_lines, comment_lines: the lines of each kind; a docstring that begins
      in the line of its `def` or `class` is code
    - duplicate_lines: lines of code that the file has elsewhere too, but for blanks around them;
      lines of one character, and `},`, are no duplicates
    - functions, imports, prints: statements that begin with def, with import or from, with print
    - passes: statements that end with the word pass
    - parameters, annotated: of functions, without a first `self` or `cls`
    """

    functions: NDArray[np.int64]
    imports: NDArray[np.int64]
    passes: NDArray[np.int64]
    prints: NDArray[np.int64]
    parameters: NDArray[np.int64]
    annotated: NDArray[np.int64]
    code_lines: NDArray[np.int64]
    docstring_lines: NDArray[np.int64]
    comment_lines: NDArray[np.int64]
    duplicate_lines: NDArray[np.int64]


def lexical_counts(batch: TextBatch, rows: NDArray[np.int64] | None = None) -> LexicalCounts:
    r"""The counts of each text of a batch; zeros but for `rows`, if they are given.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> text = '# a\ndef f(self, x: int, y=0):\n    "Do."\n    x += 1\n    x += 1\n    return x\n'
    >>> counts = lexical_counts(text_batch(pa.array([text])))
    >>> counts.code_lines.tolist(), counts.docstring_lines.tolist(), counts.comment_lines.tolist()
    ([4], [1], [1])
    >>> counts.duplicate_lines.tolist(), counts.parameters.tolist(), counts.annotated.tolist()
    ([2], [2], [1])
    """
    out = np.zeros((len(batch), 10), np.int64)
    rows = np.arange(len(batch)) if rows is None else rows
    longest = int(np.diff(batch.offsets)[rows].max(initial=0))
    _count(batch.data, batch.offsets, rows, np.zeros(longest + 2, np.uint8), out)
    return LexicalCounts(*out.T.copy())


@kernel
def _count(data, offsets, rows, kinds, out):  # type: ignore[no-untyped-def]
    """Writes the counts of the `rows` to those of `out`; `kinds` is room for lines, zeros."""
    table = np.zeros(SMALLEST_TABLE, np.uint64)
    for i in rows:
        begin, end = offsets[i], offsets[i + 1]
        if end - begin > 2 and data[begin] == 0xEF and data[begin + 1] == 0xBB:
            begin += 3  # a byte order mark
        lines = scan(data, begin, end, kinds, out[i, :6])
        size = SMALLEST_TABLE
        while size < 2 * lines:
            size *= 2
        if size > len(table):
            table = np.zeros(size, np.uint64)
        count_lines(data, begin, end, kinds, table[:size], out[i, 6:])
        table[:size] = 0
        kinds[:lines] = 0
