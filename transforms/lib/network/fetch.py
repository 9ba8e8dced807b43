"""Polite fetching: paced per host, tried again with patience, kept under its digest."""

import email.utils
import hashlib
import random
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from requests.auth import HTTPBasicAuth

from transforms.lib import VERSION
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.page_cache import Page, PageCache
from transforms.lib.network.pip_settings import ca_bundle
from transforms.lib.network.transfer import Answer, FetchError, Request, Session, transfer

__all__ = ["MAX_BYTES", "PASSING", "FetchError", "Fetcher", "Politeness", "Response", "retry_after"]

USER_AGENT = f"quire/{VERSION} (builds code corpora; one request at a time per host)"
MAX_BYTES = 128 << 20  # of an archive; package indexes rarely take more than 100 MB
PAGE_BYTES = 64 << 20
REDIRECTS = 10
REDIRECTED = (301, 302, 303, 307, 308)
# What a later run may change: `--resume` tries these again.
PASSING = ("deferred", "timeout", "unreachable", "server_error", "truncated")
AGAIN = (408, 425, 500, 502, 503, 504)
CONDITIONS = {"If-None-Match", "If-Modified-Since"}
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Politeness:
    """How servers are treated, and how much of our time and space one may take."""

    rate: float = 10.0  # requests a second to one host, over all workers
    tries: int = 4
    backoff: float = 1.0  # seconds before the second try, doubled each time, with jitter
    max_wait: float = 20.0  # a longer wait is left to `--resume`: a sleeping worker is a held one
    breaker: int = 5  # failures in a row after which a host is left alone
    deadline: float = 300.0  # seconds for one whole transfer
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Response:
    """An archive in the store under its digest; no HTTP status if this server never sent it."""

    url: str
    sha256: str
    http_status: int | None = None
    etag: str | None = None


@dataclass
class Fetcher:
    """One worker's way to the network; `slots` workers share each host's budget."""

    store: ArchiveStore
    slots: int = 1
    politeness: Politeness = Politeness()
    _due: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _auth: dict[str, HTTPBasicAuth] = field(default_factory=dict)
    _session: Session = field(default_factory=Session)

    def login(self, url: str) -> str:
        """The address alone; a password in it is sent to its server, and never kept or said."""
        parts = _split(url)
        if parts.username is None:
            return url
        name, password = (unquote(each or "").encode() for each in (parts.username, parts.password))
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        self._auth[_server(bare)] = HTTPBasicAuth(name, password)
        return bare.geturl()

    def page(self, url: str, accept: str) -> Page:
        """An index page; one that did not change since it was last had is not sent again."""
        url, cache = self.login(url), PageCache(self.store.data)
        known = cache.get(url)
        conditions = known.conditions if known else {}
        answer = self._get(url, {"Accept": accept} | conditions, PAGE_BYTES)
        if answer.status == 304 and known:
            return known
        sent = answer.headers
        page = Page(
            answer.url,
            sent.get("Content-Type", ""),
            decoded(answer, PAGE_BYTES).decode("utf-8", "replace"),
            sent.get("ETag"),
            sent.get("Last-Modified"),
        )
        cache.put(url, page)
        return page

    def archive(self, url: str, sha256: str | None = None) -> Response:
        """The archive at `url`, in the store; no request if `sha256` is there already."""
        url = self.login(url)
        known = self.store.headers(url)
        if sha256 and DIGEST.fullmatch(sha256) and self.store.has(sha256):
            if known and known["sha256"] == sha256:
                return Response(url, sha256, 200, known["etag"])
            return Response(url, sha256)
        conditional = known and known["etag"] and not sha256
        conditions = {"If-None-Match": known["etag"]} if known and conditional else {}
        answer = self._get(url, {"Accept": "*/*"} | conditions, self.politeness.max_bytes)
        if answer.status == 304 and known:
            return Response(url, known["sha256"], 200, known["etag"])
        return self._keep(url, answer, sha256)

    def _keep(self, url: str, answer: Answer, sha256: str | None) -> Response:
        body: bytes | bytearray = answer.body
        found = hashlib.sha256(body).hexdigest()
        if sha256 and found != sha256:
            # The digest is that of the file. Servers label a .tar.gz as gzip and send it as it
            # is, or do squeeze what they send, though neither was asked for.
            body = decoded(answer, self.politeness.max_bytes)
            found = hashlib.sha256(body).hexdigest()
        if sha256 and found != sha256:
            raise FetchError("wrong_hash", f"sha256 {found}, the index says {sha256[:64]!a}", 200)
        self.store.put(bytes(body))
        etag = answer.headers.get("ETag")
        self.store.remember(url, {"etag": etag, "sha256": found})
        return Response(url, found, 200, etag)

    def _get(self, url: str, headers: Mapping[str, str], max_bytes: int) -> Answer:
        """The answer: 200, or 304 to conditions. A server that fails on and on is left alone."""
        server, most = _server(_split(url)), self.politeness.breaker
        if self._failures[server] >= most:
            raise FetchError("deferred", f"left alone: {most} failures in a row")
        try:
            answer = self._persist(url, headers, max_bytes)
        except FetchError as error:
            self._failures[server] = self._failures[server] + 1 if error.status in PASSING else 0
            raise
        self._failures[server] = 0
        return answer

    def _persist(self, url: str, headers: Mapping[str, str], max_bytes: int) -> Answer:
        attempt = 1
        while True:
            try:
                return self._follow(url, headers, max_bytes)
            except FetchError as error:
                if not error.again or attempt == self.politeness.tries:
                    raise
                time.sleep(self._patience(error, attempt))
            attempt += 1

    def _patience(self, error: FetchError, attempt: int) -> float:
        """Seconds until the next try; FetchError if they are more than we wait."""
        polite = self.politeness
        if error.wait is None:
            backoff = polite.backoff * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.5)
            return min(backoff, polite.max_wait)
        if error.wait > polite.max_wait:
            raise FetchError("deferred", error.reason, error.http_status) from error
        return error.wait

    def _follow(self, url: str, headers: Mapping[str, str], max_bytes: int) -> Answer:
        end = time.monotonic() + self.politeness.deadline
        for _ in range(REDIRECTS + 1):
            answer = self._ask(url, headers, max_bytes, end)
            if answer.status == 304 and not CONDITIONS.isdisjoint(headers):
                return answer
            if answer.status not in REDIRECTED:
                check_status(answer)
                return answer
            url = self.login(_target(answer))
        raise FetchError("bad_redirect", f"more than {REDIRECTS} redirects", answer.status)

    def _ask(self, url: str, headers: Mapping[str, str], max_bytes: int, end: float) -> Answer:
        server = _server(_split(url))
        self._pace(server)
        own = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        request = Request(url, {**own, **headers}, max_bytes, self._auth.get(server), ca_bundle())
        return transfer(self._session, request, end - time.monotonic())

    def _pace(self, server: str) -> None:
        now = time.monotonic()
        due = max(self._due.get(server, now), now)
        self._due[server] = due + self.slots / self.politeness.rate
        time.sleep(due - now)


