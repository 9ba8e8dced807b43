"""Extracts the functions of `corpus`: writes the datasets `functions` and `rejects/functions`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.functions import DATASETS, STAGE
from transforms.functions.duplicate_bodies import (
    EXACT_DUPLICATE_OF,
    NEAR_DUPLICATE_OF,
    FindDuplicateBodies,
    exact_duplicates,
    send_keys,
)
from transforms.functions.function_rows import FILE_COLUMNS, REJECTS, extract_batch
from transforms.functions.keys import BodyRecords, UnitBodies, describe_bodies
from transforms.lib.detection.masked_files import stored_secrets
from transforms.lib.duplicates import ROUNDS, minhash, near_duplicates
from transforms.lib.skeleton.exchange import Keyed, Packed, partition_count, unpack
from transforms.lib.skeleton.memory import give_back_memory, reuse_memory
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import UnitShards, finished, marker_name, shard_folder
from transforms.lib.skeleton.source_columns import CORPUS_COLUMNS, SOURCE_COLUMNS
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.skeleton.write_units import WriteUnits
from transforms.lib.text.batch import text_batch

FUNCTIONS_PER_FILE = 4  # more or less; sets the number of partitions of keys
# Content bytes per step: nested functions repeat their text, up to 99 times.
PART_BYTES = 2_000_000


@dataclass
class ExtractUnitFunctions(beam.DoFn):
    """Takes a unit and writes its functions, without duplicates, and its rejects; yields its keys.

    The marker of the rejects, which are final, goes to the output `markers`.
    """

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

    def _write(self, unit: Unit, shards: UnitShards) -> Iterator[BodyRecords]:
        """Writes the rows of a unit to its shards; yields their body records, part by part."""
        row = 0
        secrets = stored_secrets(self.data, (part.file for part in unit.parts))
        for part in _parts(read_unit(unit, FILE_COLUMNS)):
            functions, rejects, texts = extract_batch(part, secrets)
            shards.write(STAGE, functions)
            shards.write(REJECTS.name, rejects)
            yield describe_bodies(functions, texts, unit.index, row, self.permutations)
            row += len(functions)
            give_back_memory()


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yields the batches in parts, so that functions nested in functions cannot fill the memory."""
    for batch in batches:
        offsets = text_batch(batch["content"]).offsets
        number = (offsets[:-1] - offsets[0]) // PART_BYTES
        cuts = np.flatnonzero(np.diff(number)) + 1
        for begin, end in pairwise([0, *cuts.tolist(), len(batch)]):
            yield batch.slice(begin, end - begin)


def with_duplicates(functions: pa.Table, first: int, exact: NDArray, near: NDArray) -> pa.Table:
    """Rows of a unit, the first of which has the number `first`, with the columns of duplicates."""
    columns = {
        "exact_duplicate_of": _duplicate_column(exact, "id", first, len(functions)),
        "near_duplicate_of": _duplicate_column(near, "id", first, len(functions)),
        "near_jaccard": _duplicate_column(near, "jaccard", first, len(functions)),
    }
    for name, values in columns.items():
        place = functions.schema.get_field_index(name)
        functions = functions.set_column(place, functions.schema.field(name), [values])
    return functions


def _duplicate_column(records: NDArray, name: str, first: int, count: int) -> pa.Array:
    """The field `name` of the records as a column of `count` rows, null where there is no record.

    Ids are in hex.
    """
    inside = (records["row"] >= first) & (records["row"] < first + count)
    values: list[str | float | None] = [None] * count
    for record in records[inside]:
        value = record[name]
        values[int(record["row"]) - first] = value.tobytes().hex() if name == "id" else float(value)
    return pa.array(values, pa.string() if name == "id" else pa.float64())


def write_unit(shards: UnitShards, unit: Unit, duplicates: list[Packed]) -> None:
    """Writes a unit's shard of `functions` again, with the columns of duplicates."""
    keys = UnitBodies(shards.data, unit.index).keys()
    exact = exact_duplicates(keys, unpack(duplicates, "exact", EXACT_DUPLICATE_OF))
    near = unpack(duplicates, "near", NEAR_DUPLICATE_OF)
    row = 0
    for functions in _row_groups(shards.data, unit):
        shards.write(STAGE, with_duplicates(functions, row, exact, near))
        row += len(functions)
        give_back_memory()


def _row_groups(data: Storage, unit: Unit) -> Iterator[pa.Table]:
    """Yields the row groups that the unit has so far; none if no file of it has a function."""
    marker = data.read_json(marker_name(STAGE, "extracted", unit.name))
    if any(shard["dataset"] == STAGE for shard in marker["shards"]):
        file = data.path(f"{shard_folder(data, STAGE, STAGE)}/part-{unit.name}.parquet")
        with open_parquet(file) as parquet:
            for group in range(parquet.num_row_groups):
                with reading(file, group):
                    yield parquet.read_row_group(group, use_threads=False)


def warm_up() -> None:
    """Loads the compiled kernels, for all workers that are forked from this process."""
    text = 'def f():\n    """Do."""\n    return a(b, c, d, e)\n'
    row = {
        n: pa.array([text if t == pa.string() else 1], t)
        for n, t in (SOURCE_COLUMNS | CORPUS_COLUMNS).items()
    }
    functions, _, texts = extract_batch(pa.RecordBatch.from_pydict(row))
    describe_bodies(functions, texts, 0, 0, minhash.permutations())
    near_duplicates.warm_up()


@dataclass
class ExtractFunctions(beam.PTransform):
    """Takes the units of a plan; commits the datasets `functions` and `rejects/functions`.

    `scratch` is where large values of the exchange wait, if the runner would hold them in memory.
    `rounds` is how many rounds may search for components, where the candidates' graph is too large
    for the memory of one worker.
    """

    plan: Plan
    config: str
    scratch: Storage | None = None
    rounds: int = ROUNDS

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, partitions = self.plan.data, partition_count(FUNCTIONS_PER_FILE * self.plan.rows)
        spill = Spill(self.scratch or data, f"_work/{STAGE}/spill", self.scratch is not None)
        units = pbegin | PlannedUnits(self.plan)
        extracted = units | "Extract" >> beam.ParDo(
            ExtractUnitFunctions(data, self.config, minhash.permutations(), partitions)
        ).with_outputs("markers", main="keys")
        sent = units | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        keys = extracted.keys | "Keys" >> beam.Map(lambda x: x).with_output_types(Keyed)
        duplicates = (keys, sent) | FindDuplicateBodies(data, partitions, self.rounds, spill)
        messages = extracted.markers, duplicates, sent
        return messages | WriteUnits(self.plan, self.config, DATASETS, write_unit)
