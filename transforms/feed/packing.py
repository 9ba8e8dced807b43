"""Documents packed into windows of one length: none cut where it fits, or all cut alike.

`best-fit` packs as "Fewer Truncations Improve Language Modeling" (arXiv:2404.10830) does: what is
longer than a window is cut into whole windows and a rest, and then each piece, the longest first,
goes to the window with the least space that holds it. Where that would leave more padding than
MOST_PADDING, because a shard has few documents, the emptiest windows are made anew: their documents
are put back to back and cut. `cut` treats all documents so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.feed.documents import Documents
from transforms.feed.settings import How
from transforms.feed.spans import joined_spans, offsets
from transforms.lib.compiled import kernel

MOST_PADDING = 0.005  # of all tokens of the windows
PADDING = -1  # instead of the number of a document


@dataclass(frozen=True)
class PackedWindows:
    """Windows of `window` tokens each, back to back, in the order of their first documents.

    tokens: uint32[windows * window]; ends: int64[pieces], where each piece ends in `tokens`;
    loss: bool[windows * window]; documents: int64[pieces], which document each piece is of.

    Pieces fill the windows without a gap, and none is in two windows. Padding is a piece too, the
    last of its window: its document is PADDING, and it repeats the token for the end of a text,
    without loss.
    """

    window: int
    tokens: NDArray[np.uint32]
    ends: NDArray[np.int64]
    loss: NDArray[np.bool_]
    documents: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many tokens each piece has; int64[pieces]."""
        return np.diff(self.ends, prepend=0)


@dataclass(frozen=True)
class _Pieces:
    """Spans of documents: int64[pieces] each.

    document: its number; start: the place of the piece's first token; length: its tokens.
    """

    document: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]

    def part(self, of: NDArray[np.int64], begin: NDArray, length: NDArray) -> "_Pieces":
        """Parts of the pieces `of`, which begin at token `begin` of these."""
        return _Pieces(self.document[of], self.start[of] + begin, length)


def pack(documents: Documents, window: int, end: int, how: How) -> PackedWindows:
    """The documents in windows; `end` is the token that pads. No token is lost.

    The same documents give the same windows. Documents without tokens are in none.
    """
    lengths = documents.ends - documents.starts
    pieces = _Pieces(np.arange(len(documents)), documents.starts, lengths)
    placed = _cut if how == "cut" else _best_fit
    return _laid_out(documents, *placed(pieces, window), window, end)


def _cut(pieces: _Pieces, window: int) -> tuple[_Pieces, NDArray[np.int64]]:
    """The pieces back to back, cut where windows end, and the window of each."""
    places = offsets(pieces.length)
    bounds = np.union1d(places, np.arange(0, places[-1], window))
    begins, of = bounds[:-1], np.searchsorted(places, bounds[:-1], "right") - 1
    return pieces.part(of, begins - places[of], np.diff(bounds)), begins // window


def _best_fit(pieces: _Pieces, window: int) -> tuple[_Pieces, NDArray[np.int64]]:
    """Pieces of at most a window, and the window of each."""
    pieces = _within(pieces, window)
    window_of = _fitted(pieces.length, window)
    again = _windows_to_cut(np.bincount(window_of, pieces.length), window)[window_of]
    if not again.any():
        return pieces, window_of
    count = int(window_of.max()) + 1
    kept, cut = np.flatnonzero(~again), np.flatnonzero(again)
    parts, part_window = _cut(pieces.part(cut, np.zeros_like(cut), pieces.length[cut]), window)
    together = (
        np.concatenate([before[kept], after])
        for before, after in zip(vars(pieces).values(), vars(parts).values(), strict=True)
    )
    return _Pieces(*together), np.concatenate([window_of[kept], part_window + count])


