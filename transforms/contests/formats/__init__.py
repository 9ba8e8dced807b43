"""The formats that problems are read from. A new one is one file here and one line in CONTESTS."""

from transforms.contests.formats import (
    apps,
    codecontests,
    codeforces,
    doctests,
    exercism,
    leetcode,
    leetcodedataset,
    taco,
)
from transforms.contests.formats.format import Contest, Outcome

CONTESTS: tuple[Contest, ...] = (
    leetcode.CONTEST,
    exercism.CONTEST,
    apps.CONTEST,
    taco.CONTEST,
    codecontests.CONTEST,
    leetcodedataset.CONTEST,
    codeforces.CONTEST,
    doctests.CONTEST,
)

__all__ = ["CONTESTS", "Contest", "Outcome", "by_name"]


def by_name(name: str) -> Contest:
    """The format of that name; KeyError if there is none."""
    return {contest.name: contest for contest in CONTESTS}[name]
