"""Exact duplicates: rows with one digest meet, and the first in the winners' order stays.

Copies inside a unit are settled there (`winners.standing`). The first bytes of the digests of the
others meet by partition; only rows that may share one send what the winners' order needs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np

from transforms.corpus.representatives import STANDING, describe, read_tables, write_table
from transforms.corpus.signals import DIGEST, read_signals
from transforms.lib.skeleton.columns import column
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack, unpack_with_unit
from transforms.lib.skeleton.storage import Storage

TIE = np.dtype([("row", "<u4"), ("partition", "<u4")])
LOST = np.dtype([("row", "<u4")])
# A row dropped in favour of `row`, told to the unit of `row`: where it is, for how many it stood.
COPY = np.dtype([("row", "<u4"), ("loser_unit", "<u4"), ("loser_row", "<u4"), ("copies", "<u4")])


def find_ties(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Digests of a partition to the rows, by unit, that may share one with another row."""
    partition, values = element
    found = unpack_with_unit(values, "digest", DIGEST)
    same = found["digest"][1:] == found["digest"][:-1]
    tied = found[np.r_[False, same] | np.r_[same, False]] if len(found) else found
    rows = np.empty(len(tied), TIE)
    rows["row"], rows["partition"] = tied["row"], partition
    yield from by_key("tie", tied["unit"], rows)


@dataclass
class DescribeTies(beam.DoFn):
    """Tied rows of a unit to their descriptions, by partition."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        ties = unpack(values, "tie", TIE)
        signals = read_signals(self.data, unit, ["unit", *STANDING])
        for partition in np.unique(ties["partition"]).tolist():
            rows = ties["row"][ties["partition"] == partition]
            yield partition, ("description", write_table(describe(signals, rows)))


def choose_exact(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Descriptions of tied rows to each winner's copies, and to the rows that lost, by unit."""
    table = read_tables((content for _, content in element[1]), "sha256", "order", "unit", "row")
    digest = column(table["sha256"], "V32")
    unit, row = column(table["unit"], np.int32), column(table["row"], np.int32)
    first = np.r_[True, digest[1:] != digest[:-1]]
    winner = np.flatnonzero(first)[np.cumsum(first) - 1]
    copies = np.empty(len(table), COPY)
    copies["row"], copies["loser_unit"], copies["loser_row"] = row[winner], unit, row
    copies["copies"] = column(table["copies"], np.uint32)
    yield from by_key("copy", unit[winner][~first], copies[~first])
    yield from by_key("lost", unit[~first], row[~first].astype("<u4").view(LOST))
