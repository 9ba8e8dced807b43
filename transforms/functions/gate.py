"""The parse gate: which files may be parsed here, which only where that can be killed, which never.

What is measured is a bound, found without parsing: no expression nests deeper than the number of
brackets and operators that are open at a time, so chains and towers of any kind are seen.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

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

MAX_BYTES = 1_000_000  # strictly less, as Codex has it
MAX_LINE = 4_000  # bytes: the 1,000 characters of Codex, of four bytes at most
# Of 34,242 real files that pass the filters none has more than 363 and 146,534.
MAX_NESTING = 1_000
MAX_TOKENS = 250_000
# Beyond these, which one real file in 500 is, parsing happens where it can be killed.
SAFE_NESTING = 64
SAFE_TOKENS = 60_000
SAFE_F_STRING = 4_000  # bytes: what is nested in it is not measured
LEVELS = 256  # of brackets that are told apart; Python refuses more than 200
COLON = ord(":")

Fault = tuple[str, str]  # a reason from the closed list, and the value behind it


@dataclass(frozen=True)
class Shapes:
    """What the gate needs of each file. int64: nesting, tokens, longest line, longest f-string.

    documented: whether it may hold a function with a docstring; where it is false, none is.
    """

    size: NDArray[np.int64]
    nesting: NDArray[np.int64]
    tokens: NDArray[np.int64]
    line: NDArray[np.int64]
    f_string: NDArray[np.int64]
    documented: NDArray[np.bool_]

    def refusal(self, row: int) -> Fault | None:
        """Why a file must not reach any parser."""
        limits = (
            ("too_large", self.size, MAX_BYTES - 1),
            ("long_line", self.line, MAX_LINE),
            ("too_nested", self.nesting, MAX_NESTING),
            ("too_many_tokens", self.tokens, MAX_TOKENS),
        )
        for reason, measured, most in limits:
            if measured[row] > most:
                return reason, str(measured[row])
        return None

    def is_suspicious(self, row: int) -> bool:
        """Whether a file must be parsed where that can be killed."""
        return bool(
            self.nesting[row] > SAFE_NESTING
            or self.tokens[row] > SAFE_TOKENS
            or self.f_string[row] > SAFE_F_STRING
        )


def shapes(batch: TextBatch) -> Shapes:
    """The shapes of the files of a batch."""
    out = np.zeros((5, len(batch)), np.int64)
    _measure(batch.data, batch.offsets, out)
    nesting, tokens, f_string, documented, line = out
    size = np.diff(batch.offsets)
    return Shapes(size, nesting, tokens, line, f_string, documented.astype(np.bool_))


@numba.njit(cache=True, nogil=True)
def _measure(data, offsets, out):  # type: ignore[no-untyped-def]
    open_ = np.zeros(LEVELS, np.int64)
    for i in range(len(offsets) - 1):
        begin, end = offsets[i], offsets[i + 1]
        out[0, i], out[1, i], out[2, i], out[3, i] = _scan(data, begin, end, open_)
        out[4, i] = _longest_line(data, begin, end)


@numba.njit(cache=True, nogil=True)
def _scan(data, at, end, open_):  # type: ignore[no-untyped-def]
    """Nesting, tokens, longest f-string of a file, and whether a docstring may stand below a def.

    `open_[d]` counts what may nest at bracket level d since its last comma: an operator nests what
    is beside it, a bracket what is in it, and of two words or a word and a string in a row one is
    an operator. A docstring follows, but for opening brackets, a colon in a statement that begins
    with def or async; brackets that never close may hide one.
    """
    depth = total = deepest = tokens = f_string = 0
    previous = NEWLINE
    starts, definition, awaited, documented = True, False, False, False
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
            documented |= awaited
            f_string = max(f_string, (at - begin) * _is_f_string(data, begin))
        awaited = (kind == OPEN and awaited) or (colon and definition)
        top = min(depth, LEVELS - 1)
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
                open_[min(depth, LEVELS - 1)] *= depth >= LEVELS
        previous = kind
        deepest = max(deepest, total)


@numba.njit(cache=True, nogil=True)
def _is_operator(previous, kind):  # type: ignore[no-untyped-def]
    """Whether one of two tokens in a row must be a word like `not`, `if` or `lambda`."""
    if kind == WORD:
        return previous in (WORD, STRING)
    return kind == STRING and previous == WORD


@numba.njit(cache=True, nogil=True)
def _longest_line(data, begin, end):  # type: ignore[no-untyped-def]
    """Bytes of the longest line."""
    longest = 0
    for at in range(begin, end):
        if data[at] == LINE_FEED or data[at] == RETURN:
            longest = max(longest, at - begin)
            begin = at + 1
    return max(longest, end - begin)


@numba.njit(cache=True, nogil=True)
def _is_definition(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether a word is def, or like async: what begins with it is worth a look."""
    if end - begin == 3:
        return data[begin] == ord("d") and data[begin + 1] == ord("e")
    return end - begin == 5 and data[begin] == ord("a") and data[begin + 1] == ord("s")


@numba.njit(cache=True, nogil=True)
def _is_f_string(data, begin):  # type: ignore[no-untyped-def]
    """Whether a string has an f in its prefix."""
    if data[begin] == DOUBLE or data[begin] == SINGLE:
        return False
    return (data[begin] | 0x20) == ord("f") or (data[begin + 1] | 0x20) == ord("f")
