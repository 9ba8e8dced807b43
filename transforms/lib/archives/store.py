"""Fetched archives under DATA, named by their digest, and the headers that came with each URL."""

import contextlib
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.redaction import redacted
from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class ArchiveStore:
    """Archives as `archives/ab/<sha256>`; they stay, so that a crawl can be repeated from them."""

    data: Storage

    def name(self, sha256: str) -> str:
        """The path of an archive below DATA."""
        return f"archives/{sha256[:2]}/{sha256}"

    def has(self, sha256: str) -> bool:
        """Whether the archive is in the store."""
        return self.data.exists(self.name(sha256))

    def open(self, sha256: str) -> BinaryIO:
        """The archive as a seekable binary file; FileNotFoundError if it is not in the store."""
        stream: BinaryIO = self.data.open(self.name(sha256))
        return stream

    def put(self, content: bytes) -> str:
        """Put an archive into the store; returns its sha256."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            self.data.put(self.name(sha256), content)
        return sha256

    def headers(self, url: str) -> dict[str, str] | None:
        """The etag and sha256 that `remember` kept for a URL; None if its archive is not here."""
        with contextlib.suppress(UsageError, TypeError, KeyError):  # a damaged state is none
            state: dict[str, str] | None = self.data.read_json(self._state(url))
            return state if state and self.has(state["sha256"]) and "etag" in state else None
        return None

    def remember(self, url: str, headers: dict[str, str | None]) -> None:
        """Keep the etag and sha256 of a URL's archive, for a conditional request later."""
        self.data.put_json(self._state(url), {"url": redacted(url), **headers})

    def _state(self, url: str) -> str:
        return f"archives/http/{hashlib.sha256(url.encode()).hexdigest()}.json"
