"""Components with more files than one worker is to hold: decided in rounds over their buckets.

`rounds` of lib says how. A unit keeps what its files need for that on storage, and their states
travel from round to round; sketches meet by bucket, and what a bucket says goes back to the units.
The shingle sets of all these files are written ahead, for pairs on the borderline.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
import numpy as np

from transforms.corpus.bucket_reports import CompareInBuckets, read_reports
from transforms.corpus.large_files import Buckets, LargeFiles, OpenMembers, exact_of
from transforms.corpus.last_undecided import DecideUndecided
from transforms.corpus.near import NEAR_DUPLICATE
from transforms.corpus.signals import read_signals
from transforms.corpus.winners_ranks import RankMembers
from transforms.lib.duplicates.rounds import (
    DROPPED,
    MEMBER_STATE,
    NEW,
    OPEN,
    choose,
    settle,
)
from transforms.lib.skeleton.columns import column
from transforms.lib.skeleton.exchange import (
    Keyed,
    Packed,
    by_key,
    node,
    pack,
    row_of,
    unit_of,
    unpack,
)
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage

# Sent to the unit of a kept file: its row, and the near duplicate that it represents.
CLAIM = np.dtype([("row", "<u4"), ("node", "<u8"), ("jaccard", "<f8"), ("copies", "<u4")])


@dataclass
class SettleMembers(beam.DoFn):
    """Takes the states of a unit's files and what the buckets say; yields the files by bucket.

    The new states go to the output `states`. After the last round no file is yielded.
    """

    data: Storage
    buckets: Buckets
    number: int
    is_last: bool

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Any]:
        unit, values = element
        states = unpack(values, "state", MEMBER_STATE)
        reports = read_reports(self.buckets.spill.read(values))
        states = settle(states, reports, partial(exact_of, self.data))
        yield beam.pvalue.TaggedOutput("states", (unit, pack("state", states)))
        if self.is_last:
            return
        remain = states["state"] != DROPPED
        members = LargeFiles(self.data, unit).read()[remain]
        name = f"round-{self.number}-{unit:05d}"
        yield from self.buckets.send(name, members, states[remain])


@dataclass
class FinishMembers(beam.DoFn):
    """Takes the states of a unit's files, and those of the last decided; yields all by bucket.

    The states go to the output `states`.
    """

    data: Storage
    buckets: Buckets

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Any]:
        unit, values = element
        values = list(values)
        states = unpack(values, "state", MEMBER_STATE)
        last = unpack(values, "decided", MEMBER_STATE)
        states[np.searchsorted(states["node"], last["node"])] = last
        states["state"][states["state"] != DROPPED] = NEW
        yield beam.pvalue.TaggedOutput("states", (unit, pack("state", states)))
        members = LargeFiles(self.data, unit).read()
        yield from self.buckets.send(f"finish-{unit:05d}", members, states)


@dataclass
class ClaimRepresentatives(beam.DoFn):
    """Takes the states of a unit's files, and their reports; yields claims to the kept files."""

    data: Storage
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        states = unpack(values, "state", MEMBER_STATE)
        reports = read_reports(self.spill.read(values))
        chosen = choose(states, reports, partial(exact_of, self.data))
        members = LargeFiles(self.data, unit).read()
        claims = np.empty(len(chosen), CLAIM)
        claims["row"], claims["node"] = row_of(chosen["other"]), chosen["node"]
        claims["jaccard"] = chosen["jaccard"]
        places = np.searchsorted(members["row"], row_of(chosen["node"]))
        claims["copies"] = members["copies"][places]
        yield from by_key("claim", unit_of(chosen["other"]), claims)


@dataclass
class AnswerClaims(beam.DoFn):
    """Takes the claims to a unit's files; yields the near duplicates by their own units."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        claims = unpack(values, "claim", CLAIM)
        digests = column(read_signals(self.data, unit, ["sha256"])["sha256"], "V32")
        duplicates = np.empty(len(claims), NEAR_DUPLICATE)
        duplicates["row"], duplicates["kept"] = row_of(claims["node"]), node(unit, claims["row"])
        duplicates["sha256"] = digests[claims["row"]]
        duplicates["jaccard"], duplicates["copies"] = claims["jaccard"], claims["copies"]
        yield from by_key("near", unit_of(claims["node"]), duplicates)


@dataclass
class ResolveLarge(beam.PTransform):
    """Takes the rows of large components, and units; yields near duplicates by unit.

    The rows come with their components and with the large ones, by unit.
    """

    data: Storage
    scope: str
    partitions: int
    rounds: int
    spill: Spill
    most: int

    def expand(self, pcolls: tuple) -> beam.PCollection:
        members, sent = pcolls
        buckets = Buckets(self.partitions, self.spill)
        open_members = OpenMembers(self.data, self.scope, buckets)
        step = (
            (members | RankMembers(self.data, self.scope), sent)
            | "Ranks of every unit" >> beam.Flatten()
            | "Meet ranks" >> beam.GroupByKey()
            | "Open" >> beam.ParDo(open_members).with_outputs("states", main="files")
        )
        for number in range(self.rounds):
            settle_members = SettleMembers(self.data, buckets, number, number == self.rounds - 1)
            said = self._said(step, f"round-{number}", OPEN)
            step = said | f"Settle {number}" >> beam.ParDo(settle_members).with_outputs(
                "states", main="files"
            )
        states = step.states | "Undecided states" >> beam.Map(_same).with_output_types(Keyed)
        last = states | DecideUndecided(
            self.data, self.partitions, self.rounds, self.spill, self.most
        )
        step = (
            (states, last)
            | "All states" >> beam.Flatten()
            | "Meet states" >> beam.GroupByKey()
            | "Finish"
            >> beam.ParDo(FinishMembers(self.data, buckets)).with_outputs("states", main="files")
        )
        return (
            self._said(step, "end", DROPPED)
            | "Claim"
            >> beam.ParDo(ClaimRepresentatives(self.data, self.spill)).with_output_types(Keyed)
            | "Meet claims" >> beam.GroupByKey()
            | "Answer" >> beam.ParDo(AnswerClaims(self.data)).with_output_types(Keyed)
        )

    def _said(self, step: Any, name: str, asking: int) -> beam.PCollection:
        """The states of the files of each unit, and what their buckets say of those that ask."""
        files = step.files | f"Files of {name}" >> beam.Map(_same).with_output_types(Keyed)
        states = step.states | f"States of {name}" >> beam.Map(_same).with_output_types(Keyed)
        reports = (
            files
            | f"Meet in buckets, {name}" >> beam.GroupByKey()
            | f"Compare, {name}"
            >> beam.ParDo(CompareInBuckets(self.spill, name, asking)).with_output_types(Keyed)
        )
        return (
            (reports, states)
            | f"With states, {name}" >> beam.Flatten()
            | (f"Meet reports, {name}" >> beam.GroupByKey())
        )


def _same(element: Keyed) -> Keyed:
    return element
