"""The band keys of a unit's files: files that share one may be near duplicates of one another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.corpus.exact import remaining_rows
from transforms.corpus.representatives import REPRESENTATIVE_COLUMNS
from transforms.corpus.scope import EACH_PROJECT, WHOLE_CORPUS, parted
from transforms.corpus.signals import read_signals, read_signals_in_parts
from transforms.lib.duplicates.candidates import BAND
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, band_keys, is_shingled
from transforms.lib.skeleton.columns import column
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage


def read_signatures(
    data: Storage, unit: int, wanted: NDArray[np.bool_], scope: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    """Yields row numbers and signatures of the `wanted` rows that have a shingle.

    The signatures are uint32[n, PERMUTATIONS]; in the scope "repo" those of two projects have
    nothing in common.
    One row group at a time, because a unit of many small files has many signatures.
    """
    columns = ["row", "signature"] if scope == WHOLE_CORPUS else ["row", "signature", "repo"]
    for table in read_signals_in_parts(data, unit, columns):
        rows = table["row"].to_numpy()
        signature = column(table["signature"], "<u4").reshape(-1, PERMUTATIONS)
        signed = np.flatnonzero(table["signature"].is_valid().to_numpy() & wanted[rows])
        signed = signed[is_shingled(signature[signed])]
        signature = signature[signed]
        if scope == EACH_PROJECT:
            signature = parted(signature, table["repo"].take(pa.array(signed)))
        yield rows[signed], signature


@dataclass
class BandUnit(beam.DoFn):
    """Takes a unit with its exact duplicates; yields the band keys of its other rows.

    The keys go out by partition of the key.
    """

    data: Storage
    scope: str
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        signals = read_signals(self.data, unit, REPRESENTATIVE_COLUMNS)
        remaining = remaining_rows(signals, list(values), self.scope)
        yield from self.spill.write(f"bands-{unit:05d}", self._bands(unit, remaining))

    def _bands(self, unit: int, wanted: NDArray[np.bool_]) -> Iterator[Keyed]:
        for rows, signature in read_signatures(self.data, unit, wanted, self.scope):
            keys = band_keys(signature).ravel()
            bands = np.empty(len(keys), BAND)
            bands["key"], bands["row"] = keys, np.repeat(rows, BANDS)
            yield from by_key("band", keys % np.uint64(self.partitions), bands, unit)
