"""Sources that stand for repositories of GitHub, which are found before the crawl is planned."""

import math
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from transforms.crawl.github.access import tokens
from transforms.crawl.github.built import Built, remember_built
from transforms.crawl.github.clock import Clock
from transforms.crawl.github.rate_limits import as_time
from transforms.crawl.github.releases import CrawledRelease, Origins, releases_in
from transforms.crawl.github.rest import GitHub, Send
from transforms.crawl.github.search import PAGE, Search, SearchPage, search_page
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.fetch import Fetcher, Politeness
from transforms.lib.network.transfer import FetchError, transfer
from transforms.lib.skeleton.storage import Storage

SEARCH, FROM_PYPI = "github-search:", "github-from:pypi"
SOURCE = re.compile(rf"{SEARCH}.*\S.*|{FROM_PYPI}")
LONGEST_WAIT = 3600.0  # seconds that a limit is waited for; --resume goes on after a longer one
TOLD_WAIT = 60.0  # seconds of a wait that is said
PROGRESS_SECONDS = 30.0
# A search that was killed may have spent its limit of this minute, which nobody remembers: seconds
# in which a limit is whole again, and within which a search keeps what it has found.
FORGOTTEN = 61.0

Say = Callable[[str], None]


def stands_for_others(source: str) -> bool:
    """Whether a source is a search, or another that is found before the crawl is planned."""
    return SOURCE.fullmatch(source) is not None


@dataclass(frozen=True)
class FoundSource:
    """A source that was found, and what is said of it in a list of names."""

    source: str
    comment: str = ""


@dataclass(frozen=True)
class ToldClock:
    """A clock that says how long it sleeps."""

    clock: Clock
    say: Say

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        if seconds > TOLD_WAIT:
            until = as_time(self.clock.now() + seconds)
            self.say(f"waits for the forge's limit until {until}")
        self.clock.sleep(seconds)


@dataclass(frozen=True)
class Finder:
    """Finds the repositories that sources stand for.

    `keeps` says whether DATA is written to, `anew` whether a search that has ended is asked again,
    and `most` how many repositories are wanted.
    """

    data: Storage
    clock: Clock
    say: Say
    keeps: bool = True
    anew: bool = False
    most: int | None = None
    send: Send = transfer
    politeness: Politeness = Politeness()

    def find(self, source: str) -> list[FoundSource]:
        """The sources that a source, of which `stands_for_others` is true, stands for.

        Raises UsageError if a query or a token is not understood, and PipelineError if the forge
        fails or wants a wait of more than an hour.
        """
        if source == FROM_PYPI:
            return self._built(source)
        try:
            return self._searched(source, source.removeprefix(SEARCH).strip())
        except FetchError as error:
            reason = f"{source}: {error.reason}{error.when}"
            if error.status == "rejected" or error.http_status == 401:
                raise UsageError(reason) from error
            raise PipelineError(f"{reason}; the same command with --resume goes on") from error

    def _built(self, source: str) -> list[FoundSource]:
        """What the releases in DATA were built from, in the order of their names."""
        releases = releases_in(self.data)
        if not releases:
            raise UsageError(f"{source}: no release of pypi: is in {self.data.root}")
        with tempfile.TemporaryDirectory() as folder:
            kept = ArchiveStore(self.data if self.keeps else Storage(folder))
            origins = Origins(ArchiveStore(self.data), Fetcher(kept, politeness=self.politeness))
            found = list(self._looked_up(source, releases[: self.most], origins))
        if self.keeps:
            remember_built(self.data, found)
        counts = origins.counts
        self.say(
            f"{source}: {counts.total():,} releases: {counts['attested']:,} attested, "
            f"{counts['claimed']:,} claimed, {counts['unknown']:,} name no repository on GitHub"
        )
        if origins.unverified:
            self.say(f"{source}: not verified: {_listed(origins.unverified)}")
        return [
            FoundSource(f"github:{each.place}", f"{each.release}, {each.provenance}")
            for each in found
        ]

    def _looked_up(
        self, source: str, releases: list[CrawledRelease], origins: Origins
    ) -> Iterator[Built]:
        """Yields what is found, with lines that say how far it is."""
        told = self.clock.now()
        for number, release in enumerate(releases, 1):
            if built := origins.of(release):
                yield built
            if self.clock.now() >= told + PROGRESS_SECONDS:
                told = self.clock.now()
                self.say(f"{source}: {number:,} of {len(releases):,} releases looked up")

    def _searched(self, source: str, query: str) -> list[FoundSource]:
        clock = ToldClock(self.clock, lambda line: self.say(f"{source}: {line}"))
        github = GitHub(
            *(self.data, 1, clock, self.politeness, self.send, LONGEST_WAIT), keeps=self.keeps
        )

        def ask(text: str, number: int) -> SearchPage:
            query = {"q": text, "sort": "stars", "order": "desc"}
            pages = {"per_page": str(PAGE), "page": str(number)}
            return search_page(github.get("/search/repositories", query | pages).body)

        search = Search(self.data, query, ask, self.keeps)
        if last := search.last_kept():
            clock.sleep(min(max(0.0, last + 2 * FORGOTTEN - clock.now()), FORGOTTEN))
        if ended := search.ended():
            if not self.anew:
                self.say(f"{source}: as it was at {as_time(ended)}; --overwrite asks again")
            elif self.keeps:
                search.forget()
        elif not tokens():
            self.say(f"{source}: without GITHUB_TOKEN, 10 requests a minute")
        return [_found(each) for each in self._read(source, search, clock)]

    def _read(self, source: str, search: Search, clock: Clock) -> list[dict[str, Any]]:
        """What a search finds, by date and id, with lines that say how far it is."""
        found: list[dict[str, Any]] = []
        told = clock.now()
        for part in search.repositories(math.floor(told)):
            found += part
            if self.most and len(found) >= self.most:
                break
            if clock.now() >= told + PROGRESS_SECONDS:
                told = clock.now()
                at = f", of {part[-1]['created_at']}" if part else ""
                self.say(f"{source}: {len(found):,} repositories so far{at}")
        if search.lacking:
            self.say(
                f"{source}: incomplete: the forge did not show all of {_listed(search.lacking)}"
            )
        self.say(
            f"{source}: {len(found):,} repositories of {search.counted:,} that the forge counts, "
            f"{search.requests:,} requests"
        )
        return sorted(found, key=lambda each: (each["created_at"] or "", each["id"]))[: self.most]


def _listed(names: list[str], shown: int = 3) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _found(each: dict[str, Any]) -> FoundSource:
    pushed = (each["pushed_at"] or "")[:10] or "never"
    size = f"{each['size'] or 0:,} kB"
    return FoundSource(
        f"github:{each['full_name']}", f"{each['stars'] or 0:,} stars, {size}, pushed {pushed}"
    )


def names_list(found: list[FoundSource]) -> str:
    """A list of names that `github:@FILE` reads: one a line, each once, with a comment."""
    names = {each.source.removeprefix("github:"): each.comment for each in found}
    return "".join(f"{name}  # {comment}\n" for name, comment in names.items())
