"""The files that no round has decided: they fall into smaller components, one worker for each.

Where many files are much alike, each may have to wait for the one before it, and rounds decide few
of them. The files that linked such groups to others are decided by then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.corpus.large_files import LargeFiles, exact_of
from transforms.lib.duplicates.candidates import BAND, FindComponents
from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS
from transforms.lib.duplicates.near_duplicates import (
    Members,
    borderline_pairs,
    choose_representatives,
)
from transforms.lib.duplicates.rounds import CLOSE, DROPPED, MEMBER_STATE, NEW, OPEN, SURE, Exact
from transforms.lib.errors import PipelineError
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, row_of, unit_of, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.hashing import partition_of

# What the worker of a component needs of a file.
UNDECIDED = np.dtype(
    [
        ("rank", "<u8"),
        ("node", "<u8"),
        ("state", "u1"),
        ("sketch", f"V{PERMUTATIONS}"),
        ("bands", "<u8", (BANDS,)),
    ]
)


def remaining(states: NDArray) -> NDArray[np.bool_]:
    """Which files are not decided, or were kept in the last round: none was compared with these."""
    which: NDArray[np.bool_] = np.isin(states["state"], (OPEN, NEW))
    return which


@dataclass
class BandUndecided(beam.DoFn):
    """Takes the states of a unit's files; yields the band keys of those that remain."""

    data: Storage
    partitions: int

    def process(self, element: Keyed) -> Iterator[Keyed]:
        unit, value = element
        which = remaining(unpack([value], "state", MEMBER_STATE))
        members = LargeFiles(self.data, unit).read()[which]
        keys = members["bands"].ravel()
        bands = np.empty(len(keys), BAND)
        bands["key"], bands["row"] = keys, np.repeat(members["row"], BANDS)
        yield from by_key("band", keys % np.uint64(self.partitions), bands, unit)


@dataclass
class SendUndecided(beam.DoFn):
    """Takes a unit's states, and components of those that remain; yields these by partition."""

    data: Storage
    partitions: int

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        values = list(values)
        states = unpack(values, "state", MEMBER_STATE)
        rows = unpack(values, "member", COMPONENT_OF_ROW)
        places = np.searchsorted(row_of(states["node"]), rows["row"])
        members = LargeFiles(self.data, unit).read()[places]
        records = np.empty(len(members), UNDECIDED)
        for name in ("rank", "sketch", "bands"):
            records[name] = members[name]
        records["node"], records["state"] = states["node"][places], states["state"][places]
        yield from by_key("last", partition_of(rows["component"], self.partitions), records)


@dataclass
class DecideLast(beam.DoFn):
    """Takes the files of a partition's components; yields the states of the undecided, by unit.

    Raises PipelineError if they are too many for one worker.
    """

    data: Storage
    rounds: int
    most: int

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        parts, count = [], 0
        for _, content in element[1]:
            parts.append(np.frombuffer(content, UNDECIDED))
            count += len(parts[-1])
            if count > self.most:
                raise PipelineError(
                    f"more than {self.most:,} files that are much alike are not decided after "
                    f"{self.rounds} rounds; go on with --resume --rounds {2 * self.rounds}"
                )
        states = decided_alone(np.concatenate(parts), partial(exact_of, self.data))
        yield from by_key("decided", unit_of(states["node"]), states)


def decided_alone(records: NDArray, exact: Exact) -> NDArray:
    """The states of the undecided among UNDECIDED[n], by the rule in one worker."""
    records = records[np.argsort(records["rank"])]
    sketches = np.ascontiguousarray(records["sketch"]).view(np.uint8).reshape(-1, PERMUTATIONS)
    members = Members(sketches, records["bands"].astype(np.uint32))
    pairs = borderline_pairs(members)
    other, jaccard = choose_representatives(members, pairs, exact(records["node"][pairs]))
    states = np.zeros(len(records), MEMBER_STATE)
    states["node"], states["state"] = records["node"], NEW
    dropped = np.flatnonzero(other >= 0)
    known = set(map(tuple, pairs.tolist()))
    states["state"][dropped], states["jaccard"][dropped] = DROPPED, jaccard[dropped]
    states["other"][dropped] = records["node"][other[dropped]]
    states["rank"][dropped] = records["rank"][other[dropped]]
    states["kind"][dropped] = [
        CLOSE if pair in known else SURE
        for pair in zip(other[dropped].tolist(), dropped.tolist(), strict=True)
    ]
    undecided: NDArray = states[records["state"] == OPEN]
    return undecided


@dataclass
class DecideUndecided(beam.PTransform):
    """Takes the states of files by unit; yields the states of the undecided, by unit.

    Those that share no band with another that remains have none: they are kept.
    """

    data: Storage
    partitions: int
    rounds: int
    spill: Spill
    most: int

    def expand(self, states: beam.PCollection) -> beam.PCollection:
        spill = replace(self.spill, folder=f"{self.spill.folder}/undecided")
        band = BandUndecided(self.data, self.partitions)
        send = SendUndecided(self.data, self.partitions)
        decide = DecideLast(self.data, self.rounds, self.most)
        components = (
            states
            | "Band undecided" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands of undecided" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, spill)
        )
        return (
            (states, components)
            | "With components" >> beam.Flatten()
            | "Meet undecided" >> beam.GroupByKey()
            | "Send undecided" >> beam.ParDo(send).with_output_types(Keyed)
            | "Meet to decide" >> beam.GroupByKey()
            | "Decide last" >> beam.ParDo(decide).with_output_types(Keyed)
        )
