"""The formats that problems are read from. A new one is one file here and one line in FORMATS."""

from transforms.contests.formats import (
    apps,
    check_records,
    codecontests,
    codeforces,
    doctests,
    exercism,
    leetcode,
    leetcodedataset,
    taco,
)
from transforms.contests.formats.format import Extracted, Format

FORMATS: tuple[Format, ...] = (
    leetcode.FORMAT,
    exercism.FORMAT,
    apps.FORMAT,
    taco.FORMAT,
    codecontests.FORMAT,
    leetcodedataset.FORMAT,
    codeforces.FORMAT,
    doctests.FORMAT,
    check_records.FORMAT,
)

__all__ = ["FORMATS", "Format", "Extracted", "by_name"]


def by_name(name: str) -> Format:
    """The format of that name; KeyError if there is none."""
    return {known.name: known for known in FORMATS}[name]
