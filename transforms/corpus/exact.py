"""Exact duplicates: of the rows with one digest the first in the winners' order is kept.

A digest here is that of `scoped_digests`, so that rows which are not to be compared have no tie.

Copies inside a unit are settled by `representatives`. For the rows that remain, the first bytes of
their digests meet by partition; only rows that may share a digest then send what the winners'
order needs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.corpus.representatives import (
    REPRESENTATIVE_COLUMNS,
    describe,
    read_tables,
    representatives,
    write_table,
)
from transforms.corpus.scope import scoped_digests
from transforms.corpus.signals import DIGEST_PREFIX, read_signals
from transforms.lib.skeleton.columns import column, fixed_binary
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack, unpack_with_unit
from transforms.lib.skeleton.storage import Storage

# Sent to a unit: a row that may have copies elsewhere, and the partition that compares them.
TIED_ROW = np.dtype([("row", "<u4"), ("partition", "<u4")])
# A row, of the unit it is sent to, that is an exact duplicate of a row of some unit.
DUPLICATE_ROW = np.dtype([("row", "<u4")])
# Sent to the unit of the representative `row`: where a copy of it is, and how many rows of that
# unit the copy represents.
COPY_OF_ROW = np.dtype(
    [("row", "<u4"), ("duplicate_unit", "<u4"), ("duplicate_row", "<u4"), ("copies", "<u4")]
)


def remaining_rows(signals: pa.Table, values: list[Packed], scope: str) -> NDArray[np.bool_]:
    """Which rows of a unit's signals are no exact duplicates, given the messages to it; bool[n]."""
    representative = representatives(signals, scope)
    remaining: NDArray[np.bool_] = representative == np.arange(len(representative))
    remaining[unpack(values, "duplicate", DUPLICATE_ROW)["row"]] = False
    return remaining


def find_ties(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the digest prefixes of a partition; yields by unit the rows that share one."""
    partition, values = element
    prefixes = unpack_with_unit(values, "digest", DIGEST_PREFIX)
    same = prefixes["digest"][1:] == prefixes["digest"][:-1]
    tied = prefixes[np.r_[False, same] | np.r_[same, False]] if len(prefixes) else prefixes
    rows = np.empty(len(tied), TIED_ROW)
    rows["row"], rows["partition"] = tied["row"], partition
    yield from by_key("tie", tied["unit"], rows)


@dataclass
class DescribeTies(beam.DoFn):
    """Takes the tied rows of a unit; yields their descriptions by partition."""

    data: Storage
    scope: str

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        ties = unpack(values, "tie", TIED_ROW)
        signals = read_signals(self.data, unit, ["unit", *REPRESENTATIVE_COLUMNS])
        digests = scoped_digests(signals, self.scope)
        for partition in np.unique(ties["partition"]).tolist():
            rows = ties["row"][ties["partition"] == partition]
            described = describe(signals, rows, self.scope)
            place = described.column_names.index("sha256")
            met = fixed_binary(digests[rows].tobytes(), digests.itemsize)
            described = described.set_column(place, "sha256", met)
            yield partition, ("description", write_table(described))


def choose_exact(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the descriptions of a partition's tied rows; yields which are exact duplicates.

    Each duplicate goes to its own unit (DUPLICATE_ROW) and to that of its representative
    (COPY_OF_ROW).
    """
    table = read_tables((content for _, content in element[1]), "sha256", "order", "unit", "row")
    digest = column(table["sha256"], "V32")
    unit, row = column(table["unit"], np.int32), column(table["row"], np.int32)
    first = np.r_[True, digest[1:] != digest[:-1]]
    representative = np.flatnonzero(first)[np.cumsum(first) - 1]
    copies = np.empty(len(table), COPY_OF_ROW)
    copies["row"] = row[representative]
    copies["duplicate_unit"], copies["duplicate_row"] = unit, row
    copies["copies"] = column(table["copies"], np.uint32)
    yield from by_key("copy", unit[representative][~first], copies[~first])
    duplicates = row[~first].astype("<u4").view(DUPLICATE_ROW)
    yield from by_key("duplicate", unit[~first], duplicates)
