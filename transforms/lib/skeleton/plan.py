"""The plan of a stage: its units of work, left in storage and read by workers.

A pipeline graph that held all units would grow with the corpus, and a job graph has a size limit on
Dataflow. This one holds a number for each file of the plan.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.storage import Storage

UNITS_PER_FILE = 256


class WorkUnit(Protocol):
    """What one worker works on at a time; every stage has its own kind."""

    @property
    def index(self) -> int:
        """Its place in the plan, from 0."""

    @property
    def name(self) -> str:
        """The name of its shards and markers; the same input gives the same name."""

    def pack(self) -> bytes:
        """The unit as bytes, for the plan and the shuffle."""

    @classmethod
    def unpack(cls, content: bytes) -> Self:
        """The unit that was packed."""


@dataclass(frozen=True)
class Plan:
    """The units of one run of a stage: their kind, how many there are, and of how many rows."""

    data: Storage
    stage: str
    kind: type[WorkUnit]
    units: int
    rows: int = 0

    def file(self, number: int) -> str:
        """The name, relative to DATA, of one file of the plan."""
        return f"_work/{self.stage}/plan/{number:05d}.json"

    @property
    def files(self) -> int:
        """How many files the plan has."""
        return -(-self.units // UNITS_PER_FILE)

    def read(self, number: int) -> Iterator[Any]:
        """The units in one file of the plan."""
        for content in json.loads(self.data.read(self.file(number))):
            yield self.kind.unpack(content)


def write_plan(data: Storage, stage: str, units: Sequence[WorkUnit], rows: int = 0) -> Plan:
    """Write the units, at least one, to the files of a plan; returns the plan."""
    plan = Plan(data, stage, type(units[0]), len(units), rows)
    for number in range(plan.files):
        part = units[number * UNITS_PER_FILE : (number + 1) * UNITS_PER_FILE]
        data.put_json(plan.file(number), [u.pack().decode() for u in part], durable=False)
    return plan


def send_unit(unit: Any) -> Keyed:
    """A unit keyed by its index, to meet the messages to it.

    Every unit is sent, so that one without messages is written too.
    """
    return unit.index, ("unit", unit.pack())


def sent_unit(values: Iterable[Packed], unpack: Callable[[bytes], Any]) -> Any:
    """The unit among the values of its key."""
    return unpack(next(content for tag, content in values if tag == "unit"))
