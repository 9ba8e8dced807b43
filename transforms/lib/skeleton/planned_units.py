"""The units of a plan as elements of a pipeline, spread over the workers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.lib.skeleton.plan import Plan

KEYS = 1009  # by which units are spread over workers: a prime, more than a cluster has slots


@dataclass
class ReadPlan(beam.DoFn):
    """The number of one file of the plan to its units, each under a key."""

    plan: Plan
    keys: int

    def process(self, number: int) -> Iterator[tuple[int, Any]]:
        for unit in self.plan.read(number):
            yield unit.index % self.keys, unit


def in_order(keyed: tuple[int, Iterable[Any]]) -> Iterator[Any]:
    """The units of one key, in the order of the plan."""
    yield from sorted(keyed[1], key=lambda unit: unit.index)


@dataclass
class PlannedUnits(beam.PTransform):
    """The units of a plan, one element each.

    They meet by key in a GroupByKey, because no runner may fuse it away: Reshuffle costs nine times
    as much in the local runner, and Flink may ignore it. Units of one key come one after the other.
    """

    plan: Plan
    keys: int = KEYS

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        unit: Any = self.plan.kind
        return (
            pbegin
            | beam.Create(range(self.plan.files), reshuffle=False)
            | "Read plan"
            >> beam.ParDo(ReadPlan(self.plan, self.keys)).with_output_types(tuple[int, unit])
            | "Spread" >> beam.GroupByKey()
            | "Units" >> beam.FlatMap(in_order).with_output_types(unit)
        )
