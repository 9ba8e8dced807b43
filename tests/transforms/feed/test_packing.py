"""Packing: nothing is lost, nothing is cut that fits, little is padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed.documents import Documents
from transforms.feed.packing import (
    MOST_PADDING,
    PADDING,
    Packed,
    document_lengths,
    pack,
    positions,
)

END = 7
LENGTHS = st.lists(st.integers(1, 40), max_size=60)
HOWS = st.sampled_from(["best-fit", "cut"])


def documents(lengths: list[int]) -> Documents:
    """Documents of these lengths whose tokens are all different, a part of them without loss."""
    ends = np.cumsum(lengths, dtype=np.int64)
    tokens = np.arange(100, 100 + sum(lengths), dtype=np.uint32)
    return Documents(tokens, ends, tokens % 3 > 0)


def rebuilt(packed: Packed) -> dict[int, list[tuple[int, bool]]]:
    """The tokens of each document with their loss, its pieces in their order."""
    pieces = np.split(np.arange(len(packed.tokens)), packed.ends[:-1])
    found: dict[int, list[tuple[int, bool]]] = {}
    for document, piece in zip(packed.documents.tolist(), pieces, strict=True):
        tokens = zip(packed.tokens[piece].tolist(), packed.loss[piece].tolist(), strict=True)
        found.setdefault(document, []).extend(tokens)
    return found


@given(LENGTHS, st.integers(1, 16), HOWS)
def test_the_pieces_are_the_documents(lengths: list[int], window: int, how: str) -> None:
    given_documents = documents(lengths)
    packed = pack(given_documents, window, END, how)
    found = rebuilt(packed) if lengths else {}
    padding = found.pop(PADDING, [])
    assert padding == [(END, False)] * len(padding)
    assert sum(packed.padding) == len(padding)
    # Pieces of a document may stand in any windows, in any order: tokens tell.
    for number, (start, end) in enumerate(
        zip(given_documents.starts, given_documents.ends, strict=True)
    ):
        tokens = given_documents.tokens[start:end].tolist()
        loss = given_documents.loss[start:end].tolist()
        assert sorted(found.pop(number)) == list(zip(tokens, loss, strict=True))
    assert not found


@given(LENGTHS, st.integers(1, 16), HOWS)
def test_windows_are_full_and_no_piece_is_in_two(lengths: list[int], window: int, how: str) -> None:
    packed = pack(documents(lengths), window, END, how)
    assert len(packed.tokens) == len(packed.loss) == sum(packed.lengths)
    assert len(packed.tokens) % window == 0
    begins = packed.ends - packed.lengths
    assert (packed.lengths > 0).all() and (begins // window == (packed.ends - 1) // window).all()
    assert [sum(each) for each in document_lengths(packed)] == [window] * len(packed.padding)
    assert (packed.padding < window).all()


@given(LENGTHS, st.integers(1, 16))
def test_cut_pads_the_last_window_alone(lengths: list[int], window: int) -> None:
    packed = pack(documents(lengths), window, END, "cut")
    assert not packed.padding[:-1].any()
    assert packed.tokens[: sum(lengths)].tolist() == documents(lengths).tokens.tolist()


@given(LENGTHS, st.integers(1, 16), HOWS)
def test_positions_begin_with_each_piece(lengths: list[int], window: int, how: str) -> None:
    packed = pack(documents(lengths), window, END, how)
    expected = [place for length in packed.lengths.tolist() for place in range(length)]
    assert positions(packed).tolist() == expected


def plain_best_fit(lengths: list[int], window: int) -> list[int]:
    """The space of each window, by trying all of them for each piece."""
    space: list[int] = []
    for length in sorted(lengths, reverse=True):
        fitting = [number for number, free in enumerate(space) if free >= length]
        if not fitting:
            space.append(window - length)
        else:
            space[min(fitting, key=lambda number: space[number])] -= length
    return space


@given(st.lists(st.integers(1, 30), min_size=1, max_size=80))
def test_padding_is_that_of_best_fit_or_less(lengths: list[int]) -> None:
    packed = pack(documents(lengths), 30, END, "best-fit")
    assert sum(packed.padding) <= sum(plain_best_fit(lengths, 30))


def many(seed: int) -> list[int]:
    """As many lengths as a shard has documents, spread as those of files and functions are."""
    draw = np.random.default_rng(seed)
    return np.maximum(1, np.exp(draw.normal(6.0, 1.3, 30_000))).astype(int).tolist()


@pytest.mark.parametrize("window", [2048, 8192])
def test_of_many_documents_none_is_cut_that_fits(window: int) -> None:
    lengths = many(window)
    packed = pack(documents(lengths), window, END, "best-fit")
    assert sum(packed.padding) <= MOST_PADDING * len(packed.tokens)
    pieces = np.bincount(packed.documents[packed.documents != PADDING], minlength=len(lengths))
    assert pieces.tolist() == [-(-length // window) for length in lengths]


def test_few_documents_are_cut_rather_than_padded() -> None:
    packed = pack(documents([60] * 1000), 100, END, "best-fit")
    assert sum(packed.padding) <= MOST_PADDING * len(packed.tokens)


def test_windows_are_in_the_order_of_their_first_documents() -> None:
    lengths = many(1)
    packed = pack(documents(lengths), 2048, END, "best-fit")
    begins = packed.ends - packed.lengths
    first = packed.documents[begins % 2048 == 0]
    assert (np.diff(first) >= 0).all()
