"""The second half of a stage that decides on rows: units meet what they are told, and write."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.exchange import Packed
from transforms.lib.skeleton.memory import reuse_memory
from transforms.lib.skeleton.plan import sent_unit
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit

Write = Callable[[UnitShards, Any, list[Packed]], None]
Unpack = Callable[[bytes], Any]  # what was sent of a unit, to the unit


@dataclass
class WriteUnit(beam.DoFn):
    """A unit, with what it was told, to its shards; yields its marker."""

    data: Storage
    config: str
    stage: str
    write: Write
    unpack: Unpack

    def setup(self) -> None:
        reuse_memory()

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[str]:
        told = list(element[1])
        unit = sent_unit(told, self.unpack)
        marker = finished(self.data, self.stage, "done", unit.name, self.config)
        yield json.dumps(marker or self._written(unit, told))

    def _written(self, unit: Any, told: list[Packed]) -> dict:
        shards = UnitShards(self.data, self.stage, unit.name, self.config)
        self.write(shards, unit, told)
        return shards.commit()


@dataclass
class WriteUnits(beam.PTransform):
    """Markers of an earlier phase, what is told by unit, and units, to the committed datasets."""

    data: Storage
    config: str
    stage: str
    datasets: tuple[str, ...]
    write: Write
    unpack: Unpack = Unit.unpack

    def expand(self, pcolls: tuple) -> beam.PCollection:
        markers, told, sent = pcolls
        write = WriteUnit(self.data, self.config, self.stage, self.write, self.unpack)
        written = (
            (told, sent)
            | "To every unit" >> beam.Flatten()
            | "Meet unit" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(write).with_output_types(str)
        )
        earlier = markers | "Earlier" >> beam.Map(lambda x: x).with_output_types(str)
        return (
            (earlier, written)
            | "Markers" >> beam.Flatten()
            | CommitShards(self.data, self.config, self.stage, self.datasets)
        )
