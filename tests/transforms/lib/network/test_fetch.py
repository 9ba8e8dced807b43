"""Fetching from a real server on this machine: retries, pace, bounds, and what is kept."""

import gzip
import hashlib
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support import loopback_index as lo
from tests.support.faulty_server import Fault
from tests.support.loopback_index import LoopbackIndex, reply
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.network.retry import Retry
from transforms.lib.network.transfer import transfer
from transforms.lib.skeleton.storage import Storage

# The deadline is long, so that a busy machine is no slow server; one test has a short one.
QUICK = Politeness(rate=1000, backoff=0.01, max_wait=2, deadline=60, max_bytes=10_000)
BODY = b"an archive, as far as fetching goes " * 20
SHA256 = hashlib.sha256(BODY).hexdigest()
PATH = "/files/a-1.0.tar.gz"


@pytest.fixture
def index() -> Iterator[LoopbackIndex]:
    with LoopbackIndex() as server:
        server.add_file("a", "a-1.0.tar.gz", BODY)
        yield server


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(ArchiveStore(Storage(str(tmp_path))), politeness=QUICK)


class Clock:
    """Time to the fetcher, in place of the module: it passes by sleeping alone."""

    def __init__(self) -> None:
        self.now, self.waits = 1000.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("transforms.lib.network.fetch.time", clock)
    monkeypatch.setattr("transforms.lib.network.fetch.Retry", partial(Retry, sleep=clock.sleep))
    return clock


def date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("faults", "at_least"),
    [
        ([reply(429, {"Retry-After": "1"})], 1.0),
        # A date is of whole seconds, and some time passes until it is read.
        ([lambda handler: reply(429, {"Retry-After": date(1000)})(handler)], 900),
        ([reply(429), reply(429, {"Retry-After": "x"}), reply(429, {"Retry-After": "-1"})], 0),
        ([reply(403, {"Retry-After": "0"})], 0),
        ([reply(503), reply(500), reply(502)], 0),
        ([reply(503, {"Retry-After": "0"})], 0),
        ([reply(408)], 0),
        ([lo.hang_up, lo.hang_up], 0),
        ([lo.short(BODY), lo.cut_chunks(BODY)], 0),
        ([lo.redirect("../files/x/../moved")], 0),
        ([lo.redirect(PATH, status) for status in (301, 302, 303, 307, 308)], 0),
    ],
)
def test_temporary_faults_pass(
    index: LoopbackIndex, fetcher: Fetcher, clock: Clock, faults: list, at_least: float
) -> None:
    fetcher.politeness = replace(QUICK, max_wait=1000, deadline=2000)
    index.fault(PATH, *faults)
    index.add_file("a", "moved", BODY)
    archive = fetcher.archive(index.base + PATH, SHA256)
    assert max(clock.waits) >= at_least
    assert (archive.sha256, archive.http_status) == (SHA256, 200)
    assert fetcher.store.open(SHA256).read() == BODY


IN_AN_HOUR = {"Retry-After": "3600"}
# A fault for ever, the status and reason of the FetchError, and how many requests were made.
LASTING_FAULTS = [
    (reply(404), "gone", "HTTP 404", 1),
    (reply(410), "gone", "HTTP 410", 1),
    (reply(401), "blocked", "HTTP 401", 1),
    (reply(403), "blocked", "HTTP 403", 1),
    (reply(418), "blocked", "HTTP 418", 1),
    (reply(451), "blocked", "HTTP 451", 1),
    (reply(206, {}, BODY), "server_error", "HTTP 206", 1),
    (reply(503), "server_error", "HTTP 503", 4),
    (reply(429), "deferred", "HTTP 429", 4),
    (reply(429, IN_AN_HOUR), "deferred", "HTTP 429, Retry-After: 3600", 1),
    (reply(403, IN_AN_HOUR), "deferred", "HTTP 403, Retry-After: 3600", 1),
    (reply(503, IN_AN_HOUR), "deferred", "HTTP 503, Retry-After: 3600", 1),
    (reply(429, {"Retry-After": "9" * 400}), "deferred", "Retry-After: 999", 1),
    (lo.hang_up, "unreachable", "RemoteDisconnected", 4),
    (lo.short(BODY), "truncated", "IncompleteRead", 4),
    (lo.cut_chunks(BODY), "truncated", "IncompleteRead", 4),
    (reply(200, {}, b"another"), "wrong_hash", f"the index says '{SHA256}'", 1),
    (reply(200, {}, b"x" * 10_001), "too_big", "over 10000 bytes", 1),
    (reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 10_001)), "too_big", "over", 1),
    (reply(200, {"Content-Encoding": "gzip"}, b"none"), "server_error", "gzip: Error", 1),
    (reply(200, {"Content-Encoding": "br"}, b"none"), "server_error", "br was not asked", 1),
    (lo.redirect(PATH), "bad_redirect", "more than 10", 11),
    (lo.redirect("file:///etc/passwd"), "bad_redirect", "file:///etc/passwd", 1),
    (lo.redirect("//[::1"), "bad_redirect", "//[::1", 1),
    (lo.redirect("http://h:x/"), "bad_redirect", "http://h:x/", 1),
    (lo.redirect(""), "bad_redirect", "more than 10", 11),
]


