"""Polite fetching of archives and index pages: paced per host, with retries, into the store."""

import hashlib
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from requests.auth import HTTPBasicAuth

from transforms.lib import VERSION
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.addresses import check_lead
from transforms.lib.network.local_files import is_file_url
from transforms.lib.network.page_cache import Page, PageCache
from transforms.lib.network.pip_settings import pip_settings
from transforms.lib.network.retry import RETRIED_STATUSES, Retry, retry_after
from transforms.lib.network.transfer import (
    FetchError,
    HttpRequest,
    HttpResponse,
    Session,
    transfer,
)

__all__ = ["TEMPORARY_FAILURES", "FetchError", "FetchedArchive", "Fetcher", "Politeness"]

USER_AGENT = f"quire/{VERSION} (builds code corpora; paced per host)"
MAX_ARCHIVE_BYTES = 128 << 20  # package indexes rarely take more than 100 MB
MAX_PAGE_BYTES = 64 << 20
MAX_REDIRECTS = 10
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
# Statuses of a FetchError that may be another in a later run: --resume tries these sources again.
TEMPORARY_FAILURES = (
    *("deferred", "timeout", "unreachable", "server_error", "truncated"),
    *("not_found", "unreadable"),  # on this machine: by then it may be mounted, or opened
)
CONDITIONS = {"If-None-Match", "If-Modified-Since"}
Result = TypeVar("Result")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Politeness:
    """How servers are treated, and how much time and space one of them may take."""

    rate: float = 10.0  # requests a second to one host, by all workers together
    tries: int = 4
    backoff: float = 1.0  # seconds before the second try, doubled before each further one
    max_wait: float = 20.0  # seconds; --resume tries again where a server wants a longer wait
    breaker: int = 5  # failures in a row, after which a host gets no more requests
    deadline: float = 300.0  # seconds for one try, redirects included
    max_bytes: int = MAX_ARCHIVE_BYTES


@dataclass(frozen=True)
class FetchedArchive:
    """An archive in the store; `http_status` is 200 if this URL ever gave it, else None."""

    url: str
    sha256: str
    http_status: int | None = None
    etag: str | None = None


@dataclass
class Fetcher:
    """Fetches for one worker; `slots` workers share the request rate of each host.

    `flags` are those of the run that sources ask for, and `clients` what sources keep for this
    worker, such as a client of a forge. Its methods raise FetchError if a source cannot be fetched.
    """

    store: ArchiveStore
    slots: int = 1
    politeness: Politeness = Politeness()
    flags: frozenset[str] = frozenset()
    clients: dict[str, Any] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _auth: dict[str, HTTPBasicAuth] = field(default_factory=dict)
    _session: Session = field(default_factory=Session)

    def without_password(self, url: str) -> str:
        """The URL without a user name and password.

        They are remembered for requests to that server, and are in no file, row or message.
        """
        if is_file_url(url):
            return url
        parts = _split(url)
        if parts.username is None:
            return url
        name, password = (unquote(each or "").encode() for each in (parts.username, parts.password))
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        self._auth[_server(bare)] = HTTPBasicAuth(name, password)
        return bare.geturl()

    def page(self, url: str, accept: str) -> Page:
        """The index page at `url`; from the cache if the server says that it has not changed."""
        url, cache = self.without_password(url), PageCache(self.store.data)
        cached = cache.get(url)
        conditions = cached.conditions if cached else {}
        response = self._get(url, {"Accept": accept} | conditions, MAX_PAGE_BYTES)
        if response.status == 304 and cached:
            return cached
        headers = response.headers
        page = Page(
            response.url,
            headers.get("Content-Type", ""),
            decoded_body(response, MAX_PAGE_BYTES).decode("utf-8", "replace"),
            headers.get("ETag"),
            headers.get("Last-Modified"),
        )
        cache.put(url, page)
        return page

    def archive(
        self, url: str, sha256: str | None = None, linked_from: str | None = None
    ) -> FetchedArchive:
        """The archive at `url`, in the store; without a request if one of this sha256 is there.

        `linked_from` is the URL that the user named, if its page led to `url`.
        """
        url = self.without_password(url)
        known = self.store.headers(url)
        if sha256 and SHA256_HEX.fullmatch(sha256) and self.store.has(sha256):
            if known and known["sha256"] == sha256:
                return FetchedArchive(url, sha256, 200, known["etag"])
            return FetchedArchive(url, sha256)
        conditional = known and known["etag"] and not sha256
        conditions = {"If-None-Match": known["etag"]} if known and conditional else {}
        headers = {"Accept": "*/*"} | conditions
        response = self._get(url, headers, self.politeness.max_bytes, linked_from)
        if response.status == 304 and known:
            return FetchedArchive(url, known["sha256"], 200, known["etag"])
        return self._keep(url, response, sha256)

    def _keep(self, url: str, response: HttpResponse, sha256: str | None) -> FetchedArchive:
        """Put the body into the store; FetchError if its digest is not `sha256`."""
        body: bytes | bytearray = response.body
        actual = hashlib.sha256(body).hexdigest()
        if sha256 and actual != sha256:
            # The digest is that of the file. Some servers label a .tar.gz as Content-Encoding gzip
            # and send it as it is, others compress what they send, though we did not accept it.
            body = decoded_body(response, self.politeness.max_bytes)
            actual = hashlib.sha256(body).hexdigest()
        if sha256 and actual != sha256:
            raise FetchError("wrong_hash", f"sha256 {actual}, the index says {sha256[:64]!a}", 200)
        self.store.put(bytes(body))
        etag = response.headers.get("ETag")
        self.store.remember(url, {"etag": etag, "sha256": actual})
        return FetchedArchive(url, actual, 200, etag)

    def _get(
        self, url: str, headers: Mapping[str, str], max_bytes: int, linked_from: str | None = None
    ) -> HttpResponse:
        """The response after retries: 200, or 304 to conditions.

        A host gets no more requests after `breaker` failures in a row (a circuit breaker).
        """
        named = linked_from or url
        return self.politely(url, lambda: self.one_try(url, headers, max_bytes, named))

    def politely(self, url: str, ask: Callable[[], Result]) -> Result:
        """What `ask`, which paces its requests itself, returns after retries.

        The server of `url` gets no more after `breaker` failures in a row (a circuit breaker).
        """
        server, polite = _server(_split(url)), self.politeness
        if self._failures[server] >= polite.breaker:
            raise FetchError("deferred", f"left alone: {polite.breaker} failures in a row")
        try:
            result = Retry(polite.tries, polite.backoff, polite.max_wait).call(ask)
        except FetchError as error:
            temporary = error.status in TEMPORARY_FAILURES
            self._failures[server] = self._failures[server] + 1 if temporary else 0
            raise
        self._failures[server] = 0
        return result

    def one_try(
        self, url: str, headers: Mapping[str, str], max_bytes: int, named: str
    ) -> HttpResponse:
        """The response at the end of the redirects; `named` is the URL that the user named."""
        end = time.monotonic() + self.politeness.deadline
        for _ in range(MAX_REDIRECTS + 1):
            request = self.request(url, headers, max_bytes)
            if url != named:
                check_lead(url, named, proxied=request.proxied)
            self.pace(url)
            response = transfer(self._session, request, end - time.monotonic())
            if response.status == 304 and not CONDITIONS.isdisjoint(headers):
                return response
            if response.status not in REDIRECT_STATUSES:
                check_status(response, self.politeness.max_wait)
                return response
            url = self.without_password(_target(response))
        raise FetchError("bad_redirect", f"more than {MAX_REDIRECTS} redirects", response.status)

    def request(self, url: str, headers: Mapping[str, str], max_bytes: int) -> HttpRequest:
        """A request as all are sent: with the password of its server, and pip's settings."""
        parts, settings = _split(url), pip_settings()
        host = parts.hostname or ""
        trusted = not settings.trusted_hosts.isdisjoint({host, f"{host}:{parts.port}"})
        return HttpRequest(
            url,
            {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers},
            max_bytes,
            self._auth.get(_server(parts)),
            not trusted and (settings.ca_bundle or True),
            settings.client_certificate,
            settings.proxy,
        )

    def pace(self, url: str, requests: int = 1) -> None:
        """Sleep until the server of `url` may be sent so many more requests."""
        server, now = _server(_split(url)), time.monotonic()
        due = max(self._due.get(server, now), now)
        self._due[server] = due + requests * self.slots / self.politeness.rate
        time.sleep(due - now)


