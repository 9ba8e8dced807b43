"""The few files that no round has decided, as a long chain may leave them: one worker decides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.corpus.large_files import LargeFiles
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS
from transforms.lib.duplicates.near_duplicates import (
    Members,
    borderline_pairs,
    choose_representatives,
)
from transforms.lib.duplicates.rounds import CLOSE, DROPPED, MEMBER_STATE, NEW, OPEN, SURE, Exact
from transforms.lib.errors import PipelineError
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, pack, unit_of, unpack
from transforms.lib.skeleton.storage import Storage

# What the last worker needs of a file that no round has decided, or only the last.
UNDECIDED = np.dtype(
    [
        ("rank", "<u8"),
        ("node", "<u8"),
        ("state", "u1"),
        ("sketch", f"V{PERMUTATIONS}"),
        ("bands", "<u8", (BANDS,)),
    ]
)


@dataclass
class SendUndecided(beam.DoFn):
    """Takes the states of a unit's files; yields to one worker those that are not decided.

    And those that the last round has kept: no other was compared with these yet.
    """

    data: Storage

    def process(self, element: Keyed) -> Iterator[Keyed]:
        unit, value = element
        states = unpack([value], "state", MEMBER_STATE)
        which = np.isin(states["state"], (OPEN, NEW))
        if which.any():
            members = LargeFiles(self.data, unit).read()[which]
            records = np.empty(len(members), UNDECIDED)
            for name in ("rank", "sketch", "bands"):
                records[name] = members[name]
            records["node"], records["state"] = states["node"][which], states["state"][which]
            yield 0, pack("undecided", records)


@dataclass
class DecideLast(beam.DoFn):
    """Takes the files that no round has decided; yields by unit the states of those.

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
                    f"the near duplicates of a component are not decided after {self.rounds} "
                    f"rounds; go on with --resume --rounds {2 * self.rounds}"
                )
        records = np.concatenate(parts)
        if (records["state"] != OPEN).all():
            return
        states = decided_alone(records, LargeFiles(self.data, 0).exact)
        yield from by_key("last", unit_of(states["node"]), states)


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