@pytest.mark.parametrize(("fault", "status", "reason", "requests"), LASTING_FAULTS)
def test_lasting_faults_are_errors(
    index: LoopbackIndex,
    fetcher: Fetcher,
    clock: Clock,
    fault: Fault,
    status: str,
    reason: str,
    requests: int,
) -> None:
    index.fault(PATH, fault, forever=True)
    with pytest.raises(FetchError) as error:
        fetcher.archive(index.base + PATH, SHA256)
    # Three waits of 0.01 s, doubled each time, with jitter, and the pace of 1000 a second.
    assert sum(clock.waits) <= 1.5 * 0.07 + 0.011
    assert (error.value.status, len(index.asked(PATH))) == (status, requests)
    assert reason in error.value.reason
    assert " at 0x" not in error.value.reason
    assert not fetcher.store.data.list("archives", recursive=True)


@pytest.mark.parametrize("head", [lo.DRIPPING_BODY, lo.DRIPPING_HEADERS, lo.DRIPPING_CHUNK_SIZE])
def test_a_server_that_sends_slowly_is_left_at_the_deadline(
    index: LoopbackIndex, fetcher: Fetcher, head: bytes
) -> None:
    fetcher.politeness = replace(QUICK, deadline=0.5)
    index.fault(PATH, lo.drip(head), forever=True)
    begin = time.monotonic()
    with pytest.raises(FetchError, match="timeout: no end in time"):
        fetcher.archive(index.base + PATH, SHA256)
    # The server would go on for half a minute.
    assert 0.5 <= time.monotonic() - begin < 15


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/x",
        "file:///etc/passwd",
        "http://",
        "x",
        "http://h:y/",
        "http://h:0/",
        "http://[/",
        "ftp://u:s3cr3t@h/",
        "http://u:s3cr3t/@h/",
        "http://u:s3cr3t@h:y/",
    ],
)
def test_other_urls_than_http_are_refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchError, match="bad_url") as error:
        fetcher.archive(url)
    assert "s3cr3t" not in str(error.value)


def test_a_server_that_does_not_answer_is_unreachable(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/x", "http://no-such-host.invalid/x"):
        with pytest.raises(FetchError, match="unreachable") as error:
            fetcher.archive(url)
        assert " at 0x" not in error.value.reason


def test_the_digest_is_that_of_the_file_with_any_content_encoding(
    index: LoopbackIndex, fetcher: Fetcher
) -> None:
    packed = gzip.compress(BODY, mtime=0)
    label = {"Content-Encoding": "gzip"}
    index.fault("/files/mislabelled", reply(200, label, packed))
    index.fault("/files/squeezed", reply(200, label, packed))
    packed_sha256 = hashlib.sha256(packed).hexdigest()
    assert fetcher.archive(f"{index.base}/files/mislabelled", packed_sha256).sha256 == packed_sha256
    assert fetcher.archive(f"{index.base}/files/squeezed", SHA256).sha256 == SHA256
    assert index.log[0].headers["Accept-Encoding"] == "identity"
    assert index.log[0].headers["User-Agent"].startswith("quire/")


def test_an_archive_in_the_store_is_not_requested(index: LoopbackIndex, fetcher: Fetcher) -> None:
    fetcher.archive(index.base + PATH, SHA256)
    assert fetcher.archive(index.base + PATH, SHA256).http_status == 200
    assert fetcher.archive(f"{index.base}/elsewhere", SHA256).http_status is None
    assert len(index.log) == 1


def test_a_digest_cannot_name_a_path(
    fetcher: Fetcher, index: LoopbackIndex, tmp_path: Path
) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / "secret").write_text("not for archives")
    with pytest.raises(FetchError, match="wrong_hash"):
        fetcher.archive(index.base + PATH, "./../secret")