def _split(url: str) -> SplitResult:
    """The parts of an http URL; FetchError if it is none, without what may be a password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise FetchError("bad_url", f"no http address: {url.rpartition('@')[2][:200]}")
    return parts


def _server(parts: SplitResult) -> str:
    """Scheme, host and port: what requests are paced by, and what a password belongs to."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _target(response: HttpResponse) -> str:
    """The URL that a redirect leads to; FetchError if it is not an http URL."""
    location = response.headers.get("Location", "").encode("latin-1").decode("utf-8", "replace")
    try:
        target = urljoin(response.url, location)
        _split(target)
    except (ValueError, FetchError) as error:
        raise FetchError(
            "bad_redirect", f"to {location.rpartition('@')[2][:200]!r}", response.status
        ) from error
    return target


def check_status(response: HttpResponse, max_wait: float) -> None:
    """Raises FetchError for every status but 200.

    It is not tried again in this run if the server wants a wait of more than `max_wait` seconds.
    """
    status, header = response.status, response.headers.get("Retry-After")
    reason = f"HTTP {status}" + (f", Retry-After: {header[:100]}" if header else "")
    wait = retry_after(header)
    waits = wait is None or wait <= max_wait
    if status in (404, 410):
        raise FetchError("gone", reason, status)
    if status == 429 or (status == 403 and wait is not None):
        raise FetchError("deferred", reason, status, again=waits, wait=wait)
    if 400 <= status < 500 and status not in RETRIED_STATUSES:
        raise FetchError("blocked", reason, status)
    if status in RETRIED_STATUSES and not waits:
        raise FetchError("deferred", reason, status)
    if status != 200:
        again = status in RETRIED_STATUSES
        raise FetchError("server_error", reason, status, again=again, wait=wait)


def decoded_body(response: HttpResponse, max_bytes: int) -> bytes | bytearray:
    """The body without its Content-Encoding, of at most `max_bytes`; FetchError if it is damaged.

    Servers may send gzip although we accept no encoding.
    """
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return response.body
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError("server_error", f"Content-Encoding {encoding} was not asked for", 200)
    inflate = zlib.decompressobj(wbits=31)
    try:
        body = inflate.decompress(response.body, max_bytes + 1)
    except zlib.error as error:
        raise FetchError("server_error", f"Content-Encoding gzip: {error}", 200) from error
    if len(body) > max_bytes:
        raise FetchError("too_big", f"over {max_bytes} bytes", 200)
    return body
