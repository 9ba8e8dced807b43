"""Where problems come from. A new format is one file here and one line in CONTESTS."""

import importlib

from transforms.contests import (
    apps,
    codecontests,
    codeforces,
    doctests,
    exercism,
    leetcode,
    leetcodedataset,
    taco,
)
from transforms.contests.contest import Contest, Outcome

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


def warm_up() -> None:
    """Load what runs the formats, which stands above them, for the workers to have."""
    importlib.import_module("transforms.contest_problems")
