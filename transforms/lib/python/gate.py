"""The gate before the parser: which files are parsed, and which of them where they can do no harm.

It measures a bound without parsing: no expression nests deeper than the number of brackets and
operators that are open at a time. So it sees deep nesting of every kind, long chains too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import (
    CLOSE,
    COMMA,
    COMMENT,
    DOUBLE,
    END,
    JOIN,
    LINE_FEED,
    NEWLINE,
    OPEN,
    OPERATOR,
    RETURN,
    SEMICOLON,
    SINGLE,
    STRING,
    WORD,
    token,
)
from transforms.lib.text.batch import TextBatch

PARSED_BYTES = 1_000_000  # a file must stay strictly below it, as in Codex
MAX_LINE_BYTES = 4_000  # the 1,000 characters of Codex, of four bytes at most
# No file of 34,242 real ones that pass the filters has more than 363 and 146,534 of these.
MAX_NESTING = 1_000
MAX_TOKENS = 250_000
# Files beyond these, one real file in 500, are parsed in a process that may be killed.
SAFE_NESTING = 64
SAFE_TOKENS = 60_000
SAFE_F_STRING_BYTES = 4_000  # what is nested inside an f-string is not measured
BRACKET_LEVELS = 256  # tracked separately; Python refuses more than 200
COLON = ord(":")

RejectReason = tuple[str, str]  # a reason, and the value behind it


@dataclass(frozen=True)
class GateMeasures:
    """What the gate knows of each file of a batch; one value per file.

    size: bytes; nesting and tokens: counts; line and f_string: bytes of the longest one.
    documented: false only if the file cannot have a function with a docstring.
    """

    size: NDArray[np.int64]
    nesting: NDArray[np.int64]
    tokens: NDArray[np.int64]
    line: NDArray[np.int64]
    f_string: NDArray[np.int64]
    documented: NDArray[np.bool_]

    def reject_reason(self, row: int) -> RejectReason | None:
        """Why a file must not reach any parser; None if it may."""
        limits = (
            ("too_large", self.size, PARSED_BYTES - 1),
            ("long_line", self.line, MAX_LINE_BYTES),
            ("too_nested", self.nesting, MAX_NESTING),
            ("too_many_tokens", self.tokens, MAX_TOKENS),
        )
        for reason, measured, most in limits:
            if measured[row] > most:
                return reason, str(measured[row])
        return None

    def is_suspicious(self, row: int) -> bool:
        """Whether a file must be parsed in a process that may be killed."""
        return bool(
            self.nesting[row] > SAFE_NESTING
            or self.tokens[row] > SAFE_TOKENS
            or self.f_string[row] > SAFE_F_STRING_BYTES
        )


def measure(batch: TextBatch) -> GateMeasures:
    r"""The measures of the files of a batch.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> texts = ["def f():\n    'Do.'\n", "x = " + "-" * 2000 + "1"]
    >>> measures = measure(text_batch(pa.array(texts)))
    >>> measures.documented.tolist(), measures.reject_reason(0), measures.reject_reason(1)
    ([True, False], None, ('too_nested', '2001'))
    """
    out = np.zeros((5, len(batch)), np.int64)
    _measure_files(batch.data, batch.offsets, out)
    nesting, tokens, f_string, documented, line = out
    size = np.diff(batch.offsets)
    return GateMeasures(size, nesting, tokens, line, f_string, documented.astype(np.bool_))


@kernel
def _measure_files(data, offsets, out):  # type: ignore[no-untyped-def]
    """Writes the five measures of each file to the columns of `out`."""
    open_ = np.zeros(BRACKET_LEVELS, np.int64)
    for i in range(len(offsets) - 1):
        begin, end = offsets[i], offsets[i + 1]
        out[0, i], out[1, i], out[2, i], out[3, i] = _scan(data, begin, end, open_)
        out[4, i] = _longest_line(data, begin, end)


@kernel
def _scan(data, at, end, open_):  # type: ignore[no-untyped-def]
    """Nesting, tokens and longest f-string of a file, and whether a def may have a docstring.

    `open_[d]` counts what may nest at bracket level d since its last comma: an operator nests what
    is beside it, a bracket what is in it, and of two words in a row, or a word and a string, one is
    an operator. A docstring is a string that follows the colon of a statement that begins with def
    or async, with nothing but opening brackets between. Brackets that never close, and f-strings
    that are cut, may hide one.
    """
    depth = total = deepest = tokens = f_string = 0
    previous = NEWLINE
    starts, definition, docstring_next, documented = True, False, False, False
    open_[0] = 0
    while True:
        kind, begin, at = token(data, at, end)
        if kind == END:
            return deepest, tokens, f_string, documented or depth != 0
        if kind in (COMMENT, JOIN):
            continue
        if kind in (NEWLINE, SEMICOLON):
            if depth == 0:
                total, previous, starts = 0, NEWLINE, True
                open_[0] = 0
            continue
        tokens += 1
        if starts:
            definition, starts = kind == WORD and _is_definition(data, begin, at), False
        colon = depth == 0 and kind == OPERATOR and data[begin] == COLON
        if kind == STRING:
            documented |= docstring_next
            if _is_f_string(data, begin):
                f_string = max(f_string, at - begin)
                documented |= _is_cut(data, begin, at)
        docstring_next = (kind == OPEN and docstring_next) or (colon and definition)
        top = min(depth, BRACKET_LEVELS - 1)
        if kind == COMMA:
            total -= open_[top]
            open_[top] = 0
        elif kind == CLOSE and depth > 0:
            total -= open_[top] if depth == top else 0
            depth -= 1
        elif kind in (OPEN, OPERATOR) or _is_operator(previous, kind):
            open_[top] += 1
            total += 1
            if kind == OPEN:
                depth += 1
                open_[min(depth, BRACKET_LEVELS - 1)] *= depth >= BRACKET_LEVELS
        previous = kind
        deepest = max(deepest, total)


@kernel
def _is_operator(previous, kind):  # type: ignore[no-untyped-def]
    """Whether one of two tokens in a row must be a word like `not`, `if` or `lambda`."""
    if kind == WORD:
        return previous in (WORD, STRING)
    return kind == STRING and previous == WORD


@kernel
def _longest_line(data, begin, end):  # type: ignore[no-untyped-def]
    """The length of the longest line in bytes."""
    longest = 0
    for at in range(begin, end):
        if data[at] == LINE_FEED or data[at] == RETURN:
            longest = max(longest, at - begin)
            begin = at + 1
    return max(longest, end - begin)


@kernel
def _is_definition(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether a word is def or async, or any that begins like them: it costs only a closer look."""
    if end - begin == 3:
        return data[begin] == ord("d") and data[begin + 1] == ord("e")
    return end - begin == 5 and data[begin] == ord("a") and data[begin + 1] == ord("s")


@kernel
def _is_f_string(data, begin):  # type: ignore[no-untyped-def]
    """Whether a string has an f or t in its prefix."""
    for at in range(begin, begin + 2):
        if data[at] == DOUBLE or data[at] == SINGLE:
            return False
        if (data[at] | 0x20) in (ord("f"), ord("t")):
            return True
    return False


@kernel
def _is_cut(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether an f-string has a brace more or less: it may go on after one of its own quotes.

    Python 3.12 allows that and the lexer does not know it: what comes after may be anything.
    """
    braces = 0
    for at in range(begin, end):
        braces += (data[at] == ord("{")) - (data[at] == ord("}"))
    return braces != 0
