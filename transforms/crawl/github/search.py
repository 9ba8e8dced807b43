"""A search for repositories, read whole: slice by slice, each kept in DATA when it is done."""

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from transforms.crawl.github.slices import MOST_RESULTS, Slice, sliced
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

FOLDER = "searches"
PAGE = 100  # results, the most that the forge gives at once
TRIES = 3  # of a page of which the forge says that it had no time to find all
ROUNDS = 2  # through the pages of a slice in which results moved from page to page
KEPT = ("id", "full_name", "created_at", "pushed_at", "stargazers_count", "size")


@dataclass(frozen=True)
class SearchPage:
    """A page of results: of how many in all, whether the forge looked everywhere, and its own."""

    total: int
    incomplete: bool
    repositories: list[dict[str, Any]]


# Asks the forge for a page, by the text of a query and the page's number from 1 on.
AskPage = Callable[[str, int], SearchPage]


def search_page(body: Any) -> SearchPage:
    """The page that an answer of the forge is; raises ValueError if it is none."""
    try:
        found = [{name: item.get(name) for name in KEPT} for item in body["items"]]
        for each in found:
            if not isinstance(each["id"], int) or not isinstance(each["full_name"], str):
                raise ValueError("a repository without id or name")
        return SearchPage(int(body["total_count"]), bool(body.get("incomplete_results")), found)
    except (TypeError, LookupError, AttributeError, OverflowError) as error:
        raise ValueError(f"no page of a search ({error!r:.100})") from error


@dataclass
class Read:
    """What the pages of a slice say together.

    `moved` says that results moved from page to page: one came twice, or their number changed.
    """

    total: int = 0
    incomplete: bool = False
    moved: bool = False
    repositories: list[dict[str, Any]] = field(default_factory=list)
    _ids: set[int] = field(default_factory=set)

    def add(self, page: SearchPage) -> None:
        """Add the next page. The total of an incomplete one says nothing if another was whole."""
        ids = {found["id"] for found in page.repositories}
        other = bool(self.repositories) and not page.incomplete and page.total != self.total
        self.moved = self.moved or other or not ids.isdisjoint(self._ids)
        self.total = max(self.total, page.total) if page.incomplete else page.total
        self.incomplete = self.incomplete or page.incomplete
        self.repositories += page.repositories
        self._ids |= ids


def folder_of(query: str) -> str:
    """The folder below DATA of what was found for a query, however its words are spaced."""
    return f"{FOLDER}/{hashlib.sha256(' '.join(query.split()).encode()).hexdigest()[:16]}"


@dataclass
class Search:
    """A query, asked of the forge as far as DATA has no answer yet.

    `keeps` says whether answers are kept in DATA. `requests` counts the pages that were asked for,
    `counted` the results that the forge counts in the slices so far, and `lacking` lists the slices
    that may lack some.
    """

    data: Storage
    query: str
    ask: AskPage
    keeps: bool = True
    requests: int = 0
    counted: int = 0
    lacking: list[str] = field(default_factory=list)

    def repositories(self, now: int) -> Iterator[list[dict[str, Any]]]:
        """Yields the repositories of each slice, in the order of time, by date and id.

        Each comes once. `now`, in Unix seconds, ends the search if it is begun here. Raises
        UsageError if the query, or what was kept of it, cannot be understood.
        """
        seen: set[int] = set()
        for found in self._slices(sliced(self.query, self._until(now))):
            self.counted += found["total"]
            if found["lacking"]:
                self.lacking.append(found["query"])
            new = {each["id"]: each for each in found["repositories"] if each["id"] not in seen}
            seen |= new.keys()
            yield sorted(new.values(), key=lambda each: (each["created_at"] or "", each["id"]))

    def _until(self, now: int) -> int:
        """When the search was begun: it is of the repositories of that time."""
        name = f"{folder_of(self.query)}/search.json"
        kept = self.data.read_json(name)
        if not kept and self.keeps:
            self.data.put_json(name, {"query": self.query, "until": now})
        until = kept["until"] if isinstance(kept, dict) and "until" in kept else now
        return int(until)

    def _slices(self, whole: Slice) -> Iterator[dict[str, Any]]:
        """Yields what is found for each slice that is not cut further."""
        waiting = [whole]
        while waiting:
            each = waiting.pop()
            found = self._kept(each) or self._keep(each, self._found(each))
            if found["repositories"] is None:
                waiting += reversed(each.parts(found["total"]))
            else:
                yield found

    def _kept(self, each: Slice) -> dict[str, Any] | None:
        found = self.data.read_json(self._file(each))
        if found is not None and not (isinstance(found, dict) and "repositories" in found):
            raise UsageError(f"{self.data.path(self._file(each))}: damaged; delete it")
        return found

    def _keep(self, each: Slice, found: dict[str, Any]) -> dict[str, Any]:
        if self.keeps:
            self.data.put_json(self._file(each), found)
        return found

    def _file(self, each: Slice) -> str:
        return f"{folder_of(self.query)}/{each.name}.json"

    def _found(self, each: Slice) -> dict[str, Any]:
        """The repositories of a slice; None, and how many there are, if it must be cut.

        Its first page tells which. A slice of which results moved between pages while they were
        read, as one that gets a star does, is read once more, for one may have been passed over.
        """
        repositories: dict[int, dict[str, Any]] = {}
        for _ in range(ROUNDS):
            read = self._read(each)
            if read.total > MOST_RESULTS and each.parts(read.total):
                return {"query": each.text, "total": read.total, "repositories": None}
            repositories |= {found["id"]: found for found in read.repositories}
            if not read.moved:
                break
        return {
            "query": each.text,
            "total": read.total,
            "lacking": read.incomplete or read.total > MOST_RESULTS,
            "repositories": list(repositories.values()),
        }

    def _read(self, each: Slice) -> "Read":
        """All pages of a slice, or the first one if there are more than the forge shows."""
        read = Read()
        for number in range(1, MOST_RESULTS // PAGE + 1):
            read.add(self._page(each.text, number))
            if read.total > MOST_RESULTS and each.parts(read.total):
                break
            if number >= math.ceil(read.total / PAGE):
                break
        return read

    def _page(self, text: str, number: int) -> SearchPage:
        """A page, asked for again if the forge says that it is incomplete."""
        for _ in range(TRIES):
            self.requests += 1
            page = self.ask(text, number)
            if not page.incomplete:
                break
        return page