def _split(url: str) -> SplitResult:
    """The parts of an http address; FetchError (without what may be a password) if it is none."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise FetchError("bad_url", f"no http address: {url.rpartition('@')[2][:200]}")
    return parts


def _server(parts: SplitResult) -> str:
    """Scheme, host and port: what is paced, and what may see a password."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _target(answer: Answer) -> str:
    """Where a redirect leads."""
    location = answer.headers.get("Location", "").encode("latin-1").decode("utf-8", "replace")
    try:
        target = urljoin(answer.url, location)
        _split(target)
    except (ValueError, FetchError) as error:
        raise FetchError(
            "bad_redirect", f"to {location.rpartition('@')[2][:200]!r}", answer.status
        ) from error
    return target


def check_status(answer: Answer) -> None:
    """FetchError for every status but 200."""
    status, asked = answer.status, answer.headers.get("Retry-After")
    reason = f"HTTP {status}" + (f", Retry-After: {asked[:100]}" if asked else "")
    wait = retry_after(asked)
    if status in (404, 410):
        raise FetchError("gone", reason, status)
    if status == 429 or (status == 403 and wait is not None):
        raise FetchError("deferred", reason, status, again=True, wait=wait)
    if 400 <= status < 500 and status not in AGAIN:
        raise FetchError("blocked", reason, status)
    if status != 200:
        raise FetchError("server_error", reason, status, again=status in AGAIN, wait=wait)


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date; None if it is neither."""
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date without a zone is in UTC: HTTP knows no other (RFC 9110, section 5.6.7).
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def decoded(answer: Answer, max_bytes: int) -> bytes | bytearray:
    """The body without its Content-Encoding, which nobody asked for; at most `max_bytes`."""
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return answer.body
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError("server_error", f"Content-Encoding {encoding} was not asked for", 200)
    inflate = zlib.decompressobj(wbits=31)
    try:
        body = inflate.decompress(answer.body, max_bytes + 1)
    except zlib.error as error:
        raise FetchError("server_error", f"Content-Encoding gzip: {error}", 200) from error
    if len(body) > max_bytes:
        raise FetchError("too_big", f"over {max_bytes} bytes", 200)
    return body
