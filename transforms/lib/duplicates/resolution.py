"""Near duplicates among files that may be alike: who is kept, and whom each dropped one resembles.

Files are taken in the winners' order; one is dropped if it is a verified near duplicate of one
already kept, so no file is removed by a chain. A pair is verified by the estimate from its
sketches where that is far from the threshold, and by the exact Jaccard of its shingle sets on
the borderline. Since the exact values come later, a first walk asks for all that could matter.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, THRESHOLD

# Three standard errors of the estimate at the threshold: outside of it the estimate decides.
MARGIN = 3 * (THRESHOLD * (1 - THRESHOLD) / PERMUTATIONS) ** 0.5
SURE, CLOSE = THRESHOLD + MARGIN, THRESHOLD - MARGIN
# Kept files that one bucket offers for comparison: more share a band and yet are not alike.
MAX_CANDIDATES = 64
# Pairs on the borderline whose exact Jaccard is asked for, of one file: the most alike. If none of
# them is a duplicate, a dense family of files has others that are as near, and hardly one that is.
MAX_ASKED = 16
COLLISION = 1 / 256  # of two unequal places of a sketch of 8 bits a place


@dataclass(frozen=True)
class Members:
    """Files in the winners' order.

    sketches: uint8[n, PERMUTATIONS], the low bytes of the signatures (b-bit minwise hashing, Li
    and König 2010); buckets: uint32[n, BANDS], equal where the band is.
    """

    sketches: NDArray[np.uint8]
    buckets: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.sketches)

    def groups(self) -> NDArray[np.int64]:
        """Buckets numbered from 0; int64[n, BANDS]."""
        places = np.unique(self.buckets, return_inverse=True)[1]
        return places.reshape(self.buckets.shape)


def borderline(members: Members) -> NDArray[np.int64]:
    """Pairs whose exact Jaccard may decide who is kept, earlier member first; int64[k, 2]."""
    none = np.empty(0, np.int64)
    pairs, _, _ = _walk(members.sketches, members.groups(), none, np.empty(0), False)
    pairs.sort()
    return np.stack([pairs >> 32, pairs & 0xFFFFFFFF], axis=1)


def resolve(
    members: Members, pairs: NDArray[np.int64], exact: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each member the kept one it resembles most, or -1 if it stays; and their Jaccard.

    `exact` are the values of the pairs of `borderline`; a pair that is not among them stays two.
    """
    known = pairs[:, 0] << 32 | pairs[:, 1]
    _, stands, value = _walk(members.sketches, members.groups(), known, exact, True)
    return stands, value


@numba.njit(cache=True, nogil=True)
def _walk(sketches, groups, known, exact, final):  # type: ignore[no-untyped-def]
    """One greedy walk; `final` if every pair that is not known is none.

    Kept members are listed by bucket: `newest[g]` begins the chain of bucket g, `older` goes on.
    In a walk that is not final a member is certain to stay only if nothing that is unknown could
    drop it, and only certain ones drop others.
    """
    count, bands = groups.shape
    newest = np.full(groups.max() + 1 if count else 1, -1, np.int64)
    held = np.zeros(len(newest), np.int64)
    older = np.full(count * bands, -1, np.int64)
    seen = np.full(count, -1, np.int64)
    certain = np.zeros(count, np.bool_)
    stands, value = np.full(count, -1, np.int64), np.zeros(count, np.float64)
    close, alikes = np.empty(MAX_ASKED, np.int64), np.empty(MAX_ASKED, np.float64)
    asked, asks = np.empty(1024, np.int64), 0
    for member in range(count):
        closes, open_ = 0, False
        for band in range(bands):
            link = newest[groups[member, band]]
            while link >= 0:
                other = link // bands
                link = older[link]
                if seen[other] == member:
                    continue
                seen[other] = member
                alike = _estimate(sketches[other], sketches[member])
                if alike >= SURE:
                    open_ |= not certain[other]
                    if certain[other]:
                        _prefer(stands, value, member, other, alike)
                elif alike >= CLOSE:
                    closes = _keep_most_alike(close, alikes, closes, other, alike)
        if stands[member] >= 0:
            continue
        for i in range(closes):
            pair = close[i] << 32 | member
            at = np.searchsorted(known, pair)
            if at < len(known) and known[at] == pair:
                if exact[at] >= THRESHOLD:
                    _prefer(stands, value, member, close[i], exact[at])
            elif not final:
                open_ = True
                if asks == len(asked):
                    asked = np.concatenate((asked, np.empty_like(asked)))
                asked[asks] = pair
                asks += 1
        if stands[member] >= 0:
            continue
        certain[member] = not open_
        for band in range(bands):
            group = groups[member, band]
            if held[group] < MAX_CANDIDATES:
                older[member * bands + band] = newest[group]
                newest[group] = member * bands + band
                held[group] += 1
    return asked[:asks], stands, value


@numba.njit(cache=True, nogil=True)
def _keep_most_alike(close, alikes, count, other, alike):  # type: ignore[no-untyped-def]
    """Put `other` among the most alike, the earlier where two are equal; returns how many."""
    place = count
    if count == len(close):
        place = 0
        for i in range(1, count):
            less = alikes[i] < alikes[place]
            if less or (alikes[i] == alikes[place] and close[i] > close[place]):
                place = i
        if alike < alikes[place] or (alike == alikes[place] and other > close[place]):
            return count
    close[place], alikes[place] = other, alike
    return max(count, place + 1)


@numba.njit(cache=True, nogil=True, inline="always")
def _prefer(stands, value, member, other, alike):  # type: ignore[no-untyped-def]
    """Let `other` stand for `member` if it is more alike, or as much and earlier in the order."""
    best = stands[member]
    if best < 0 or alike > value[member] or (alike == value[member] and other < best):
        stands[member], value[member] = other, alike


@numba.njit(cache=True, nogil=True, inline="always")
def _estimate(left, right):  # type: ignore[no-untyped-def]
    """Jaccard of two members from their sketches."""
    same = np.int64(0)
    for place in range(PERMUTATIONS):
        same += left[place] == right[place]
    return (same / PERMUTATIONS - COLLISION) / (1 - COLLISION)


@numba.njit(cache=True, nogil=True)
def jaccard(left, right):  # type: ignore[no-untyped-def]
    """Exact Jaccard of two sorted sets; 0 where both are empty."""
    i = j = both = 0
    while i < len(left) and j < len(right):
        both += left[i] == right[j]
        step = left[i] <= right[j]
        j += left[i] >= right[j]
        i += step
    union = len(left) + len(right) - both
    return both / union if union else 0.0


def warm_up() -> None:
    """Load the compiled kernels."""
    alike = Members(np.zeros((2, PERMUTATIONS), np.uint8), np.zeros((2, BANDS), np.uint32))
    resolve(alike, borderline(alike), np.empty(0))
    jaccard(*[np.frombuffer(bytes(4), np.uint32)] * 2)
