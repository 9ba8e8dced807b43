"""The pieces of a text that tokens never cross, split by GPT-2's rule, where they are ASCII.

The rule is a regular expression (SPLIT in `published`). Of characters beyond ASCII it asks whether
they are letters, digits or white space, which only tiktoken's tables of Unicode decide as tiktoken
does: here they end what can be said.
"""

import numpy as np

from transforms.lib.compiled import inlined_kernel, kernel

LETTER, DIGIT, SPACE, OTHER, FOREIGN = range(5)
BLANK, NEWLINE, APOSTROPHE = (np.uint8(ord(character)) for character in " \n'")
S, D, M, T, L, V, E, R = (np.uint8(ord(character)) for character in "sdmtlver")
UNKNOWN = -1
WHITE_SPACE = "\t\n\v\f\r "  # Unicode's: \x1c to \x1f, which Python's isspace counts, are not


def _kind(byte: int) -> int:
    character = chr(byte)
    if byte >= 0x80:
        return FOREIGN
    if character in WHITE_SPACE:
        return SPACE
    return LETTER if character.isalpha() else DIGIT if character.isdigit() else OTHER


KINDS = np.array([_kind(byte) for byte in range(256)], np.uint8)  # of each byte


@inlined_kernel
def _contraction(data, at, end):  # type: ignore[no-untyped-def]
    """The bytes of an English contraction at an apostrophe, such as 's or 'll; 0 if none is."""
    if at + 1 >= end:
        return 0
    first = data[at + 1]
    if first in (S, D, M, T):
        return 2
    if at + 2 >= end:
        return 0
    second = data[at + 2]
    ends_in_e = first in (V, R) and second == E
    return 3 if ends_in_e or (first == L and second == L) else 0


@inlined_kernel
def piece_end(data, at, end, kinds):  # type: ignore[no-untyped-def]
    """Where the piece that begins at `at` ends; UNKNOWN if a character beyond ASCII decides it."""
    if data[at] == APOSTROPHE:
        length = _contraction(data, at, end)
        if length:
            return at + length
    first = at
    if data[at] == BLANK and at + 1 < end and kinds[data[at + 1]] != SPACE:
        first = at + 1
    kind = kinds[data[first]]
    after = first + 1
    while after < end and kinds[data[after]] == kind:
        after += 1
    if kind == FOREIGN or (after < end and kinds[data[after]] == FOREIGN):
        return UNKNOWN
    # The last white space before a word is the word's, or stands alone.
    return after - 1 if kind == SPACE and after < end and after - at > 1 else after


@kernel
def foreign_end(data, at, end, kinds):  # type: ignore[no-untyped-def]
    """Where text from the piece at `at` on, which has characters beyond ASCII, may be cut.

    Before ASCII white space that ASCII other than white space follows, a piece begins whatever
    stands around; text up to there gives the same tokens alone. The cut is taken after the end of
    a line, so that there are few.
    """
    line_ended = False
    for cut in range(at + 1, end - 1):
        kind = kinds[data[cut]]
        line_ended = (line_ended or data[cut] == NEWLINE) and kind != FOREIGN
        if line_ended and kind == SPACE:
            after = kinds[data[cut + 1]]
            if after != SPACE and after != FOREIGN:
                return cut
    return end
