"""Kept files whose content another repository keeps, too: of equal ones all but one are marked.

Only where the files of repositories are not compared with one another do such files remain. Each
content is then once in the corpus without a mark, and what is made of those rows has no text twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np

from transforms.corpus.decisions import DROPPED_ROW
from transforms.corpus.exact import (
    DUPLICATE_ROW,
    DescribeTies,
    choose_exact,
    find_ties,
    remaining_rows,
)
from transforms.corpus.representatives import REPRESENTATIVE_COLUMNS
from transforms.corpus.scope import EACH_PROJECT, WHOLE_CORPUS, scoped_digests
from transforms.corpus.signals import read_signals, send_prefixes
from transforms.lib.skeleton.exchange import Keyed, Packed, unpack
from transforms.lib.skeleton.storage import Storage

# A decision, sent to the unit of the row: it is kept, and its content is kept elsewhere.
ELSEWHERE_ROW = DUPLICATE_ROW


@dataclass
class SendKept(beam.DoFn):
    """Takes a unit with the decisions on its rows; yields the digest prefixes of those it keeps."""

    data: Storage
    partitions: int

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        values = list(values)
        signals = read_signals(self.data, unit, REPRESENTATIVE_COLUMNS)
        kept = (
            remaining_rows(signals, values, EACH_PROJECT) & signals["reason"].is_null().to_numpy()
        )
        kept[unpack(values, "drop", DROPPED_ROW)["row"]] = False
        rows = np.flatnonzero(kept)
        digests = scoped_digests(signals, WHOLE_CORPUS)[rows]
        yield from send_prefixes(digests, rows, unit, self.partitions)


def say_elsewhere(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes descriptions of kept rows; yields by unit those that come after one of the content."""
    for unit, (tag, content) in choose_exact(element):
        if tag == "duplicate":
            yield unit, ("elsewhere", content)


@dataclass
class MarkCopiesElsewhere(beam.PTransform):
    """Takes the decisions on all rows, and units by number; yields ELSEWHERE_ROW[n] by unit."""

    data: Storage
    partitions: int

    def expand(self, pcolls: tuple) -> beam.PCollection:
        send = SendKept(self.data, self.partitions)
        describe = DescribeTies(self.data, WHOLE_CORPUS)
        return (
            pcolls
            | "Decisions of every unit" >> beam.Flatten()
            | "Meet decisions" >> beam.GroupByKey()
            | "Send kept" >> beam.ParDo(send).with_output_types(Keyed)
            | "Meet kept" >> beam.GroupByKey()
            | "Find ties of kept" >> beam.FlatMap(find_ties).with_output_types(Keyed)
            | "Meet ties of kept" >> beam.GroupByKey()
            | "Describe ties of kept" >> beam.ParDo(describe).with_output_types(Keyed)
            | "Meet kept copies" >> beam.GroupByKey()
            | "Say elsewhere" >> beam.FlatMap(say_elsewhere).with_output_types(Keyed)
        )
