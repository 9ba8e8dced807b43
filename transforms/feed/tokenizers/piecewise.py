"""Texts to tokens in one compiled pass: pieces that are tokens, were seen, or are merged now.

What only tiktoken may decide is left out, and where: gaps, to be filled.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.feed.tokenizers.merging import NO_RANK, Parts, merge, room_for_parts
from transforms.feed.tokenizers.pretokens import KINDS, UNKNOWN, foreign_end, piece_end
from transforms.feed.tokenizers.seen_pieces import SeenPieces, no_pieces, recall, remember
from transforms.feed.tokenizers.token_table import TokenTable, find_hashed, find_token, hash_piece
from transforms.lib.compiled import inlined_kernel, kernel

LONGEST_PIECE = 128  # bytes; longer ones are gaps: merging takes the square of a piece's bytes


class Encoded(NamedTuple):
    """The tokens of some texts without those of the gaps.

    tokens: uint32[n]; ends: int64[texts], where those of each text end; gaps: int64[gaps, 3], where
    in `tokens` each gap is, and where its text begins and ends; gaps_before: int64[texts], how many
    gaps there are up to the end of each text.
    """

    tokens: NDArray[np.uint32]
    ends: NDArray[np.int64]
    gaps: NDArray[np.int64]
    gaps_before: NDArray[np.int64]


class Scratch(NamedTuple):
    """What encoding changes and no result depends on."""

    seen: SeenPieces
    room: Parts


def scratch() -> Scratch:
    """To be used for one call after the other, never by two threads at a time."""
    return Scratch(no_pieces(), room_for_parts(LONGEST_PIECE))


@kernel
def _merged(table, scratch, data, begin, end, out, written):  # type: ignore[no-untyped-def]
    """Write the tokens of a piece to `out`; returns how many they are."""
    count = merge(table, data, begin, end, NO_RANK, scratch.room)
    starts = scratch.room.starts
    for i in range(count):
        out[written + i] = find_token(table, data, starts[i], starts[i + 1])
    return count


@inlined_kernel
def _encode_piece(table, scratch, data, begin, end, out, written):  # type: ignore[no-untyped-def]
    """Write the tokens of a piece to `out`, by the fastest way there is; returns how many."""
    hashed = hash_piece(data, begin, end)
    token = find_hashed(table, data, begin, end, hashed)
    if token >= 0:
        out[written] = token
        return 1
    count = recall(scratch.seen, data, begin, end, hashed, out, written)
    if count == 0:
        count = _merged(table, scratch, data, begin, end, out, written)
        remember(scratch.seen, data, begin, end, hashed, out, written, count)
    return count


@kernel
def _encode(table, scratch, data, offsets, kinds, encoded):  # type: ignore[no-untyped-def]
    """Fill `encoded`; returns the numbers of its tokens and of its gaps."""
    written, gaps = 0, 0
    for text in range(len(offsets) - 1):
        at, end = offsets[text], offsets[text + 1]
        while at < end:
            after = piece_end(data, at, end, kinds)
            if after == UNKNOWN or after - at > LONGEST_PIECE:
                after = foreign_end(data, at, end, kinds) if after == UNKNOWN else after
                encoded.gaps[gaps, 0] = written
                encoded.gaps[gaps, 1] = at
                encoded.gaps[gaps, 2] = after
                gaps += 1
            else:
                written += _encode_piece(table, scratch, data, at, after, encoded.tokens, written)
            at = after
        encoded.ends[text] = written
        encoded.gaps_before[text] = gaps
    return written, gaps


def encode_pieces(
    table: TokenTable, scratch: Scratch, data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> Encoded:
    """The tokens of the UTF-8 texts data[offsets[i]:offsets[i + 1]], without those of the gaps."""
    size, texts = int(offsets[-1] - offsets[0]), len(offsets) - 1
    # A token is at least one byte; a gap two, or it ends a text that is not UTF-8.
    tokens, gaps = np.empty(size, np.uint32), np.empty((size // 2 + texts, 3), np.int64)
    encoded = Encoded(tokens, np.empty(texts, np.int64), gaps, np.empty(texts, np.int64))
    written, missing = _encode(table, scratch, data, offsets, KINDS, encoded)
    return encoded._replace(tokens=tokens[:written], gaps=gaps[:missing])
