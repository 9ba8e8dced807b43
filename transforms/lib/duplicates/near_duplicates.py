"""Which members of a component are kept, and which kept member stands for each near duplicate.

Members (files or functions) are visited in the winners' order. A member is dropped if it is a
verified near duplicate of one that was kept before it, so none is dropped by a chain. A pair is
verified by the estimate of its Jaccard where that is far from the threshold, and by the exact
Jaccard of its shingle sets on the borderline. Exact values are computed only for the pairs that
may matter, so there are two visits: `borderline_pairs` finds these pairs, and
`choose_representatives` decides with their exact values.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, THRESHOLD

# Three standard errors of the estimate at the threshold: the estimate alone decides outside them.
MARGIN = 3 * (THRESHOLD * (1 - THRESHOLD) / PERMUTATIONS) ** 0.5
SURE_FROM, BORDERLINE_FROM = THRESHOLD + MARGIN, THRESHOLD - MARGIN
# Kept members that one bucket offers for comparison. A bucket with more of them is a collision by
# chance: near duplicates of one another would not all be kept.
MAX_CANDIDATES = 64
# Borderline pairs of one member whose exact Jaccard is computed: the most alike. If none of these
# reaches the threshold, less similar pairs are unlikely to.
MAX_EXACT_PAIRS = 16
SKETCH_COLLISION = 1 / 256  # chance that two different minima have the same low 8 bits


@dataclass(frozen=True)
class Members:
    """The members of some components, in the winners' order.

    sketches: uint8[n, PERMUTATIONS], the low bytes of the signatures (b-bit minwise hashing, Li
    and König 2010); buckets: uint32[n, BANDS], equal where the bands are equal.
    """

    sketches: NDArray[np.uint8]
    buckets: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.sketches)

    def bucket_numbers(self) -> NDArray[np.int64]:
        """The buckets, numbered from 0; int64[n, BANDS]."""
        numbers = np.unique(self.buckets, return_inverse=True)[1]
        return numbers.reshape(self.buckets.shape)


def borderline_pairs(members: Members) -> NDArray[np.int64]:
    """Pairs whose exact Jaccard may decide who is kept, the earlier member first; int64[k, 2]."""
    none = np.empty(0, np.int64)
    pairs, _, _ = _visit(members.sketches, members.bucket_numbers(), none, np.empty(0), final=False)
    pairs.sort()
    return np.stack([pairs >> 32, pairs & 0xFFFFFFFF], axis=1)


def choose_representatives(
    members: Members, pairs: NDArray[np.int64], exact: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each member the kept member that it is most like, or -1 if it is kept; and their Jaccard.

    `exact` are the Jaccards of `pairs`, which are those of `borderline_pairs`. A borderline pair
    that is not among them does not count as near duplicate.
    """
    known = pairs[:, 0] << 32 | pairs[:, 1]
    _, representative, similarity = _visit(
        members.sketches, members.bucket_numbers(), known, exact, final=True
    )
    return representative, similarity


