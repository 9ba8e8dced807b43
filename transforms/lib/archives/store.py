"""Archives under DATA by their digest, and what the servers said of each URL."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class ArchiveStore:
    """`archives/ab/<sha256>`: what was fetched stays, so that projects can be rebuilt from it."""

    data: Storage

    def name(self, sha256: str) -> str:
        """Where an archive lies below DATA."""
        return f"archives/{sha256[:2]}/{sha256}"

    def has(self, sha256: str) -> bool:
        """Whether the archive is here."""
        return self.data.exists(self.name(sha256))

    def open(self, sha256: str) -> BinaryIO:
        """The archive as a seekable binary file."""
        stream: BinaryIO = self.data.open(self.name(sha256))
        return stream

    def put(self, content: bytes) -> str:
        """Keep an archive; returns its digest."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            self.data.put(self.name(sha256), content)
        return sha256

    def headers(self, url: str) -> dict[str, str] | None:
        """What the server said of a URL whose body is here: etag, last_modified, sha256."""
        state: dict[str, str] | None = self.data.read_json(self._state(url))
        return state if state and self.has(state["sha256"]) else None

    def remember(self, url: str, headers: dict[str, str | None]) -> None:
        """Keep what the server said of a URL, for a conditional request later."""
        self.data.put_json(self._state(url), {"url": url, **headers})

    def _state(self, url: str) -> str:
        return f"archives/http/{hashlib.sha256(url.encode()).hexdigest()}.json"
