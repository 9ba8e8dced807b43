"""What the buckets of files say of them, in bounded memory however many share one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.corpus.large_files import OLD_IN_BUCKET
from transforms.lib.duplicates.rounds import IN_BUCKET, OLD, REPORT, compare, leaders, thinned
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unit_of
from transforms.lib.skeleton.spill import Spill

HELD_BYTES = 16_000_000  # of members of buckets, or of reports, that wait to be thinned out


@dataclass
class CompareInBuckets(beam.DoFn):
    """Takes the members of a partition's buckets; yields by unit what is said of those that ask."""

    spill: Spill
    name: str
    asking: int

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        name = f"reports-{self.name}-{partition:06d}"
        yield from self.spill.write(name, self._reports(values))

    def _reports(self, values: Iterable[Packed]) -> Iterator[Keyed]:
        held = self._leaders(values)
        for records in self._records(values):
            reports = compare(records, held, self.asking)
            yield from by_key("report", unit_of(reports["node"]), reports)

    def _leaders(self, values: Iterable[Packed]) -> NDArray:
        held, waiting, size = np.empty(0, IN_BUCKET), list[NDArray](), 0
        for records in self._records(values):
            waiting.append(records)
            size += records.nbytes
            if size > HELD_BYTES:
                held, waiting, size = leaders(np.concatenate([held, *waiting])), [], 0
        return leaders(np.concatenate([held, *waiting]))

    def _records(self, values: Iterable[Packed]) -> Iterator[NDArray]:
        for tag, content in self.spill.read(values):
            if tag == "open":
                yield np.frombuffer(content, IN_BUCKET)
            else:
                places = np.frombuffer(content, OLD_IN_BUCKET)
                records = np.zeros(len(places), IN_BUCKET)
                records["bucket"], records["rank"] = places["bucket"], places["rank"]
                records["state"] = OLD
                yield records


def read_reports(values: Iterable[Packed]) -> NDArray:
    """The reports among the values of a unit, thinned out on the way; REPORT[n]."""
    waiting, size = [np.empty(0, REPORT)], 0
    for tag, content in values:
        if tag == "report":
            waiting.append(np.frombuffer(content, REPORT))
            size += len(content)
        if size > HELD_BYTES:
            waiting, size = [thinned(np.concatenate(waiting))], 0
    return thinned(np.concatenate(waiting))
