"""The second half of a stage that decides on rows: units meet the messages to them, and write."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.exchange import Packed
from transforms.lib.skeleton.memory import reuse_memory
from transforms.lib.skeleton.plan import Plan, sent_unit
from transforms.lib.skeleton.shards import UnitShards, finished

# Writes the shards of a unit, given the unit and the messages to it.
Write = Callable[[UnitShards, Any, list[Packed]], None]


@dataclass
class WriteUnit(beam.DoFn):
    """A unit, with the messages to it, to its shards; yields its marker as JSON."""

    plan: Plan
    config: str
    write: Write

    def setup(self) -> None:
        reuse_memory()

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[str]:
        messages = list(element[1])
        unit = sent_unit(messages, self.plan.kind.unpack)
        marker = finished(self.plan.data, self.plan.stage, "done", unit.name, self.config)
        yield json.dumps(marker or self._written(unit, messages))

    def _written(self, unit: Any, messages: list[Packed]) -> dict:
        shards = UnitShards(self.plan.data, self.plan.stage, unit.name, self.config)
        self.write(shards, unit, messages)
        return shards.commit()


@dataclass
class WriteUnits(beam.PTransform):
    """(markers of an earlier phase, messages by unit, units by index) to the committed datasets."""

    plan: Plan
    config: str
    datasets: tuple[str, ...]
    write: Write

    def expand(self, pcolls: tuple) -> beam.PCollection:
        markers, messages, sent = pcolls
        write = WriteUnit(self.plan, self.config, self.write)
        written = (
            (messages, sent)
            | "To every unit" >> beam.Flatten()
            | "Meet unit" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(write).with_output_types(str)
        )
        earlier = markers | "Earlier" >> beam.Map(lambda x: x).with_output_types(str)
        return (
            (earlier, written)
            | "Markers" >> beam.Flatten()
            | CommitShards(self.plan.data, self.config, self.plan.stage, self.datasets)
        )