def test_conditional_requests(index: LoopbackIndex, fetcher: Fetcher, tmp_path: Path) -> None:
    index.etags = True
    url = f"{index.url}/a/"
    first, second = fetcher.page(url, lo.JSON), fetcher.page(url, lo.JSON)
    assert first == second
    assert index.log[1].headers["If-None-Match"] == first.etag
    index.add_file("a", "a-2.0.tar.gz", b"new")
    assert "a-2.0" in fetcher.page(url, lo.JSON).body
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_an_archive_without_a_digest_is_requested_conditionally(
    index: LoopbackIndex, fetcher: Fetcher
) -> None:
    index.etags = True
    first = fetcher.archive(index.base + PATH)
    index.fault(PATH, reply(304))
    assert fetcher.archive(index.base + PATH) == first
    assert index.log[1].headers["If-None-Match"] == '"file"'


def test_a_304_without_a_condition_is_an_error(index: LoopbackIndex, fetcher: Fetcher) -> None:
    for path in ("/simple/a/", PATH):
        index.fault(path, reply(304), forever=True)
    with pytest.raises(FetchError, match="server_error"):
        fetcher.page(f"{index.url}/a/", "*/*")
    with pytest.raises(FetchError, match="server_error"):
        fetcher.archive(index.base + PATH)


def test_pages_without_validators_are_not_kept(
    index: LoopbackIndex, fetcher: Fetcher, tmp_path: Path
) -> None:
    fetcher.page(f"{index.url}/a/", "text/html")
    assert not list(tmp_path.iterdir())


def test_pages_with_gzip_encoding_are_read(index: LoopbackIndex, fetcher: Fetcher) -> None:
    label = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
    index.fault("/simple/a/", reply(200, label, gzip.compress(b"<a>")))
    assert fetcher.page(f"{index.url}/a/", "*/*").body == "<a>"


def test_requests_are_paced(
    index: LoopbackIndex, fetcher: Fetcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten requests a second for two workers are one every 0.2 s; redirects and retries count."""
    fetcher.politeness, fetcher.slots = replace(QUICK, rate=10), 2
    at: list[float] = []

    def timed(*arguments: Any) -> Any:
        at.append(clock.now)
        return transfer(*arguments)

    monkeypatch.setattr("transforms.lib.network.fetch.transfer", timed)
    index.fault(PATH, reply(503), lo.redirect(PATH))
    fetcher.page(f"{index.url}/a/", "*/*")
    fetcher.archive(index.base + PATH, SHA256)
    assert len(at) == len(index.log)
    assert at == pytest.approx([1000.0, 1000.2, 1000.4, 1000.6])


def test_a_host_gets_no_requests_after_failures_in_a_row(
    index: LoopbackIndex, fetcher: Fetcher
) -> None:
    index.fault(PATH, reply(429, IN_AN_HOUR), forever=True)
    for _ in range(8):
        with pytest.raises(FetchError, match="deferred"):
            fetcher.archive(index.base + PATH, SHA256)
    assert len(index.log) == QUICK.breaker


def test_a_final_answer_resets_the_count_of_failures(
    index: LoopbackIndex, fetcher: Fetcher
) -> None:
    index.fault(PATH, *[reply(429, IN_AN_HOUR)] * 8)
    for _ in range(8):
        with pytest.raises(FetchError, match="Retry-After: 3600"):
            fetcher.archive(index.base + PATH, SHA256)
        with pytest.raises(FetchError, match="gone"):
            fetcher.archive(f"{index.base}/nothing", SHA256)


def test_passwords_are_sent_to_their_server_alone(
    index: LoopbackIndex, fetcher: Fetcher, tmp_path: Path
) -> None:
    index.password, index.etags = "Basic dXNlcjpwQHNz", True
    page = fetcher.page(f"{index.url}/a/".replace("//", "//user:p%40ss@"), lo.JSON)
    assert page.url == f"{index.url}/a/"
    assert fetcher.archive(index.base + PATH, SHA256).http_status == 200
    with LoopbackIndex() as other:
        index.fault("/moved", lo.redirect(f"{other.base}/x"))
        with pytest.raises(FetchError, match="gone"):
            fetcher.archive(f"{index.base}/moved")
        assert "Authorization" not in other.log[0].headers
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"p@ss" not in kept
    assert b"p%40ss" not in kept


def test_a_proxy_of_the_environment_is_used(
    index: LoopbackIndex, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", index.base)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert fetcher.archive(f"http://index.invalid{PATH}", SHA256).http_status == 200
