"""Searches of a forge that is a list in memory, under a clock that only requests and waits move."""

import random
import re
from bisect import bisect_left, bisect_right
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.crawl.github.repository import Repository
from transforms.crawl.github.search import Search, SearchPage, search_page
from transforms.crawl.github.search_slices import COUNTS, UNBOUNDED, Range, sliced
from transforms.lib.errors import UsageError
from transforms.lib.network.transfer import FetchError
from transforms.lib.skeleton.storage import Storage

BEGIN = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
RANGE = re.compile(r"(\w+):(\S+)\.\.(\S+)")


class Forge:
    """Repositories made at `times`; what it shows of a query, and what it was asked."""

    def __init__(self, times: list[int], sizes: list[int] | None = None) -> None:
        self.times = sorted(times)
        self.sizes = sizes or [number % 3000 for number in range(len(times))]
        self.log: list[tuple[str, int]] = []
        self.gone: set[int] = set()

    def ask(self, text: str, number: int) -> SearchPage:
        self.log.append((text, number))
        found = self.matching(text)
        shown = found[(number - 1) * 100 : number * 100]
        assert number <= 10, "GitHub answers 422: only the first 1000 search results are available"
        return SearchPage(len(found), False, [self.repository(each) for each in shown])

    def matching(self, text: str) -> range | list[int]:
        ranges = {name: (first, last) for name, first, last in RANGE.findall(text)}
        first, last = (int(datetime.fromisoformat(each).timestamp()) for each in ranges["created"])
        found = range(bisect_left(self.times, first), bisect_right(self.times, last))
        if not self.gone and "size" not in ranges:
            return found
        low, high = ranges.get("size", ("0", "*"))
        most = UNBOUNDED if high == "*" else int(high)
        sized = (each for each in found if int(low) <= self.sizes[each] <= most)
        return [each for each in sized if each not in self.gone]

    def repository(self, number: int) -> Repository:
        created = datetime.fromtimestamp(self.times[number], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Repository(number, f"o/r{number}", created_at=created)


def search(
    forge: Forge, data: Path, query: str = "language:python", keeps: bool = False
) -> tuple[list[int], Search]:
    """The ids that are found, in order, and the search."""
    asked = Search(Storage(str(data)), query, forge.ask, keeps)
    return [each["id"] for part in asked.repositories(END) for each in part], asked


def growing(number: int) -> list[int]:
    """Times of a forge that grows, more on weekdays than on Sundays."""
    rng = random.Random(1)
    times = [BEGIN + int((END - BEGIN) * rng.random() ** 0.5) for _ in range(number)]
    return [each if each // 86400 % 7 else each - rng.randrange(5) * 86400 for each in times]


def test_a_forge_that_grows_costs_as_little(tmp_path: Path) -> None:
    forge = Forge(growing(20_000))
    ids, asked = search(forge, tmp_path)
    assert ids == list(range(20_000)), "each once, in the order in which they were made"
    assert asked.requests == len(forge.log) and not asked.lacking
    assert asked.requests / 30 / 60 <= 0.14, "hours, of 30 requests a minute"


@pytest.mark.parametrize(
    "times",
    [
        [BEGIN + 1000 + number % 86_400 for number in range(50_000)],
        [BEGIN + number * 50_000 for number in range(2_000)] + [BEGIN + 7_000_000] * 1_500,
        [],
        [BEGIN, END],
        [BEGIN + 5] * 1_000,
    ],
    ids=["50,000 in a day", "1,500 in a second", "none", "both ends", "just 1,000"],
)
def test_bursts_are_found_whole(tmp_path: Path, times: list[int]) -> None:
    ids, asked = search(Forge(times), tmp_path)
    assert sorted(ids) == list(range(len(times))) and not asked.lacking
    assert asked.counted == len(times)


def test_what_nothing_tells_apart_is_said_to_lack(tmp_path: Path) -> None:
    """1,500 of one second and one size, in a query that has its own stars and forks."""
    forge = Forge([BEGIN + 5] * 1_500, [7] * 1_500)
    ids, asked = search(forge, tmp_path, "stars:0 forks:0")
    assert len(ids) == 1_000
    [lacking] = asked.lacking
    assert "size:7..7" in lacking


def test_a_killed_search_goes_on(tmp_path: Path) -> None:
    """No slice that was finished is asked for again, and the names are the same."""
    forge = Forge(growing(1_500))
    whole, _ = search(forge, tmp_path / "whole")
    expected, forge.log = len(forge.log), []

    def killed(text: str, number: int) -> SearchPage:
        if len(forge.log) == 15:
            raise KeyboardInterrupt
        return forge.ask(text, number)

    half = Search(Storage(str(tmp_path / "half")), "language:python", killed)
    with pytest.raises(KeyboardInterrupt):
        list(half.repositories(END))
    unfinished = forge.log[-1][0]
    # A year later: it stays the search of the day on which it was begun.
    forge.times += [END + 9 for _ in range(100)]
    asked = Search(Storage(str(tmp_path / "half")), "language:python ", forge.ask)
    found = [each["id"] for part in asked.repositories(END + 31_536_000) for each in part]
    assert found == whole
    again = {each for each in forge.log if forge.log.count(each) > 1}
    assert {text for text, _ in again} <= {unfinished}
    assert len(forge.log) - expected == len(again) < 10
    forge.log = []
    assert search(forge, tmp_path / "half")[0] == whole and not forge.log


def test_incomplete_results_are_asked_for_again(tmp_path: Path) -> None:
    forge = Forge([BEGIN + number for number in range(150)])
    answers = deque([True, False, True, True, True])

    def ask(text: str, number: int) -> SearchPage:
        page = forge.ask(text, number)
        if not answers.popleft():
            return page
        return SearchPage(page.total // 2, True, page.repositories[::2])

    asked = Search(Storage(str(tmp_path)), "x", ask)
    [found] = asked.repositories(END)
    assert asked.requests == 5 and len(asked.lacking) == 1, "page 2 stays incomplete"
    assert len(found) == 125


def test_repositories_that_move_between_pages_are_found(tmp_path: Path) -> None:
    """One of page 1 is deleted before page 2 is asked for: what follows moves up by one."""
    forge = Forge([BEGIN + number for number in range(250)])

    def ask(text: str, number: int) -> SearchPage:
        if len(forge.log) == 1:
            forge.gone = {3}
        return forge.ask(text, number)

    asked = Search(Storage(str(tmp_path)), "x", ask)
    [found] = asked.repositories(END)
    assert {each["id"] for each in found} == set(range(250)), "found before it was deleted"
    assert len(forge.log) == 6


@pytest.mark.parametrize(
    "body",
    [
        *(None, [], "x", {}, {"total_count": 1}, {"total_count": 1, "items": 3}),
        *({"total_count": total, "items": []} for total in ("1", None, -1, 1e3, 10**300)),
    ],
)
def test_what_is_no_page_is_said(body: object) -> None:
    with pytest.raises(FetchError, match="no page of a search"):
        search_page(body)


def test_what_is_no_repository_is_left_out_and_counted_as_lacking() -> None:
    items = [None, {"id": 1}, {"id": 2, "full_name": "a/../b"}, {"id": 3, "full_name": "a/b"}]
    page = search_page({"total_count": 4, "items": [*items, *items * 100]})
    assert page.incomplete and {each.full_name for each in page.repositories} == {"a/b"}
    assert len(page.repositories) <= 100


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("a b", "a b created:2007-10-01T00:00:00Z..2026-01-01T00:00:00Z"),
        ("created:2025-08-01", "created:2025-08-01T00:00:00Z..2025-08-01T23:59:59Z"),
        ("Created:>2025-08-01 x", "x created:2025-08-02T00:00:00Z..2026-01-01T00:00:00Z"),
        ("created:<=2025-08-01", "created:2007-10-01T00:00:00Z..2025-08-01T23:59:59Z"),
        ("created:<2008-01-01", "created:2007-10-01T00:00:00Z..2007-12-31T23:59:59Z"),
        ("pushed:2025-08-01..*", "pushed:2025-08-01T00:00:00Z..2026-01-01T00:00:00Z"),
        (
            "pushed:>2025-01-01 created:*..2025-01-01T02:00:00+02:00",
            "pushed:>2025-01-01 created:2007-10-01T00:00:00Z..2025-01-01T00:00:00Z",
        ),
        (
            '"no created:2020 here" topic:"a b"',
            '"no created:2020 here" topic:"a b" created:2007-10-01T00:00:00Z..2026-01-01T00:00:00Z',
        ),
    ],
)
def test_the_time_of_a_query_is_understood(query: str, text: str) -> None:
    assert sliced(query, END).text == text


@pytest.mark.parametrize(
    "query",
    [
        *("created:soon", "created:2025", "created:2025-02-30", "created:2025-01-01..", "created:"),
        *("created:2025-01-01 created:2025-01-02", "created:2025-01-02..2025-01-01", "pushed:>=x"),
        *("created:1..2..3", "created:2025-W01-1", "created:>9999-12-31", "created:<0001-01-01"),
    ],
)
def test_a_time_that_is_none_is_one_line(query: str) -> None:
    with pytest.raises(UsageError, match="github-search"):
        sliced(query, END)


@given(
    st.sampled_from(["created", *COUNTS]),
    st.integers(0, 10_000),
    st.integers(0, 10**10),
    st.integers(2, 200),
)
def test_parts_of_a_range_are_the_range(name: str, first: int, length: int, number: int) -> None:
    whole = Range(name, first, first + length)
    parts = list(whole.parts(number))
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    assert all(a.last + 1 == b.first for a, b in zip(parts, parts[1:], strict=False))
    assert all(part.first <= part.last for part in parts)
    assert len(parts) <= number and (len(parts) > 1 or not length)
