"""A batch of texts, the layer of their views, the layer of the views of these, and so on."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.words import lower_case_table
from transforms.contamination.views.code_lines import LINES_AROUND, has_code_line
from transforms.contamination.views.encodings import (
    percent_decoded,
    quoted_printable_decoded,
    undoubled,
    unescaped,
)
from transforms.contamination.views.markup import shown
from transforms.contamination.views.plain_characters import plain_text
from transforms.contamination.views.prefixed_lines import (
    add_prefixed_lines,
    room_for_lines,
)
from transforms.contamination.views.quoted_text import Unwrapped, room_for_views
from transforms.contamination.views.traces import (
    DOUBLED,
    EQUALS_SIGN,
    ESCAPES,
    MARKUP,
    PERCENT,
    traced_lines,
)
from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import LINE_FEED
from transforms.lib.text.batch import TextBatch

LINE_BREAK = re.compile(rb"\r+\n?")  # any that is not `\n`
# A text of more bytes is scanned in pieces, as the kernels need some 40 bytes of memory for each.
# Two pieces overlap by more than the longest pattern takes (`MAX_FIELD_CHARACTERS`, in a window).
MAX_PIECE_BYTES, OVERLAP_BYTES = 16_000_000, 1_000_000
# The text, and views in views in views: JSON in a string of a notebook in a diff has four.
MAX_LAYERS = 5
MAX_REPEATED = 2  # the same decoder in one chain of views, as each resolves what it can at once
# All views of a deeper layer together, as a multiple of the texts and beside it: what is made to
# unwrap for ever ends here.
MAX_VIEW_FACTOR, MAX_VIEW_SLACK = 2, 1_000_000
STRINGS, PREFIXED = "string", "prefix"  # views, as `hits` names them
# The views that are made of texts with a trace: the trace, the name, and what makes the view.
Decode = Callable[[Sequence[str]], Iterable[tuple[int, str]]]
DECODERS: tuple[tuple[int, str, Decode], ...] = (
    (MARKUP, "markup", shown),
    (PERCENT, "percent", percent_decoded),
    (EQUALS_SIGN, "mail", quoted_printable_decoded),
    (ESCAPES, "escape", unescaped),
    (DOUBLED, "quotes", undoubled),
)
MANY_LINES = 3  # with doubled quotes: so many are no accident
WHOLE_TEXTS = (EQUALS_SIGN, DOUBLED)  # traces of which a few show how all of a text is written


@dataclass(frozen=True)
class Layer:
    """Texts back to back: text i is data[bounds[i]:bounds[i + 1]], bounds int64.

    rows: int32, by text, the row of the batch. Of views, by text: names, what view it is; parents,
    int32, the text of the layer below that it is a view of; first_lines, int64, its first line
    among all. origins: int64, by line, the byte of the layer below at which the line begins.
    """

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    rows: NDArray[np.int32]
    below: "Layer | None" = None
    names: Sequence[str] = ()
    parents: Sequence[int] | NDArray[np.int32] = ()
    first_lines: Sequence[int] | NDArray[np.int64] = ()
    origins: Sequence[int] | NDArray[np.int64] = ()

    def span(self, text: int) -> tuple[int, int]:
        """Begin and end of a text in `data`."""
        return int(self.bounds[text]), int(self.bounds[text + 1])

    def view(self, text: int) -> str:
        """The views that led to a text, the outermost first; "" for a text as it is."""
        if self.below is None:
            return ""
        return f"{self.below.view(int(self.parents[text]))} {self.names[text]}".lstrip()

    def line_of(self, text: int, offset: int) -> int:
        """The line of the batch's row, from 1, to which a byte of `data` in a text belongs."""
        before = self.data[self.bounds[text] : offset]
        if self.below is None:
            return LINE_BREAK.sub(b"\n", before.tobytes()).count(b"\n") + 1
        line = int(self.first_lines[text]) + int(np.count_nonzero(before == LINE_FEED))
        last = int(self.first_lines[text + 1]) - 1
        return self.below.line_of(int(self.parents[text]), int(self.origins[min(line, last)]))


