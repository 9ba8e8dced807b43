"""Near duplicates inside one component: who is kept, and whom each dropped file resembles.

Files are taken in the winners' order; one is dropped if it is a verified near duplicate of one
already kept, so no file is removed by a chain. A pair is verified by the estimate from its
sketches where that is far from the threshold, and by the exact Jaccard of its shingle sets on
the borderline. Since the exact values come later, a first pass asks for all that could matter.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.minhash import PERMUTATIONS, THRESHOLD

# Four standard errors of the estimate at the threshold: outside of it the estimate decides.
MARGIN = 4 * (THRESHOLD * (1 - THRESHOLD) / PERMUTATIONS) ** 0.5
# Kept files that one bucket may offer for comparison; more are never alike and sharing a band.
MAX_CANDIDATES = 64
COLLISION = 1 / 256  # of two unequal places of a sketch of 8 bits a place

Pair = tuple[int, int]


@dataclass(frozen=True)
class Members:
    """The files of a component in the winners' order.

    sketches: uint8[n, PERMUTATIONS], the low bytes of the signatures (b-bit minwise hashing, Li
    and König 2010); buckets: uint32[n, BANDS], equal where the band is.
    """

    sketches: NDArray[np.uint8]
    buckets: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.sketches)

    def estimates(self, member: int, others: list[int]) -> NDArray[np.float64]:
        """Estimated Jaccard of one member with others."""
        same = (self.sketches[others] == self.sketches[member]).mean(axis=1)
        estimate: NDArray[np.float64] = (same - COLLISION) / (1 - COLLISION)
        return estimate


class _Kept:
    """Kept members by bucket."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.by_bucket: dict[tuple[int, int], list[int]] = defaultdict(list)

    def candidates(self, member: int) -> list[int]:
        """Kept members that share a band with `member`, in the winners' order."""
        row = self.members.buckets[member].tolist()
        found: set[int] = set()
        for bucket in enumerate(row):
            found.update(self.by_bucket.get(bucket, ()))
        return sorted(found)

    def add(self, member: int) -> None:
        """Keep `member`."""
        for bucket in enumerate(self.members.buckets[member].tolist()):
            held = self.by_bucket[bucket]
            if len(held) < MAX_CANDIDATES:
                held.append(member)


def borderline(members: Members) -> set[Pair]:
    """Pairs (kept or maybe kept, later) whose exact Jaccard may decide who is kept."""
    kept, certain, pairs = _Kept(members), [False] * len(members), set()
    for member in range(len(members)):
        found = kept.candidates(member)
        values = members.estimates(member, found) if found else np.empty(0)
        alike = values >= THRESHOLD + MARGIN
        if any(certain[other] for other, sure in zip(found, alike, strict=True) if sure):
            continue
        close = (values >= THRESHOLD - MARGIN) & ~alike
        pairs.update((other, member) for other, ask in zip(found, close, strict=True) if ask)
        certain[member] = not (alike.any() or close.any())
        kept.add(member)
    return pairs


def resolve(
    members: Members, exact: Callable[[int, int], float]
) -> dict[int, tuple[int, float]]:
    """Dropped members: the kept one each resembles most, and their Jaccard.

    `exact` gives the Jaccard of two members; it is asked for pairs of `borderline` only.
    """
    kept = _Kept(members)
    dropped: dict[int, tuple[int, float]] = {}
    for member in range(len(members)):
        found = kept.candidates(member)
        values = members.estimates(member, found).tolist() if found else []
        best = _most_alike(member, list(zip(found, values, strict=True)), exact)
        if best is None:
            kept.add(member)
        else:
            dropped[member] = best
    return dropped


def _most_alike(
    member: int, found: list[tuple[int, float]], exact: Callable[[int, int], float]
) -> tuple[int, float] | None:
    """The most similar verified one; only if none is surely alike is the borderline asked."""
    sure = [(value, -other) for other, value in found if value >= THRESHOLD + MARGIN]
    if not sure:
        close = [other for other, value in found if value >= THRESHOLD - MARGIN]
        asked = [(exact(other, member), -other) for other in close]
        sure = [pair for pair in asked if pair[0] >= THRESHOLD]
    if not sure:
        return None
    value, other = max(sure)
    return -other, value


def jaccard(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> float:
    """Exact Jaccard of two sorted sets; 0 where both are empty."""
    both = len(np.intersect1d(left, right, assume_unique=True))
    union = len(left) + len(right) - both
    return both / union if union else 0.0
