"""Polite, bounded HTTP: paced per host, capped in bytes and time, checked while it streams."""

import email.utils
import hashlib
import os
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from transforms.archive_store import ArchiveStore
from transforms.shards import VERSION

USER_AGENT = f"quire/{VERSION} (builds code corpora; one request at a time per host)"
REQUESTS_PER_SECOND = 10.0  # per host, over all workers
MAX_BYTES = 256 << 20
DEADLINE = 300.0  # seconds for one whole transfer: a read timeout alone bounds nothing
TIMEOUT = (10.0, 30.0)  # to connect, between two reads
TRIES = 4
BACKOFF = 1.0  # seconds before the second try, doubled each time, with jitter
MAX_WAIT = 20.0  # a longer wait is left to `--resume`: a sleeping worker is a held worker
BREAKER = 5  # deferrals in a row after which a host is left alone
CHUNK = 1 << 16
FINAL = {404: "gone", 410: "gone", 403: "blocked", 451: "blocked"}
RETRIED = (429, 500, 502, 503, 504)


class FetchError(Exception):
    """A source that could not be had: `status` from a closed list, and why."""

    def __init__(self, status: str, reason: str, http_status: int | None = None) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
        self.http_status = http_status


class _Again(Exception):
    """A try that failed in a way that may pass; `wait` in seconds if the server named one."""

    def __init__(self, reason: str, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(reason)
        self.status, self.wait = status, wait


@dataclass(frozen=True)
class Response:
    """A body, in the store under its digest."""

    url: str
    sha256: str
    http_status: int | None = None
    etag: str | None = None
    content_type: str = ""


@dataclass
class Fetcher:
    """One worker's way to the network; `slots` workers share each host's budget."""

    store: ArchiveStore
    slots: int = 1
    rate: float = REQUESTS_PER_SECOND
    deadline: float = DEADLINE
    max_wait: float = MAX_WAIT
    backoff: float = BACKOFF
    _next: dict[str, float] = field(default_factory=dict)
    _deferred: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _session: requests.Session = field(default_factory=requests.Session)

    def get(self, url: str, accept: str = "*/*", sha256: str | None = None,
            max_bytes: int = MAX_BYTES) -> Response:  # fmt: skip
        """The body of `url`, in the store; no request if `sha256` is there already."""
        if sha256 and self.store.has(sha256):
            return Response(url, sha256)
        if urlsplit(url).scheme not in ("http", "https"):
            raise FetchError("bad_url", f"not an http address: {url[:200]}")
        host = urlsplit(url).netloc
        for attempt in range(1, TRIES + 1):
            self._pace(host)
            try:
                return self._try(url, accept, sha256, max_bytes)
            except _Again as error:
                self._wait(host, attempt, error)
        raise AssertionError("the last try raises")

    def _pace(self, host: str) -> None:
        if self._deferred[host] >= BREAKER:
            raise FetchError("deferred", f"{host} asked us to wait {BREAKER} times in a row", 429)
        now = time.monotonic()
        due = max(self._next.get(host, now), now)
        self._next[host] = due + self.slots / self.rate
        time.sleep(due - now)

    def _wait(self, host: str, attempt: int, error: _Again) -> None:
        """Sleep before the next try, or say why there is none."""
        wait = error.wait
        if wait is None:
            wait = self.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
        if error.status == 429 and (wait > self.max_wait or attempt == TRIES):
            self._deferred[host] += 1
            raise FetchError("deferred", f"rate limited, asked to wait {wait:.0f} s", 429)
        if wait > self.max_wait:
            raise FetchError("deferred", f"{error}, asked to wait {wait:.0f} s", error.status)
        if attempt == TRIES:
            status = "server_error" if error.status else "unreachable"
            raise FetchError(status, str(error), error.status)
        time.sleep(wait)

    def _try(self, url: str, accept: str, sha256: str | None, max_bytes: int) -> Response:
        known = None if sha256 else self.store.headers(url)
        headers = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "identity"}
        if known and known.get("etag"):
            headers["If-None-Match"] = known["etag"]
        elif known and known.get("last_modified"):
            headers["If-Modified-Since"] = known["last_modified"]
        begin = time.monotonic()
        try:
            with self._session.get(
                url, headers=headers, stream=True, timeout=TIMEOUT, verify=_certificates()
            ) as answer:
                if answer.status_code == 304 and known:
                    return Response(answer.url, known["sha256"], 304, known.get("etag"),
                                    known.get("content_type") or "")  # fmt: skip
                _check_status(answer)
                body = _read(answer, max_bytes, begin + self.deadline)
        except (requests.TooManyRedirects, requests.exceptions.InvalidURL) as error:
            raise FetchError("bad_redirect", str(error)[:200]) from error
        except requests.RequestException as error:
            raise _Again(f"{type(error).__name__}: {str(error)[:200]}") from error
        return self._keep(answer, body, url, sha256)

    def _keep(self, answer: requests.Response, body: bytes, url: str,
              sha256: str | None) -> Response:  # fmt: skip
        found = hashlib.sha256(body).hexdigest()
        if sha256 and found != sha256:
            raise FetchError("wrong_hash", f"sha256 {found}, the index says {sha256}", 200)
        self._deferred[urlsplit(url).netloc] = 0
        self.store.put(body)
        etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        kind = answer.headers.get("Content-Type", "")
        if etag or modified:
            headers = {"etag": etag, "last_modified": modified, "sha256": found}
            self.store.remember(url, {**headers, "content_type": kind})
        return Response(answer.url, found, answer.status_code, etag, kind)


def _certificates() -> str | bool:
    """The CA bundle that pip was told to trust, or that requests knows."""
    return os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE") or True


def _check_status(answer: requests.Response) -> None:
    status = answer.status_code
    if status in FINAL:
        raise FetchError(FINAL[status], f"HTTP {status}", status)
    if status in RETRIED:
        raise _Again(f"HTTP {status}", status, retry_after(answer.headers.get("Retry-After")))
    if status != 200:
        raise FetchError("server_error", f"HTTP {status}", status)


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date; None if there is none."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _read(answer: requests.Response, max_bytes: int, deadline: float) -> bytes:
    """The body, bounded as it comes: what a server declares is no bound."""
    body = bytearray()
    # A dripping server sends a byte a time: small reads let the deadline be seen.
    while chunk := answer.raw.read1(CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise FetchError("too_big", f"over {max_bytes} bytes", 200)
        if time.monotonic() > deadline:
            raise FetchError("timeout", f"not done in time, {len(body)} bytes had come", 200)
    declared = answer.headers.get("Content-Length")
    if declared and declared.isdigit() and int(declared) != len(body):
        raise _Again(f"truncated: {len(body)} of {declared} bytes")
    return bytes(body)