def _within(pieces: _Pieces, window: int) -> _Pieces:
    """The pieces, those longer than a window as whole windows and a rest."""
    counts = -(-pieces.length // window)
    of = np.repeat(np.arange(len(counts)), counts)
    begin = (np.arange(len(of)) - offsets(counts)[:-1][of]) * window
    return pieces.part(of, begin, np.minimum(pieces.length[of] - begin, window))


def _fitted(lengths: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """The window of each piece by best fit decreasing; equal lengths in their order."""
    order = np.argsort(-lengths, kind="stable")
    leaves = 1 << window.bit_length()  # so many that each number up to `window` has its own
    out = np.empty(len(lengths), np.int64)
    _fit(lengths, order, window, np.zeros(2 * leaves, np.int64), np.empty_like(out), out)
    return out


@kernel
def _fit(lengths, order, window, tree, older, out):  # type: ignore[no-untyped-def]
    """tree: how many open windows have so much space, by leaf and summed above, root at 1.

    Those of equal space are a stack: `top` has the newest of them, `older` what is below each.
    """
    top = np.full(len(tree) // 2, -1, np.int64)
    count = 0
    for piece in order:
        space = _least_space(tree, lengths[piece])
        if space < 0:
            chosen, space = count, window
            count += 1
        else:
            chosen = top[space]
            top[space] = older[chosen]
            _add(tree, space, -1)
        out[piece] = chosen
        space -= lengths[piece]
        if space:
            older[chosen], top[space] = top[space], chosen
            _add(tree, space, 1)


@kernel
def _least_space(tree, length):  # type: ignore[no-untyped-def]
    """The least space of `length` or more that an open window has; -1 if none has."""
    leaves = len(tree) // 2
    node = leaves + length
    if tree[node]:
        return length
    while node > 1 and (node & 1 or tree[node + 1] == 0):
        node >>= 1
    if node <= 1:
        return -1
    node += 1
    while node < leaves:
        node = 2 * node if tree[2 * node] else 2 * node + 1
    return node - leaves


@kernel
def _add(tree, space, change):  # type: ignore[no-untyped-def]
    """Count a window of so much space in, or out."""
    node = len(tree) // 2 + space
    while node:
        tree[node] += change
        node >>= 1


def _windows_to_cut(filled: NDArray, window: int) -> NDArray[np.bool_]:
    """The emptiest windows, as few as must be made anew for MOST_PADDING; bool[windows].

    Where no number of them is enough, so many that there is the least padding.
    """
    space = window - filled.astype(np.int64)
    emptiest = np.argsort(-space, kind="stable")
    freed = offsets(space[emptiest])  # by how many windows are made anew
    last = (freed - np.arange(len(freed)) * window) % window  # space in the last of the new ones
    padding = freed[-1] - freed + last
    enough = padding <= MOST_PADDING * (filled.sum() + padding)
    number = np.argmax(enough) if enough.any() else np.argmin(padding)
    out = np.zeros(len(space), np.bool_)
    out[emptiest[:number]] = True
    return out


def _laid_out(
    documents: Documents, pieces: _Pieces, window_of: NDArray[np.int64], window: int, end: int
) -> PackedWindows:
    """The pieces in their windows, these in the order of their first pieces, with padding."""
    space = window - np.bincount(window_of, pieces.length).astype(np.int64)
    short = np.flatnonzero(space * (space < window))  # a window without pieces is none
    document = np.concatenate([pieces.document, np.full(len(short), PADDING)])
    start = np.concatenate([pieces.start, np.full(len(short), len(documents.tokens))])
    length = np.concatenate([pieces.length, space[short]])
    order = _in_order(pieces, window_of, short)
    spans = start[order], length[order]
    pad = np.full(window, end, np.uint32), np.zeros(window, np.bool_)
    tokens = joined_spans(np.concatenate([documents.tokens, pad[0]]), *spans)
    loss = joined_spans(np.concatenate([documents.loss, pad[1]]), *spans)
    return PackedWindows(window, tokens, np.cumsum(spans[1]), loss, document[order])


def _in_order(
    pieces: _Pieces, window_of: NDArray[np.int64], short: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The order of pieces and, after them, of the paddings of the windows `short`."""
    last = np.iinfo(np.int64).max
    first = np.full(int(window_of.max(initial=-1)) + 1, last)
    np.minimum.at(first, window_of, pieces.start)
    window = np.concatenate([first[window_of], first[short]])
    return np.lexsort((np.concatenate([pieces.start, np.full(len(short), last)]), window))


def positions_in(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions of tokens in pieces of these lengths, back to back.

    >>> positions_in(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    begins = offsets(lengths)
    return np.arange(begins[-1]) - np.repeat(begins[:-1], lengths)
