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

from transforms.functions import DATASETS, STAGE
from transforms.functions.duplicate_bodies import ALIKE, EQUAL, FindAlike, equal_rows, send_keys
from transforms.functions.function_rows import FILE_COLUMNS, REJECTS, extract_batch
from transforms.functions.keys import Bodies, UnitBodies, describe
from transforms.lib.duplicates import ROUNDS, minhash, near_duplicates
from transforms.lib.skeleton.exchange import Keyed, Packed, partition_count, unpack
from transforms.lib.skeleton.memory import give_back_memory, reuse_memory
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import CORPUS_COLUMNS, SOURCE_COLUMNS, Unit, read_unit
from transforms.lib.skeleton.write_units import WriteUnits
from transforms.lib.text.batch import text_batch

A_FILE = 4  # functions, more or less: partitions of keys are as many as for so many files
PART_BYTES = 2_000_000  # of content that is worked on at a time; its functions may be 99 times that


@dataclass
class ExtractUnit(beam.DoFn):
    """Unit to its shards, without duplicates; yields its keys and, on `markers`, its rejects."""

    data: Storage
    config: str
    permutations: NDArray[np.uint32]
    partitions: int

    def setup(self) -> None:
        reuse_memory()

    def process(self, unit: Unit) -> Iterator[Keyed | beam.pvalue.TaggedOutput]:
        marker = finished(self.data, STAGE, "extracted", unit.name, self.config)
        if marker is None:
            marker = self._extract(unit)
        final = [shard for shard in marker["shards"] if shard["dataset"] == REJECTS.name]
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker | {"shards": final}))
        yield from send_keys(UnitBodies(self.data, unit.index).keys(), self.partitions)

    def _extract(self, unit: Unit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        UnitBodies(self.data, unit.index).write(self._write(unit, shards))
        return shards.commit("extracted")

    def _write(self, unit: Unit, shards: UnitShards) -> Iterator[Bodies]:
        """The rows of a unit to its shards, and what is known of their bodies, part by part."""
        row = 0
        for part in _parts(read_unit(unit, FILE_COLUMNS)):
            functions, rejects, texts = extract_batch(part)
            shards.write(STAGE, functions)
            shards.write(REJECTS.name, rejects)
            yield describe(functions, texts, unit.index, row, self.permutations)
            row += len(functions)
            give_back_memory()


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


def write_unit(shards: UnitShards, unit: Unit, told: list[Packed]) -> None:
    """What a unit's rows are told to its shard of `functions`, whole."""
    keys = UnitBodies(shards.data, unit.index).keys()
    equal = equal_rows(keys, unpack(told, "equal", EQUAL))
    alike = unpack(told, "alike", ALIKE)
    row = 0
    for functions in _row_groups(shards.data, unit):
        shards.write(STAGE, with_duplicates(functions, row, equal, alike))
        row += len(functions)
        give_back_memory()


def _row_groups(data: Storage, unit: Unit) -> Iterator[pa.Table]:
    """What ExtractUnit wrote; nothing where no file of the unit has a function."""
    name = f"{STAGE}/part-{unit.name}.parquet"
    if data.exists(name):
        with pq.ParquetFile(data.open(name)) as parquet:
            for group in range(parquet.num_row_groups):
                yield parquet.read_row_group(group, use_threads=False)


def warm_up() -> None:
    """Load the compiled kernels, for all workers that are forked from this process."""
    text = 'def f():\n    """Do."""\n    return a(b, c, d, e)\n'
    row = {
        n: pa.array([text if t == pa.string() else 1], t)
        for n, t in (SOURCE_COLUMNS | CORPUS_COLUMNS).items()
    }
    functions, _, texts = extract_batch(pa.RecordBatch.from_pydict(row))
    describe(functions, texts, 0, 0, minhash.permutations())
    near_duplicates.warm_up()


@dataclass
class ExtractFunctions(beam.PTransform):
    """The units of a plan to the committed datasets `functions` and `rejects/functions`.

    `scratch` and `rounds` are as for BuildCorpus.
    """

    plan: Plan
    config: str
    scratch: Storage | None = None
    rounds: int = ROUNDS

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, partitions = self.plan.data, partition_count(A_FILE * self.plan.rows)
        spill = Spill(self.scratch or data, f"_work/{STAGE}/spill", self.scratch is not None)
        units = pbegin | PlannedUnits(self.plan)
        extracted = units | "Extract" >> beam.ParDo(
            ExtractUnit(data, self.config, minhash.permutations(), partitions)
        ).with_outputs("markers", main="keys")
        sent = units | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        keys = extracted.keys | "Keys" >> beam.Map(lambda x: x).with_output_types(Keyed)
        alike = (keys, sent) | FindAlike(data, partitions, self.rounds, spill)
        told = extracted.markers, alike, sent
        return told | WriteUnits(self.plan, self.config, DATASETS, write_unit)
