"""By how much more a removal sets `clusters` and `corpus` apart, which count one another's rows.

A file that stays was counted as one of a group that has lost some, or names a file that goes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.lib.rights.known_rows import key_rows
from transforms.lib.skeleton.storage import Storage

KINDS = ("representative", "exact", "near")  # of `clusters`
COPIES = ("exact_copies", "near_copies")
# By dataset and shard, for each row whether it goes.
Masks = Mapping[str, Mapping[str, NDArray[np.bool_]]]


def with_masks(
    data: Storage, masks: Masks, dataset: str, columns: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yields each row of a dataset, as `key_rows` does, and whether it goes."""
    of_shards, places = masks.get(dataset, {}), Counter[str]()
    for shard, row in key_rows(data, dataset, columns):
        yield row, shard in of_shards and bool(of_shards[shard][places[shard]])
        places[shard] += 1


@dataclass
class Groups:
    """How many files each representative stands for, by `clusters` and by `corpus`.

    Both by its digest: how many rows it has itself, and those of exact and of near duplicates.
    `marks` are the files that rows of `corpus` name as what they are duplicates of.
    """

    members: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    marks: Counter[str] = field(default_factory=Counter)
    named: set[str] = field(default_factory=set)  # of the marks, the files that are there

    def add_member(self, row: dict[str, Any]) -> None:
        """Count in a row of `clusters`."""
        self.members[row["representative"]][row["kind"]] += 1

    def add_file(self, row: dict[str, Any]) -> None:
        """Count in a row of `corpus`."""
        if any(row[name] for name in COPIES):
            values = zip(KINDS, (1, *(row[name] or 0 for name in COPIES)), strict=True)
            self.counts[row["sha256"]].update(dict(values))
        if row["duplicate_of"]:
            self.marks[row["duplicate_of"]] += 1

    def apart(self) -> int:
        """How many files stand for others than their counts say."""
        return sum(self.members[d] != self.counts[d] for d in {*self.members, *self.counts})

    def lost(self) -> int:
        """How many rows of `corpus` are duplicates of a file that is not there."""
        return sum(count for digest, count in self.marks.items() if digest not in self.named)


def duplicates_left(data: Storage, masks: Masks) -> dict[str, int]:
    """By dataset, how many more rows are apart from others once the rows of the masks are gone."""
    if not masks.keys() & {"clusters", "corpus"}:
        return {}
    before, after = Groups(), Groups()
    for row, goes in with_masks(data, masks, "clusters", ("representative", "kind")):
        for groups in (before, after)[: 2 - goes]:
            groups.add_member(row)
    for row, goes in with_masks(data, masks, "corpus", (*COPIES, "duplicate_of")):
        for groups in (before, after)[: 2 - goes]:
            groups.add_file(row)
    if before.marks:
        for row, goes in with_masks(data, masks, "corpus", ("duplicate_of",)):
            if row["sha256"] in before.marks and not row["duplicate_of"]:
                for groups in (before, after)[: 2 - goes]:
                    groups.named.add(row["sha256"])
    return {"clusters": after.apart() - before.apart(), "corpus": after.lost() - before.lost()}
