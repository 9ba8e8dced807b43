"""The winners' order of very many files as numbers, which cost 8 bytes where names cost 100.

The files are sorted in ranges of the order. A sample of each unit's files says where the ranges
begin, and a file's rank is its range and its place there.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa

from transforms.corpus.component_sizes import in_large
from transforms.corpus.representatives import (
    REPRESENTATIVE_COLUMNS,
    describe,
    read_tables,
    write_table,
)
from transforms.corpus.signals import read_signals
from transforms.lib.skeleton.columns import column
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key
from transforms.lib.skeleton.storage import Storage

SAMPLED = 256  # of so many files of a unit one is in the sample
RANGES = 256
# Sent to the unit of a row: its place among all that are ranked, and the rows that it represents.
RANKED_ROW = np.dtype([("row", "<u4"), ("rank", "<u8"), ("copies", "<u4")])


@dataclass
class OrderUnit(beam.DoFn):
    """Takes the rows of a unit; yields those in large components, in the winners' order.

    Without the beginnings of ranges, a sample of them, to one worker; else all, by range.
    """

    data: Storage
    scope: str

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        values = list(values)
        rows, large = in_large(values)
        if not large.any():
            return
        signals = read_signals(self.data, unit, ["unit", *REPRESENTATIVE_COLUMNS])
        table = describe(signals, rows["row"][large], self.scope).sort_by("order")
        begins = [content for tag, content in values if tag == "begins"]
        if not begins:
            sample = table.select(["unit", "order"]).take(np.arange(0, len(table), SAMPLED))
            yield 0, ("sample", write_table(sample))
            return
        first = read_tables(begins)["order"].to_pylist()
        ranges = np.array([bisect_right(first, key) for key in table["order"].to_pylist()])
        for number in np.unique(ranges).tolist():
            part = table.filter(pa.array(ranges == number))
            yield number, ("ordered", write_table(part))


def begin_ranges(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the samples of all units; yields to each unit where all ranges but the first begin."""
    samples = read_tables((content for _, content in element[1]), "order")
    places = np.unique(np.arange(1, RANGES) * len(samples) // RANGES)
    begins = write_table(samples.select(["order"]).take(places))
    for unit in np.unique(samples["unit"].to_numpy()).tolist():
        yield unit, ("begins", begins)


def rank(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the files of a range; yields by unit the rank of each row."""
    number, values = element
    table = read_tables((content for _, content in values), "order", "sha256", "unit", "row")
    ranks = np.empty(len(table), RANKED_ROW)
    ranks["row"] = column(table["row"], np.int32)
    ranks["rank"] = (number << 32) + np.arange(len(table))
    ranks["copies"] = column(table["copies"], np.uint32)
    yield from by_key("rank", column(table["unit"], np.int32), ranks)


@dataclass
class RankMembers(beam.PTransform):
    """Takes the rows of units with the large components; yields the rank of each row in one."""

    data: Storage
    scope: str

    def expand(self, members: beam.PCollection) -> beam.PCollection:
        order = OrderUnit(self.data, self.scope)
        begins = (
            members
            | "Meet to sample" >> beam.GroupByKey()
            | "Sample" >> beam.ParDo(order).with_output_types(Keyed)
            | "Meet samples" >> beam.GroupByKey()
            | "Begin ranges" >> beam.FlatMap(begin_ranges).with_output_types(Keyed)
        )
        return (
            (members, begins)
            | "With ranges" >> beam.Flatten()
            | "Meet to order" >> beam.GroupByKey()
            | "Order" >> beam.ParDo(order).with_output_types(Keyed)
            | "Meet range" >> beam.GroupByKey()
            | "Rank" >> beam.FlatMap(rank).with_output_types(Keyed)
        )
