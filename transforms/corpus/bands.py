"""The band keys of a unit's files: files that share one may be near duplicates of one another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.corpus.exact import DUPLICATE_ROW
from transforms.corpus.representatives import REPRESENTATIVE_COLUMNS, representatives
from transforms.corpus.signals import read_signals, read_signals_in_parts
from transforms.lib.duplicates.candidates import BAND
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, band_keys, is_shingled
from transforms.lib.skeleton.columns import column
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage


def read_signatures(
    data: Storage, unit: int, wanted: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    """Yields row numbers and signatures, uint32[n, PERMUTATIONS], of `wanted` rows that have one.

    One row group at a time, because a unit of many small files has many signatures.
    """
    for table in read_signals_in_parts(data, unit, ["row", "signature"]):
        rows = table["row"].to_numpy()
        signed = table["signature"].is_valid().to_numpy() & wanted[rows]
        signature = column(table["signature"], "<u4").reshape(-1, PERMUTATIONS)
        yield rows[signed], signature[signed]


@dataclass
class BandUnit(beam.DoFn):
    """Takes a unit with its exact duplicates; yields the band keys of its other rows.

    The keys go out by partition of the key.
    """

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        representative = representatives(read_signals(self.data, unit, REPRESENTATIVE_COLUMNS))
        remaining = representative == np.arange(len(representative))
        remaining[unpack(values, "duplicate", DUPLICATE_ROW)["row"]] = False
        yield from self.spill.write(f"bands-{unit:05d}", self._bands(unit, remaining))

    def _bands(self, unit: int, wanted: NDArray[np.bool_]) -> Iterator[Keyed]:
        for rows, signature in read_signatures(self.data, unit, wanted):
            shingled = is_shingled(signature)
            keys = band_keys(signature[shingled]).ravel()
            bands = np.empty(len(keys), BAND)
            bands["key"], bands["row"] = keys, np.repeat(rows[shingled], BANDS)
            yield from by_key("band", keys % np.uint64(self.partitions), bands, unit)
