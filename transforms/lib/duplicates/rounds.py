"""Which members of a component are kept, where no worker can hold them all: in rounds.

The rule is that of `near_duplicates`: in the winners' order a member is kept unless it is a near
duplicate of one kept before. That is a greedy maximal independent set, and in a random order it is
found in few rounds (Blelloch, Fineman and Shun, "Greedy Sequential Maximal Independent Set and
Matching are Parallel on Average", SPAA 2012). In a round the members of each bucket meet. A member
that is not decided yet is dropped if an earlier kept one is a near duplicate, waits if an earlier
one that may be is not decided either, and else is kept. When all are decided, they meet once more,
and each dropped member finds the kept one that it is most like.

Of a bucket with very many members only the first are held: `leaders`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.duplicates.minhash import PERMUTATIONS, THRESHOLD
from transforms.lib.duplicates.near_duplicates import (
    BORDERLINE_FROM,
    MAX_CANDIDATES,
    MAX_EXACT_PAIRS,
    SURE_FROM,
    estimated_jaccard,
    keep_most_alike,
)

# States of a member. It is new in the round after it was kept; later no other has to be compared
# with it, and only its place counts.
OPEN, NEW, OLD, DROPPED = range(4)
MAX_OPEN = 256  # undecided members of a bucket that others wait for; those after them wait, too
# What meets in a bucket. `rank` is the place in the winners' order, `node` the member's address.
IN_BUCKET = np.dtype(
    [
        ("bucket", "<u8"),
        ("rank", "<u8"),
        ("node", "<u8"),
        ("state", "u1"),
        ("sketch", f"V{PERMUTATIONS}"),
    ]
)
# What a bucket says of a member: that it must wait, or with which kept one it is alike.
WAITS, SURE, CLOSE = range(3)
REPORT = np.dtype(
    [("node", "<u8"), ("kind", "u1"), ("other", "<u8"), ("rank", "<u8"), ("jaccard", "<f8")]
)
# A member and its state; if it is dropped, for which member, that one's rank, and their Jaccard.
MEMBER_STATE = np.dtype(
    [
        ("node", "<u8"),
        ("state", "u1"),
        ("kind", "u1"),
        ("other", "<u8"),
        ("rank", "<u8"),
        ("jaccard", "<f8"),
    ]
)
Exact = Callable[[NDArray[np.uint64]], NDArray[np.float64]]  # pairs of nodes to their Jaccards


def leaders(members: NDArray) -> NDArray:
    """The members of each bucket with which others are compared, sorted; IN_BUCKET[n].

    These are the first MAX_CANDIDATES that are kept, and after them the first MAX_OPEN that are not
    decided. What `members` leave out may be added later: leaders of leaders and more are the same.
    """
    members = members[members["state"] != DROPPED]
    undecided = members["state"] == OPEN
    order = np.lexsort((members["node"], members["rank"], undecided, members["bucket"]))
    members, undecided = members[order], undecided[order]
    first = np.r_[True, members["bucket"][1:] != members["bucket"][:-1]]
    first[1:] |= undecided[1:] != undecided[:-1]
    begins = np.flatnonzero(first[: len(members)])
    place = np.arange(len(members)) - np.repeat(begins, np.diff(np.r_[begins, len(members)]))
    held: NDArray = members[place < np.where(undecided, MAX_OPEN, MAX_CANDIDATES)]
    return held


def compare(members: NDArray, held: NDArray, asking: int) -> NDArray:
    """What the buckets say of those `members` that have the state `asking`; REPORT[n].

    `held` are the leaders of all members of the buckets.
    """
    members = members[members["state"] == asking]
    begins = np.searchsorted(held["bucket"], members["bucket"])
    ends = np.searchsorted(held["bucket"], members["bucket"], "right")
    who, other, kind, jaccard = _compare(
        members["rank"].copy(),
        _sketches(members),
        begins,
        ends,
        held["rank"].copy(),
        held["state"].copy(),
        _sketches(held),
    )
    reports = np.empty(len(who), REPORT)
    reports["node"], reports["kind"], reports["jaccard"] = members["node"][who], kind, jaccard
    reports["other"], reports["rank"] = held["node"][other], held["rank"][other]
    return reports


def _sketches(members: NDArray) -> NDArray[np.uint8]:
    content = np.ascontiguousarray(members["sketch"])
    return content.view(np.uint8).reshape(-1, PERMUTATIONS)


@kernel
def _compare(ranks, sketches, begins, ends, held_ranks, states, held_sketches):  # type: ignore[no-untyped-def]
    """The reports on members, each with the held ones from its begin to its end.

    Returns member, held one, kind and Jaccard of each report; a member that waits names any.
    """
    who, other = np.empty(1024, np.int64), np.empty(1024, np.int64)
    kind, jaccard = np.empty(1024, np.uint8), np.empty(1024, np.float64)
    count = 0
    close = np.empty(MAX_EXACT_PAIRS, np.int64)
    estimates = np.empty(MAX_EXACT_PAIRS, np.float64)
    for member in range(len(ranks)):
        closes, kept, waiting, waits, best, most = 0, 0, 0, False, -1, 0.0
        for at in range(begins[member], ends[member]):
            waiting += states[at] == OPEN
            if held_ranks[at] >= ranks[member]:
                continue
            kept += states[at] != OPEN
            if states[at] == OLD:
                continue
            alike = estimated_jaccard(held_sketches[at], sketches[member])
            if alike < BORDERLINE_FROM:
                continue
            if states[at] == OPEN:
                waits = True
            elif alike >= SURE_FROM:
                if best < 0 or alike > most:
                    best, most = at, alike
            else:
                closes = keep_most_alike(close, estimates, closes, at, alike)
        last = ends[member] - 1
        # Others that are not held may come before it, and it may have to wait for them.
        if waiting == MAX_OPEN and ranks[member] > held_ranks[last] and kept < MAX_CANDIDATES:
            waits = True
        while count + closes + 2 > len(who):
            who, other = np.concatenate((who, who)), np.concatenate((other, other))
            kind, jaccard = np.concatenate((kind, kind)), np.concatenate((jaccard, jaccard))
        if best >= 0:
            who[count], other[count], kind[count], jaccard[count] = member, best, SURE, most
            count += 1
            continue
        for i in range(closes):
            who[count], other[count], kind[count] = member, close[i], CLOSE
            jaccard[count] = estimates[i]
            count += 1
        if waits:
            who[count], other[count], kind[count], jaccard[count] = member, last, WAITS, 0.0
            count += 1
    return who[:count], other[:count], kind[:count], jaccard[:count]


def thinned(reports: NDArray) -> NDArray:
    """The reports that matter, where the buckets of a member say the same or less; REPORT[n].

    More reports may be added later: what remains of thinned ones and more is the same.
    """
    sure = _best(reports[reports["kind"] == SURE])
    others = reports[~np.isin(reports["node"], sure["node"])]
    waits = _best(others[others["kind"] == WAITS])
    close = np.unique(others[others["kind"] == CLOSE])  # two may meet in several buckets
    close = close[np.lexsort((close["rank"], -close["jaccard"], close["node"]))]
    begins = np.searchsorted(close["node"], close["node"])
    close = close[np.arange(len(close)) - begins < MAX_EXACT_PAIRS]
    return np.concatenate([sure, close, waits])


def most_alike(reports: NDArray, exact: Exact) -> NDArray:
    """The kept member that each member is a near duplicate of, if any, and most like; REPORT[n].

    As in `near_duplicates` those that the estimates are sure of count first; else the exact Jaccard
    decides, of the MAX_EXACT_PAIRS that are most alike by their estimates.
    """
    reports = thinned(reports)
    sure, close = (reports[reports["kind"] == kind] for kind in (SURE, CLOSE))
    close["jaccard"] = exact(np.stack([close["other"], close["node"]], axis=1))
    return np.concatenate([sure, _best(close[close["jaccard"] >= THRESHOLD])])


def _best(reports: NDArray) -> NDArray:
    """Of each member's reports the one with the highest Jaccard; of equal ones the earliest."""
    reports = reports[np.lexsort((reports["rank"], -reports["jaccard"], reports["node"]))]
    first = np.r_[True, reports["node"][1:] != reports["node"][:-1]]
    best: NDArray = reports[first[: len(reports)]]
    return best


