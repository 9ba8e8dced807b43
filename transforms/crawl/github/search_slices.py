"""Slices of a search for repositories: each is small enough that the forge shows all of it.

A search shows its first 1,000 results and counts the others. So a query is asked for one range of
`created:` (or `pushed:`) after another, cut smaller until each holds no more. What was made within
one second cannot be cut by time: it is cut by size, stars and forks.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from transforms.lib.errors import UsageError

MOST_RESULTS = 1000  # that the forge shows of a search
AIMED_AT = 800  # results of a part: some parts have more than others, and are not to be cut again
MOST_PARTS = 256  # that a slice is cut into at once
TIMES = ("created", "pushed")
COUNTS = ("size", "stars", "forks")  # a repository has a value of each, 0 or more
UNBOUNDED = 1 << 40  # the last value of a range that has no end
# Before the first repository of the forge, and of most that were brought there with their dates.
EARLIEST = datetime(2007, 10, 1, tzinfo=UTC)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WORD = re.compile(r'(?:"[^"]*"|[^\s"]|")+')
FORMS = "A..B, *..B, A..*, >A, >=A, <A, <=A or A, of days or times (2025-08-31, …T12:00:00Z)"


@dataclass(frozen=True)
class Range:
    """The values of a qualifier from `first` to `last`, both included; times in Unix seconds."""

    name: str
    first: int
    last: int

    def __str__(self) -> str:
        if self.name in TIMES:
            return f"{self.name}:{_time(self.first)}..{_time(self.last)}"
        last = "*" if self.last == UNBOUNDED else self.last
        return f"{self.name}:{self.first}..{last}"

    def parts(self, number: int) -> Iterator["Range"]:
        """Yields about `number` ranges that together are this one; itself if it is one value.

        Parts of time are equally long. Of counts, which are mostly small, there are two.
        """
        if self.name in TIMES:
            length = self.last + 1 - self.first
            steps = min(number, length)
            starts = [self.first + length * step // steps for step in range(steps)]
        elif self.last > self.first:
            starts = [self.first, math.isqrt((self.first + 1) * (self.last + 1))]
        else:
            starts = [self.first]
        for start, following in zip(starts, [*starts[1:], self.last + 1], strict=True):
            yield Range(self.name, start, following - 1)


@dataclass(frozen=True)
class Slice:
    """A query for some ranges of qualifiers, of which the first is one of time.

    `rest` is the query without these; `spare` are the qualifiers that it may be cut by further.
    """

    rest: str
    ranges: tuple[Range, ...]
    spare: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The query in the forge's syntax."""
        return " ".join([*filter(None, [self.rest]), *map(str, self.ranges)])

    @property
    def name(self) -> str:
        """A name for files, which no other slice of the query has."""
        return "-".join(f"{each.name}-{each.first}-{each.last}" for each in self.ranges)

    def parts(self, results: int) -> list["Slice"]:
        """Slices that together are this one, where it has so many results; none if it is too small.

        >>> whole = sliced("language:python created:2025-08-01..2025-08-02", now=0)
        >>> [part.text for part in whole.parts(1500)]  # doctest: +NORMALIZE_WHITESPACE
        ['language:python created:2025-08-01T00:00:00Z..2025-08-01T23:59:59Z',
         'language:python created:2025-08-02T00:00:00Z..2025-08-02T23:59:59Z']
        """
        number = min(max(2, -(-results // AIMED_AT)), MOST_PARTS)
        last = self.ranges[-1]
        ranges, spare = [*self.ranges[:-1]], self.spare
        if last.first == last.last:
            if not spare:
                return []
            ranges, last, spare = [*self.ranges], Range(spare[0], 0, UNBOUNDED), spare[1:]
        return [replace(self, ranges=(*ranges, part), spare=spare) for part in last.parts(number)]


def sliced(query: str, now: int) -> Slice:
    """The slice that is a whole query. `now`, in Unix seconds, ends what it leaves open.

    Raises UsageError if its `created:` or `pushed:` cannot be understood.
    """
    words = WORD.findall(query)
    values = {name: _values(words, name) for name in (*TIMES, *COUNTS)}
    name = "pushed" if values["pushed"] and not values["created"] else "created"
    if len(values[name]) > 1:
        raise UsageError(f"github-search:{query}: two of {name}:, of which one is understood")
    rest = [word for word in words if not word.lower().startswith(f"{name}:")]
    first, last = int(EARLIEST.timestamp()), now
    if values[name]:
        try:
            first, last = _bounds(values[name][0], first, last)
        except (ValueError, OverflowError) as error:
            raise UsageError(
                f"github-search:{query}: {name}: is not understood; it is {FORMS}"
            ) from error
    if first > last:
        raise UsageError(f"github-search:{query}: {name}: ends before it begins")
    spare = tuple(each for each in COUNTS if not values[each])
    return Slice(" ".join(rest), (Range(name, first, last),), spare)


def _values(words: list[str], name: str) -> list[str]:
    prefix = f"{name}:"
    return [word[len(prefix) :] for word in words if word.lower().startswith(prefix)]


def _bounds(value: str, earliest: int, now: int) -> tuple[int, int]:
    """First and last second of a range as the forge writes it; ValueError if it is none."""
    value = value.strip('"')
    if ".." in value:
        begin, end = value.split("..")
        first = earliest if begin == "*" else _seconds(begin)[0]
        return first, now if end == "*" else _seconds(end)[1]
    sign = re.match("[<>]=?", value)
    first, last = _seconds(value[sign.end() if sign else 0 :])
    return {
        None: (first, last),
        ">": (last + 1, now),
        ">=": (first, now),
        "<": (earliest, first - 1),
        "<=": (earliest, last),
    }[sign and sign[0]]


def _seconds(text: str) -> tuple[int, int]:
    """The first and the last second of a day, or of a time; ValueError if it is neither."""
    moment = datetime.fromisoformat(text)
    if DAY.fullmatch(text):
        length = timedelta(days=1)
    elif "T" in text:
        length = timedelta(seconds=1)
    else:
        raise ValueError(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    first = int(moment.timestamp())
    return first, first + int(length.total_seconds()) - 1


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
