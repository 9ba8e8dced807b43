"""The texts that a tokenizer is trained on: those of the feed, in the order of its units."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from transforms.feed.feed_sources import SOURCES
from transforms.feed.selection import Selection
from transforms.feed.units import RowUnit, read_rows

TRAINING_BYTES = 100_000_000  # more texts hardly change which pairs are frequent


def training_texts(units: Sequence[RowUnit], selection: Selection) -> Iterator[str]:
    """Texts that may be trained on, up to TRAINING_BYTES, from all units alike."""
    share = TRAINING_BYTES // max(1, len(units))
    for unit in units:
        source, read = SOURCES[unit.source], 0
        for batch in read_rows(unit):
            reasons = selection.reasons(source, batch)
            kept = batch.filter(pa.array([reason is None for reason in reasons], pa.bool_()))
            for text in kept[source.completion].to_pylist():
                read += len(text or "")
                yield text or ""
            if read >= share:
                break
