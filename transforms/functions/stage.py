"""Units of `corpus` to the committed datasets `functions` and `rejects/functions`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.commit import CommitShards
from transforms.exchange import Keyed, Packed, unpack
from transforms.functions.duplicates import ALIKE, EQUAL, FindAlike
from transforms.functions.keys import STAGE, UnitBodies, describe
from transforms.functions.rows import FILE_COLUMNS, REJECTS, extract_batch
from transforms.shards import UnitShards, finished
from transforms.storage import Storage
from transforms.text_batch import text_batch
from transforms.units import Unit, read_unit

DATASETS = (STAGE, REJECTS.name)
SPREAD = 251  # keys by which units are dealt to workers
PART_BYTES = 2_000_000  # of content that is worked on at a time; its functions may be 99 times that


@dataclass
class ExtractUnit(beam.DoFn):
    """Unit to its shards, without duplicates; yields its keys and, on `markers`, its rejects."""

    data: Storage
    config: str
    permutations: NDArray[np.uint32]

    def process(self, unit: Unit) -> Iterator[Keyed | beam.pvalue.TaggedOutput]:
        marker = finished(self.data, STAGE, "extracted", unit.name, self.config)
        if marker is None:
            marker = self._extract(unit)
        final = [shard for shard in marker["shards"] if shard["dataset"] == REJECTS.name]
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker | {"shards": final}))
        yield from UnitBodies(self.data, unit.index).messages()

    def _extract(self, unit: Unit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        bodies, row = [], 0
        for part in _parts(read_unit(unit, FILE_COLUMNS)):
            functions, rejects, texts = extract_batch(part)
            shards.write(STAGE, functions)
            shards.write(REJECTS.name, rejects)
            bodies.append(describe(functions, texts, unit.index, row, self.permutations))
            row += len(functions)
        UnitBodies(self.data, unit.index).write(bodies)
        return shards.commit("extracted")


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches cut so that functions in functions in functions cannot fill the memory."""
    for batch in batches:
        offsets = text_batch(batch["content"]).offsets
        number = (offsets[:-1] - offsets[0]) // PART_BYTES
        cuts = np.flatnonzero(np.diff(number)) + 1
        for begin, end in pairwise([0, *cuts.tolist(), len(batch)]):
            yield batch.slice(begin, end - begin)


def with_duplicates(functions: pa.Table, first: int, equal: NDArray, alike: NDArray) -> pa.Table:
    """Rows of a unit from `first` with what they were told."""
    columns = {
        "exact_duplicate_of": _told(equal, "id", first, len(functions)),
        "near_duplicate_of": _told(alike, "id", first, len(functions)),
        "near_jaccard": _told(alike, "jaccard", first, len(functions)),
    }
    for name, values in columns.items():
        place = functions.schema.get_field_index(name)
        functions = functions.set_column(place, functions.schema.field(name), [values])
    return functions


def _told(records: NDArray, name: str, first: int, count: int) -> pa.Array:
    """A column of `count` rows from records that tell some of them; ids in hex."""
    inside = (records["row"] >= first) & (records["row"] < first + count)
    values: list[str | float | None] = [None] * count
    for record in records[inside]:
        value = record[name]
        values[int(record["row"]) - first] = value.tobytes().hex() if name == "id" else float(value)
    return pa.array(values, pa.string() if name == "id" else pa.float64())


@dataclass
class WriteUnit(beam.DoFn):
    """What a unit's rows are told to its shard of `functions`, whole; yields its marker."""

    data: Storage
    config: str
    units: list[Unit]

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[str]:
        unit = self.units[element[0]]
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        if marker is None:
            values = list(element[1])
            told = unpack(values, "equal", EQUAL), unpack(values, "alike", ALIKE)
            marker = self._write(unit, *told)
        yield json.dumps(marker)

    def _write(self, unit: Unit, equal: NDArray, alike: NDArray) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        row = 0
        for functions in self._row_groups(unit):
            shards.write(STAGE, with_duplicates(functions, row, equal, alike))
            row += len(functions)
        return shards.commit()

    def _row_groups(self, unit: Unit) -> Iterator[pa.Table]:
        """What ExtractUnit wrote; nothing where no file of the unit has a function."""
        name = f"{STAGE}/part-{unit.name}.parquet"
        if self.data.exists(name):
            with pq.ParquetFile(self.data.open(name)) as parquet:
                for group in range(parquet.num_row_groups):
                    yield parquet.read_row_group(group, use_threads=False)


def _tick(unit: Unit) -> Keyed:
    """Something from every unit, so that units without a message are there too."""
    return unit.index, ("tick", b"")


@dataclass
class ExtractFunctions(beam.PTransform):
    """Units of `corpus` to the committed datasets `functions` and `rejects/functions`."""

    data: Storage
    config: str
    units: list[Unit]
    permutations: NDArray[np.uint32]

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        units = (
            pbegin
            | beam.Create(self.units, reshuffle=False)
            | "Deal" >> beam.Map(lambda unit: (unit.index % SPREAD, unit))
            | "Spread" >> beam.GroupByKey()
            | "Units" >> beam.FlatMap(lambda dealt: dealt[1]).with_output_types(Unit)
        )
        extracted = units | "Extract" >> beam.ParDo(
            ExtractUnit(self.data, self.config, self.permutations)
        ).with_outputs("markers", main="keys")
        keys = extracted.keys | "Keys" >> beam.Map(lambda x: x).with_output_types(Keyed)
        ticks = units | "Tick" >> beam.Map(_tick).with_output_types(Keyed)
        written = (
            (keys | FindAlike(self.data), ticks)
            | "To every unit" >> beam.Flatten()
            | "Meet unit" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(WriteUnit(self.data, self.config, self.units))
        )
        rejected = extracted.markers | "Rejected" >> beam.Map(lambda x: x).with_output_types(str)
        return (
            (rejected, written)
            | "Markers" >> beam.Flatten()
            | CommitShards(self.data, self.config, STAGE, DATASETS)
        )