def settle(states: NDArray, reports: NDArray, exact: Exact) -> NDArray:
    """The states of members, sorted by node, after a round; MEMBER_STATE[n]."""
    after = states.copy()
    after["state"][states["state"] == NEW] = OLD
    undecided = states["state"] == OPEN
    waits = np.isin(states["node"], reports["node"][reports["kind"] == WAITS])
    after["state"][undecided & ~waits] = NEW
    _drop(after, most_alike(reports, exact))
    return after


def _drop(states: NDArray, found: NDArray) -> None:
    """Drop the members of reports, each for its other."""
    places = np.searchsorted(states["node"], found["node"])
    states["state"][places] = DROPPED
    for name in ("kind", "other", "rank", "jaccard"):
        states[name][places] = found[name]


def choose(states: NDArray, reports: NDArray, exact: Exact) -> NDArray:
    """The dropped members, each for the kept one that it is most like; MEMBER_STATE[n].

    `reports` are of buckets in which all kept members are new and the dropped ones ask. There a
    member may not meet the one that it was dropped for, which is known from its round.
    """
    dropped: NDArray = states[states["state"] == DROPPED]
    known = np.empty(len(dropped), REPORT)
    for name in REPORT.names or ():
        known[name] = dropped[name]
    found = np.concatenate([known, most_alike(reports, exact)])
    sure = found["node"][found["kind"] == SURE]
    found = found[(found["kind"] == SURE) | ~np.isin(found["node"], sure)]
    _drop(dropped, _best(found))
    return dropped
