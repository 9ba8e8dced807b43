"""Pages of a package index, kept for conditional requests."""

import contextlib
import hashlib
from dataclasses import dataclass

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class Page:
    """A page of a package index; `url` is where it was after all redirects."""

    url: str
    content_type: str
    body: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """The headers of a request for the page only if it has changed; empty if there are none."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


def page_file(key: str) -> str:
    """The name, below DATA, of the file that keeps what a server said of `key`."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"pages/{digest[:2]}/{digest}.json"


@dataclass(frozen=True)
class PageCache:
    """Pages as `pages/ab/<sha256 of the URL>.json` under DATA, if they have an ETag or a date."""

    data: Storage

    def get(self, url: str) -> Page | None:
        """The page that was requested at `url`, or None if it is not kept."""
        with contextlib.suppress(UsageError, TypeError):  # a cache that is damaged is none
            return Page(**fields) if (fields := self.data.read_json(page_file(url))) else None
        return None

    def put(self, url: str, page: Page) -> None:
        """Keep the page that was requested at `url`, if it allows conditional requests."""
        if page.conditions:
            self.data.put_json(page_file(url), vars(page))
