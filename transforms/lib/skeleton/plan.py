"""The plan of a stage: its units, left in storage, read by workers and dealt to them.

A graph that held them all would grow with the corpus; this one holds the number of pieces.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit

PIECE = 256  # units in a file of the plan
SPREAD = 1009  # keys by which units are dealt to workers


@dataclass(frozen=True)
class Plan:
    """The units of one run of a stage: how many there are, and of how many rows."""

    data: Storage
    stage: str
    units: int
    rows: int

    def piece(self, number: int) -> str:
        """Where a piece of it stands."""
        return f"_work/{self.stage}/plan/{number:05d}.json"

    @property
    def pieces(self) -> int:
        """In how many files it stands."""
        return -(-self.units // PIECE)


def leave_plan(data: Storage, stage: str, units: list[Unit]) -> Plan:
    """Put the units where workers find them."""
    plan = Plan(data, stage, len(units), sum(unit.rows for unit in units))
    for number in range(plan.pieces):
        piece = units[number * PIECE : (number + 1) * PIECE]
        data.put_json(plan.piece(number), [unit.pack().decode() for unit in piece])
    return plan


def send_unit(unit: Unit) -> Keyed:
    """A unit to whoever collects what is told to it, so that those told nothing are there too."""
    return unit.index, ("unit", unit.pack())


def sent_unit(values: Iterable[Packed], unpack: Callable[[bytes], Any] = Unit.unpack) -> Any:
    """The unit among what was told to it."""
    return unpack(next(content for tag, content in values if tag == "unit"))


@dataclass
class ReadPiece(beam.DoFn):
    """The number of a piece to its units."""

    plan: Plan

    def process(self, number: int) -> Iterator[tuple[int, Unit]]:
        for content in json.loads(self.plan.data.read(self.plan.piece(number))):
            unit = Unit.unpack(content)
            yield unit.index % SPREAD, unit


def in_order(dealt: tuple[int, Iterable[Unit]]) -> Iterator[Unit]:
    """The units of a key, in the order of the plan."""
    yield from sorted(dealt[1], key=lambda unit: unit.index)


@dataclass
class PlannedUnits(beam.PTransform):
    """The units of a plan, one element each, spread over the workers."""

    plan: Plan

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        return (
            pbegin
            | beam.Create(range(self.plan.pieces), reshuffle=False)
            | "Deal" >> beam.ParDo(ReadPiece(self.plan)).with_output_types(tuple[int, Unit])
            | "Spread" >> beam.GroupByKey()
            | "Units" >> beam.FlatMap(in_order).with_output_types(Unit)
        )
