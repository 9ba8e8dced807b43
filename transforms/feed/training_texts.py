"""The texts that a tokenizer is trained on: those of the feed, in the order of its units."""

from collections.abc import Iterator, Sequence

from transforms.feed.feed_sources import SOURCES
from transforms.feed.selected_rows import selected_rows
from transforms.feed.selection import Selection
from transforms.feed.units import RowUnit
from transforms.lib.skeleton.storage import Storage

TRAINING_BYTES = 100_000_000  # more texts hardly change which pairs are frequent


def training_texts(data: Storage, units: Sequence[RowUnit], selection: Selection) -> Iterator[str]:
    """Texts that may be trained on, about TRAINING_BYTES, from all units alike."""
    share = TRAINING_BYTES // max(1, len(units))
    for unit in units:
        read = 0
        for text in _texts(data, unit, selection):
            if read >= share:
                break
            read += len(text.encode())
            yield text


def _texts(data: Storage, unit: RowUnit, selection: Selection) -> Iterator[str]:
    """The completions of a unit that may be trained on."""
    source = SOURCES[unit.source]
    for _, _, kept in selected_rows(data, unit, selection):
        yield from kept[source.completion].to_pylist()