@dataclass(frozen=True)
class PieceBounds:
    """What is scanned of a layer at a time: by piece, begin and end in its data, and its text."""

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    text: NDArray[np.int32]


def plain_layer(batch: TextBatch) -> Layer:
    """The texts of a batch as they are."""
    rows = np.arange(len(batch), dtype=np.int32)
    return Layer(batch.data, batch.offsets, rows)


def pieces(layer: Layer) -> PieceBounds:
    """A piece for each text, or several that overlap for one that is too long."""
    begin, end = layer.bounds[:-1], layer.bounds[1:]
    text = np.arange(len(begin), dtype=np.int32)
    long = np.flatnonzero(end - begin > MAX_PIECE_BYTES)
    if not len(long):
        return PieceBounds(begin, end, text)
    cut = [(int(i), *piece) for i in long for piece in _cut(layer.data, int(begin[i]), int(end[i]))]
    owners, starts, stops = np.array(cut, np.int64).T
    short = np.delete(text, long)
    return PieceBounds(
        np.concatenate([begin[short], starts]),
        np.concatenate([end[short], stops]),
        np.concatenate([short, owners.astype(np.int32)]),
    )


def _cut(data: NDArray[np.uint8], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Overlapping pieces of data[begin:end], which begin with a line where lines are short."""
    while end - begin > MAX_PIECE_BYTES:
        stop = begin + MAX_PIECE_BYTES
        while data[stop] & 0xC0 == 0x80:  # inside a character
            stop -= 1
        yield begin, stop
        begin = stop - OVERLAP_BYTES
        breaks = np.flatnonzero(data[begin : begin + OVERLAP_BYTES // 2] == LINE_FEED)
        begin += int(breaks[0]) + 1 if len(breaks) else 0
        while data[begin] & 0xC0 == 0x80:
            begin += 1
    yield begin, end


class Growing:
    """A layer that is being made: views are added by their bytes, parents and names."""

    def __init__(self, below: Layer) -> None:
        self.below = below
        self.data: list[NDArray[np.uint8]] = []
        self.origins: list[NDArray[np.int64]] = []
        self.sizes: list[NDArray[np.int64]] = []  # by view: bytes and lines
        self.parents: list[NDArray[np.int32]] = []
        self.names: list[str] = []

    def add(
        self, name: str, unwrapped: Unwrapped, sizes: NDArray[np.int64], parents: NDArray[np.int32]
    ) -> None:
        """Add what a kernel wrote; sizes: int64[n, 2], by parent how many bytes and lines."""
        if len(made := np.flatnonzero(sizes[:, 0])):
            self.data.append(unwrapped.data[: unwrapped.size[0]])
            self.origins.append(unwrapped.origins[: unwrapped.size[1]])
            self.sizes.append(sizes[made])
            self.parents.append(parents[made])
            self.names += [name] * len(made)

    def layer(self) -> Layer | None:
        """The layer; None if nothing was added."""
        if not self.names:
            return None
        sizes, parents = np.concatenate(self.sizes), np.concatenate(self.parents)
        ends = np.vstack([np.zeros((1, 2), np.int64), np.cumsum(sizes, axis=0)])
        return Layer(
            np.concatenate(self.data),
            np.ascontiguousarray(ends[:, 0]),
            self.below.rows[parents],
            self.below,
            self.names,
            parents,
            ends[:, 1],
            np.concatenate(self.origins),
        )


def add_prefixed(layer: Layer, above: Growing) -> None:
    """Add the lines of a layer without what stands before them."""
    count, longest = len(layer.rows), int(np.max(np.diff(layer.bounds), initial=0))
    views = room_for_views(3 * len(layer.data) + longest + count + 8)
    sizes = np.zeros((count, 2), np.int64)
    _add_prefixed(
        layer.data, layer.bounds, lower_case_table(), room_for_lines(longest + 1), views, sizes
    )
    above.add(PREFIXED, views, sizes, np.arange(count, dtype=np.int32))


@kernel
def _add_prefixed(data, bounds, lower_case, lines, views, sizes):  # type: ignore[no-untyped-def]
    for text in range(len(sizes)):
        size, written = views.size[0], views.size[1]
        add_prefixed_lines(data, bounds[text], bounds[text + 1], lower_case, lines, views)
        sizes[text, 0], sizes[text, 1] = views.size[0] - size, views.size[1] - written


def add_decoded(layer: Layer, above: Growing) -> None:
    """Add the texts of a layer whose characters are written otherwise."""
    traced = traced_lines(layer.data, layer.bounds)
    for flag, name, decode in DECODERS:
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for text, _, begin, end in traced[traced[:, 1] & flag != 0].tolist():
            places[text].append((begin, end))
        for text, lines in places.items():
            if layer.view(text).split(" ").count(name) == MAX_REPEATED:
                continue
            if flag in WHOLE_TEXTS:
                few = flag == DOUBLED and len(lines) < MANY_LINES
                if few and not any(has_code_line(layer.data, *line) for line in lines):
                    continue
                lines = _lines(layer.data, *layer.span(text))
            parts = _decoded(layer, text, lines, decode)
            if parts:
                data = np.frombuffer(b"".join(part for part, _ in parts), np.uint8)
                origins = np.concatenate([of_lines for _, of_lines in parts])
                sizes = np.array([[len(data), len(origins)]], np.int64)
                unwrapped = Unwrapped(data, origins, sizes[0])
                above.add(name, unwrapped, sizes, np.array([text], np.int32))


def _lines(data: NDArray[np.uint8], begin: int, end: int) -> list[tuple[int, int]]:
    """Begin and end of each line of data[begin:end], the line end left out."""
    ends = [*(begin + np.flatnonzero(data[begin:end] == LINE_FEED)).tolist(), end]
    return list(zip([begin, *(stop + 1 for stop in ends[:-1])], ends, strict=True))


def _decoded(
    layer: Layer, text: int, lines: Sequence[tuple[int, int]], decode: Decode
) -> list[tuple[bytes, NDArray[np.int64]]]:
    """Some lines of a text decoded, with the lines around them, and the byte at which each began.

    There are none if no line that is decoded may be code.
    """
    written = [layer.data[begin:end].tobytes().decode("utf-8", "replace") for begin, end in lines]
    decoded: dict[int, bytes] = {}
    for number, line in decode(written):
        if line != written[number]:
            decoded[lines[number][0]] = _plain_bytes(line)
    content = b"".join(decoded.values())
    entities = any("&" in line for line in written)  # rare where nothing is carried
    if not entities and not has_code_line(np.frombuffer(content, np.uint8), 0, len(content)):
        return []
    begin, end = layer.span(text)
    starts = begin + np.append(0, np.flatnonzero(layer.data[begin:end] == LINE_FEED) + 1)
    places = np.searchsorted(starts, list(decoded))
    bounds = np.append(starts, end + 1)
    parts: list[tuple[bytes, NDArray[np.int64]]] = []
    done = 0  # lines
    for i, place in enumerate(places.tolist()):
        follower = int(places[i + 1]) if i + 1 < len(places) else len(starts)
        for first, last in (
            (max(done, place - LINES_AROUND), place),
            (place + 1, min(place + 1 + LINES_AROUND, follower)),
        ):
            if first == place + 1:
                part = decoded[int(starts[place])]
                parts.append((part, np.full(part.count(b"\n"), starts[place])))
            if first < last:
                same = layer.data[bounds[first] : bounds[last] - 1].tobytes() + b"\n"
                parts.append((same, starts[first:last]))
            done = max(done, last)
        done = max(done, place + 1)
    return parts


def _plain_bytes(line: str) -> bytes:
    """A line, which may hold line breaks, as UTF-8 with `\\n` at the end of each."""
    plain = plain_text(line).encode("utf-8", "replace")
    return (LINE_BREAK.sub(b"\n", plain.removesuffix(b"\r")) if b"\r" in plain else plain) + b"\n"
