"""Rows worth training on to examples in a seeded order, files of tokens, and exports.

A work unit is some rows of one source. It leaves its examples on storage, cut by the shards that
their keys put them into. Then each shard reads its examples from all units and writes them in the
order of their keys: as rows of `examples`, as tokens, and in the columns that trainers read.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa

from transforms.feed import STAGE, tokenizers
from transforms.feed.chosen_tokenizer import left_tokenizer
from transforms.feed.documents import Documents
from transforms.feed.examples import example_rows
from transforms.feed.feed_sources import SOURCES
from transforms.feed.packing import pack
from transforms.feed.problem_exports import write_problem_exports
from transforms.feed.removals import read_removals
from transforms.feed.selected_rows import selected_rows
from transforms.feed.selection import REJECTS, Selection, reject_rows
from transforms.feed.settings import NONE, FeedSettings
from transforms.feed.shard_outputs import write_example_exports, write_shard_tokens
from transforms.feed.slices import UnitSlices, read_shard_examples, send_slices
from transforms.feed.units import RowUnit
from transforms.lib.rights.left_opt_outs import left_opt_outs
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.memory import give_back_memory, reuse_memory
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage

PIECE_ROWS = 4096  # examples that become rows of one table at a time


@dataclass
class SelectUnit(beam.DoFn):
    """Takes a unit and leaves its examples in slices; writes its rejects, and exports of problems.

    Yields by shard which slices are for it. The marker goes to the output `markers`.
    """

    data: Storage
    config: str
    settings: FeedSettings

    def setup(self) -> None:
        reuse_memory()
        opt_outs = left_opt_outs(self.data, STAGE)
        self._selection = Selection(self.settings, opt_outs, read_removals(self.data))

    def process(self, unit: RowUnit) -> Iterator[Keyed | beam.pvalue.TaggedOutput]:
        slices = UnitSlices(self.data, unit.index)
        marker = finished(self.data, STAGE, "selected", unit.name, self.config)
        if marker is None or not slices.are_there():
            shards = UnitShards(self.data, STAGE, unit.name, self.config)
            slices.write(self._examples(unit, shards), self.settings.shards)
            marker = shards.commit("selected")
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker))
        yield from send_slices(slices.index())

    def _examples(self, unit: RowUnit, shards: UnitShards) -> Iterator[pa.Table]:
        """Yields the examples of a unit, batch by batch; writes what else is made of its rows."""
        source = SOURCES[unit.source]
        for batch, reasons, kept in selected_rows(self.data, unit, self._selection):
            shards.write(REJECTS.name, reject_rows(source, batch, reasons))
            if source.name == "problems":
                write_problem_exports(shards, kept, self.settings)
            yield example_rows(source, kept, self.settings)
            give_back_memory()


@dataclass
class WriteShard(beam.DoFn):
    """Takes the number of a shard with the slices for it; writes it, and yields its marker."""

    data: Storage
    config: str
    settings: FeedSettings

    def setup(self) -> None:
        reuse_memory()
        tokens = self.settings.tokenizer != NONE
        self._tokenizer = left_tokenizer(self.data) if tokens else None

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[str]:
        name = f"{element[0]:05d}"
        marker = finished(self.data, STAGE, "done", name, self.config)
        yield json.dumps(marker or self._write(name, list(element[1])))

    def _write(self, name: str, messages: list[Packed]) -> dict:
        shards = UnitShards(self.data, STAGE, name, self.config)
        examples = read_shard_examples(self.data, messages)
        for first in range(0, len(examples), PIECE_ROWS):
            piece = examples.slice(first, PIECE_ROWS)
            shards.write("examples", piece)
            write_example_exports(shards, piece, self.settings)
        if self._tokenizer:
            write_shard_tokens(shards, examples, self._tokenizer, self.settings)
        return shards.commit()


def warm_up() -> None:
    """Loads the compiled kernels, for all workers that are forked from this process."""
    tokenizers.warm_up()
    one = Documents(np.zeros(1, np.uint32), np.ones(1, np.int64), np.ones(1, np.bool_))
    pack(one, 2, 0, "best-fit")


@dataclass
class FeedExamples(beam.PTransform):
    """Takes the units of a plan; commits `datasets`: examples, rejects, tokens, exports."""

    plan: Plan
    config: str
    datasets: tuple[str, ...]
    settings: FeedSettings

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        units = pbegin | PlannedUnits(self.plan)
        selected = units | "Select" >> beam.ParDo(
            SelectUnit(data, self.config, self.settings)
        ).with_outputs("markers", main="slices")
        written = (
            selected.slices
            | "Slices" >> beam.Map(lambda x: x).with_output_types(Keyed)
            | "Meet shard" >> beam.GroupByKey()
            | "Write"
            >> beam.ParDo(WriteShard(data, self.config, self.settings)).with_output_types(str)
        )
        markers = selected.markers | "Selected" >> beam.Map(lambda x: x).with_output_types(str)
        return (
            (markers, written)
            | "Markers" >> beam.Flatten()
            | CommitShards(data, self.config, STAGE, self.datasets)
        )