@kernel
def _visit(sketches, buckets, known, exact, final):  # type: ignore[no-untyped-def]
    """One visit of all members in order: unknown pairs that may matter, and representatives.

    known: sorted pairs, packed in 64 bits; exact: their Jaccards. In the final visit an unknown
    pair does not count as near duplicates. Before it, a member is certain to be kept only if no
    unknown pair could drop it, and only members that are certain drop others.

    Kept members are listed by bucket: `newest[b]` begins the list of bucket b, `older` links it.
    """
    count, bands = buckets.shape
    newest = np.full(buckets.max() + 1 if count else 1, -1, np.int64)
    listed = np.zeros(len(newest), np.int64)
    older = np.full(count * bands, -1, np.int64)
    compared_with = np.full(count, -1, np.int64)
    certain = np.zeros(count, np.bool_)
    representative, similarity = np.full(count, -1, np.int64), np.zeros(count, np.float64)
    close = np.empty(MAX_EXACT_PAIRS, np.int64)
    estimates = np.empty(MAX_EXACT_PAIRS, np.float64)
    unknown, unknowns = np.empty(1024, np.int64), 0
    for member in range(count):
        closes, may_be_dropped = 0, False
        for band in range(bands):
            link = newest[buckets[member, band]]
            while link >= 0:
                other = link // bands
                link = older[link]
                if compared_with[other] == member:
                    continue
                compared_with[other] = member
                estimate = estimated_jaccard(sketches[other], sketches[member])
                if estimate >= SURE_FROM:
                    may_be_dropped |= not certain[other]
                    if certain[other]:
                        _prefer(representative, similarity, member, other, estimate)
                elif estimate >= BORDERLINE_FROM:
                    closes = keep_most_alike(close, estimates, closes, other, estimate)
        if representative[member] >= 0:
            continue
        for i in range(closes):
            pair = close[i] << 32 | member
            at = np.searchsorted(known, pair)
            if at < len(known) and known[at] == pair:
                if exact[at] >= THRESHOLD:
                    _prefer(representative, similarity, member, close[i], exact[at])
            elif not final:
                may_be_dropped = True
                if unknowns == len(unknown):
                    unknown = np.concatenate((unknown, np.empty_like(unknown)))
                unknown[unknowns] = pair
                unknowns += 1
        if representative[member] >= 0:
            continue
        certain[member] = not may_be_dropped
        for band in range(bands):
            bucket = buckets[member, band]
            if listed[bucket] < MAX_CANDIDATES:
                older[member * bands + band] = newest[bucket]
                newest[bucket] = member * bands + band
                listed[bucket] += 1
    return unknown[:unknowns], representative, similarity


@kernel
def keep_most_alike(close, estimates, count, other, estimate):  # type: ignore[no-untyped-def]
    """Put `other` among the most alike, the earlier of equals; returns how many there are."""
    place = count
    if count == len(close):
        place = 0
        for i in range(1, count):
            less = estimates[i] < estimates[place]
            if less or (estimates[i] == estimates[place] and close[i] > close[place]):
                place = i
        worst = estimates[place]
        if estimate < worst or (estimate == worst and other > close[place]):
            return count
    close[place], estimates[place] = other, estimate
    return max(count, place + 1)


@inlined_kernel
def _prefer(representative, similarity, member, other, jaccard):  # type: ignore[no-untyped-def]
    """Let `other` stand for `member` if it is more alike, or as alike and earlier in the order."""
    best, value = representative[member], similarity[member]
    if best < 0 or jaccard > value or (jaccard == value and other < best):
        representative[member], similarity[member] = other, jaccard


@inlined_kernel
def estimated_jaccard(left, right):  # type: ignore[no-untyped-def]
    """The Jaccard of two members as their sketches estimate it."""
    same = np.int64(0)
    for place in range(PERMUTATIONS):
        same += left[place] == right[place]
    return (same / PERMUTATIONS - SKETCH_COLLISION) / (1 - SKETCH_COLLISION)


@kernel
def jaccard(left, right):  # type: ignore[no-untyped-def]
    """The exact Jaccard of two sets, given as sorted arrays; 0 if both are empty."""
    i = j = both = 0
    while i < len(left) and j < len(right):
        both += left[i] == right[j]
        step = left[i] <= right[j]
        j += left[i] >= right[j]
        i += step
    union = len(left) + len(right) - both
    return both / union if union else 0.0


def warm_up() -> None:
    """Compile or load the kernels, so that processes forked from this one need not."""
    alike = Members(np.zeros((2, PERMUTATIONS), np.uint8), np.zeros((2, BANDS), np.uint32))
    choose_representatives(alike, borderline_pairs(alike), np.empty(0))
    jaccard(*[np.frombuffer(bytes(4), np.uint32)] * 2)
