"""Index pages that the server let us ask for conditionally, apart from the archives."""

import hashlib
from dataclasses import dataclass

from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class Page:
    """An index page: where it was in the end, what it is, and what it says."""

    url: str
    content_type: str
    body: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the page only if it is another now."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class PageCache:
    """`pages/ab/<sha256 of the URL>.json`: only pages with an ETag or a date are kept."""

    data: Storage

    def get(self, url: str) -> Page | None:
        """The page that was had at `url`."""
        kept = self.data.read_json(self._name(url))
        return Page(**kept) if kept else None

    def put(self, url: str, page: Page) -> None:
        """Keep a page that can be asked for conditionally."""
        if page.conditions:
            self.data.put_json(self._name(url), vars(page))

    def _name(self, url: str) -> str:
        digest = hashlib.sha256(url.encode()).hexdigest()
        return f"pages/{digest[:2]}/{digest}.json"
