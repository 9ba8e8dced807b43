"""A search for repositories, read whole: slice by slice, each kept in DATA when it is done."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from transforms.crawl.github.repository import Repository, remember
from transforms.crawl.github.search_slices import MOST_RESULTS, Slice, sliced
from transforms.lib.errors import UsageError
from transforms.lib.network.transfer import FetchError
from transforms.lib.skeleton.storage import AT_A_TIME, Storage

FOLDER = "searches"
BEGUN = "search.json"
PAGE = 100  # results, the most that the forge gives at once
MOST_COUNTED = 1 << 40  # results; a larger number is none
TRIES = 3  # of a page of which the forge says that it had no time to find all
ROUNDS = 2  # through the pages of a slice in which results moved from page to page
# What a list of names tells of each; the rest is remembered by name, for the crawl.
KEPT = ("id", "full_name", "created_at", "pushed_at", "stars", "size")


@dataclass(frozen=True)
class SearchPage:
    """A page of results: how many there are in all, and those on the page.

    `incomplete` says that the forge did not look everywhere, or showed what is no repository.
    """

    total: int
    incomplete: bool
    repositories: list[Repository]


# Asks the forge for a page, by the text of a query and the page's number from 1 on.
AskPage = Callable[[str, int], SearchPage]


def search_page(body: Any) -> SearchPage:
    """The page that an answer of the forge is; FetchError if it is none."""
    try:
        total, items = body["total_count"], list(body["items"])
        incomplete = bool(body.get("incomplete_results"))
    except (TypeError, LookupError, AttributeError) as error:
        raise FetchError("server_error", f"no page of a search ({error!r:.100})") from error
    if not isinstance(total, int) or not 0 <= total <= MOST_COUNTED:
        raise FetchError("server_error", "no page of a search (it does not count its results)")
    found = [each for each in map(_repository, items[:PAGE]) if each]
    return SearchPage(total, incomplete or len(found) < len(items), found)


def _repository(item: Any) -> Repository | None:
    try:
        return Repository.from_json(item)
    except FetchError:
        return None


@dataclass
class Read:
    """What the pages of a slice say together.

    `moved` says that results moved from page to page: one came twice, or their number changed.
    """

    total: int = 0
    incomplete: bool = False
    moved: bool = False
    repositories: dict[int, Repository] = field(default_factory=dict)

    def add(self, page: SearchPage) -> None:
        """Add the next page. The total of an incomplete one says nothing if another was whole."""
        found = {each.id: each for each in page.repositories}
        other = bool(self.repositories) and not page.incomplete and page.total != self.total
        self.moved = self.moved or other or not found.keys().isdisjoint(self.repositories)
        self.total = max(self.total, page.total) if page.incomplete else page.total
        self.incomplete = self.incomplete or page.incomplete
        self.repositories |= found


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

    @property
    def folder(self) -> str:
        """The folder below DATA of what is found, the same however the query is spaced."""
        return f"{FOLDER}/{hashlib.sha256(' '.join(self.query.split()).encode()).hexdigest()[:16]}"

    def ended(self) -> int | None:
        """Of which time, in Unix seconds, the search is, if it was read to its end; else None."""
        kept = self._begun()
        return int(kept["until"]) if kept and kept.get("ended") else None

    def last_kept(self) -> float | None:
        """When something was last kept of a search that has not ended, in Unix seconds; or None."""
        if self._begun() is None or self.ended() is not None:
            return None
        names = self.data.list(self.folder)
        return max(self.data.modified(f"{self.folder}/{name}") or 0 for name in names) / 1e9

    def forget(self) -> None:
        """Remove what was found."""
        self.data.delete_folder(self.folder)

    def repositories(self, now: int) -> Iterator[list[dict[str, Any]]]:
        """Yields the repositories of each slice, in the order of time, by date and id.

        Each comes once. `now`, in Unix seconds, ends the search if it is begun here. Raises
        UsageError if the query, or what was kept of it, cannot be understood.
        """
        seen: set[int] = set()
        until = int((self._begun() or {"until": now})["until"])
        whole = sliced(self.query, until)
        self._write(ended=False, until=until)
        for found in self._slices(whole):
            self.counted += found["total"]
            if found["lacking"]:
                self.lacking.append(found["query"])
            new = {each["id"]: each for each in found["repositories"] if each["id"] not in seen}
            seen |= new.keys()
            yield sorted(new.values(), key=lambda each: (each["created_at"] or "", each["id"]))
        self._write(ended=True, until=until)

    def _begun(self) -> dict[str, Any] | None:
        kept = self.data.read_json(f"{self.folder}/{BEGUN}")
        if kept is not None and not (isinstance(kept, dict) and "until" in kept):
            raise UsageError(f"{self.data.path(self.folder)}/{BEGUN}: damaged; delete the folder")
        return kept

    def _write(self, *, ended: bool, until: int) -> None:
        """Keep when the search was begun: it goes on as one of the repositories of that time."""
        if self.keeps and self.ended() is None:
            begun = {"query": self.query, "until": until, "ended": ended}
            self.data.put_json(f"{self.folder}/{BEGUN}", begun)

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
        return f"{self.folder}/{each.name}.json"

    def _found(self, each: Slice) -> dict[str, Any]:
        """The repositories of a slice; None, and how many there are, if it must be cut.

        Its first page tells which. A slice of which results moved between pages while they were
        read, as one that gets a star does, is read once more, for one may have been passed over.
        """
        repositories: dict[int, Repository] = {}
        for _ in range(ROUNDS):
            read = self._read(each)
            if read.total > MOST_RESULTS and each.parts(read.total):
                return {"query": each.text, "total": read.total, "repositories": None}
            repositories |= read.repositories
            if not read.moved:
                break
        if self.keeps:
            self._remember(repositories.values())
        return {
            "query": each.text,
            "total": read.total,
            "lacking": read.incomplete or read.total > MOST_RESULTS,
            "repositories": [
                {name: getattr(found, name) for name in KEPT} for found in repositories.values()
            ],
        }

    def _remember(self, repositories: Iterable[Repository]) -> None:
        at_a_time = 1 if self.data.local else AT_A_TIME  # a bucket is waited for
        with ThreadPoolExecutor(at_a_time) as pool:
            list(pool.map(partial(remember, self.data), repositories))

    def _read(self, each: Slice) -> Read:
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
