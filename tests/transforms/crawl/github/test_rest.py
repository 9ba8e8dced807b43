"""The client against the stand-in: real HTTP on loopback, a simulated clock."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tests.support import loopback_index as lo
from tests.support.faulty_server import Fault
from tests.support.github_limits import ServerLimits
from tests.support.github_repositories import Made
from tests.support.github_server import (
    GitHubServer,
    GitHubService,
    SimulatedClock,
    refused,
    said,
)
from tests.support.loopback_index import reply
from transforms.crawl.github.access import server_url, tokens
from transforms.crawl.github.repository import Repository
from transforms.crawl.github.rest import GitHub
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import FetchError, Politeness
from transforms.lib.network.transfer import HttpRequest, HttpResponse, Session
from transforms.lib.skeleton.storage import Storage

TOKEN = "ghp_fixture000secret"
PATH = "/repos/a/b"
HURRIED = Politeness(rate=1000, deadline=1.0, breaker=5)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    service = GitHubService(Made(1000), SimulatedClock())
    service.add("a/b")
    with GitHubServer(service) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.base)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield running


def client(server: GitHubServer, data: Path, slots: int = 1) -> GitHub:
    return GitHub(Storage(str(data)), slots, server.service.clock, HURRIED)


def failure(github: GitHub, path: str = PATH) -> FetchError:
    with pytest.raises(FetchError) as caught:
        github.get(path)
    assert TOKEN not in f"{caught.value} {caught.value.reason} {caught.value.when}"
    return caught.value


def body(status: int, message: str) -> Fault:
    return reply(*said(status, message))


OUTCOMES: dict[str, tuple[Fault, str]] = {
    "gone": (body(404, "Not Found"), "gone: HTTP 404: Not Found"),
    "gone for good": (body(410, ""), "gone: HTTP 410"),
    "taken down": (body(451, "Repository access blocked"), "blocked: HTTP 451: Repository access"),
    "blocked": (body(403, "Repository access blocked"), "blocked: HTTP 403: Repository access"),
    "blocked as no limit is": (
        reply(403, {"X-RateLimit-Remaining": "77"}, said(403, "Must have admin rights")[2]),
        "blocked: HTTP 403: Must have admin rights",
    ),
    "empty": (body(409, "Git Repository is empty."), "empty: HTTP 409: Git Repository is empty."),
    "refused query": (body(422, "Validation Failed"), "rejected: HTTP 422: Validation Failed"),
    "a body that echoes": (
        body(404, f"no {TOKEN}\n\0\ud800"),
        "gone: HTTP 404: no *** \\x00\\ud800",
    ),
    "a body that is no object": (reply(404, {}, b"[1]"), "gone: HTTP 404"),
    "a server in trouble": (reply(502), "server_error: HTTP 502"),
    "a server in long trouble": (reply(503, {"Retry-After": "900"}), "deferred: HTTP 503"),
    "cut short": (lo.short(b'{"id": 1}' * 99), "truncated: "),
    "hung up": (lo.hang_up, "unreachable: "),
    "dripping": (lo.drip(lo.DRIPPING_BODY), "timeout: no end in time"),
    "dripping headers": (lo.drip(lo.DRIPPING_HEADERS), "timeout: no end in time"),
    "no JSON": (reply(200, {}, b"<html>"), "server_error: an answer that is not JSON"),
    "deep JSON": (reply(200, {}, b"[" * 200_000), "server_error: an answer that is not JSON"),
    "no number": (reply(200, {}, b"[NaN]"), "server_error: an answer that is not JSON"),
    "a long number": (reply(200, {}, b"9" * 5000), "server_error: an answer that is not JSON"),
    "another server": (lo.redirect("http://127.0.0.1:9/x", 301), "bad_redirect: to another"),
    "a redirect to nothing": (lo.redirect("http://[x", 301), "bad_redirect: to no URL"),
    "a redirect that is none": (lo.redirect("/x", 302), "bad_redirect: to something else"),
    "in circles": (lo.redirect(PATH, 308), "bad_redirect: more than 5"),
    "too much": (reply(200, {}, b" " * ((4 << 20) + 1)), "too_big: over 4194304 bytes"),
    "not asked for": (reply(304), "server_error: HTTP 304"),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_each_answer_has_a_status(case: str, server: GitHubServer, tmp_path: Path) -> None:
    fault, expected = OUTCOMES[case]
    server.fault(PATH, fault, forever=True)
    assert str(failure(client(server, tmp_path))).startswith(expected)
    server.fault(PATH)
    assert client(server, tmp_path).get(PATH).body["full_name"] == "a/b"


def test_what_passes_is_tried_again(server: GitHubServer, tmp_path: Path) -> None:
    server.fault(PATH, reply(500), lo.short(b"{}" * 99), reply(503, {"Retry-After": "9"}))
    assert client(server, tmp_path).get(PATH).status == 200
    assert isinstance(server.service.clock, SimulatedClock)
    assert 9 in server.service.clock.slept


def test_a_renamed_repository_is_followed(server: GitHubServer, tmp_path: Path) -> None:
    server.service.rename("a/b", "c/D")
    answer = client(server, tmp_path).get("/repos/A/B")
    assert Repository.from_json(answer.body).full_name == "c/D"
    assert answer.url.startswith(f"{server.base}/repositories/")


def test_unchanged_costs_nothing(server: GitHubServer, tmp_path: Path) -> None:
    github = client(server, tmp_path)
    first = github.get(PATH)
    assert first.status == 200
    for _ in range(70):
        again = github.get(PATH)
        assert again.status == 304
        assert again.body == first.body
        assert again.headers["X-RateLimit-Used"] == "1"
    assert client(server, tmp_path).get(PATH).status == 304


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("kind", "retry_after", "slept"),
    [("secondary", 30, 30), ("secondary", None, 60), ("primary", 45, 45)],
)
def test_a_wait_up_to_a_minute_is_slept(
    status: int, kind: str, retry_after: int, slept: int, server: GitHubServer, tmp_path: Path
) -> None:
    server.fault(PATH, refused(kind, status, retry_after))
    begin = server.service.clock.now()
    assert client(server, tmp_path).get(PATH).status == 200
    assert server.service.clock.now() - begin == pytest.approx(slept, abs=1)


@pytest.mark.parametrize("status", [403, 429])
def test_a_longer_wait_is_deferred(status: int, server: GitHubServer, tmp_path: Path) -> None:
    github, clock = client(server, tmp_path), server.service.clock
    server.fault(PATH, refused("primary", status, X_RateLimit_Reset=f"{int(clock.now()) + 600}"))
    error = failure(github)
    assert (error.status, error.reason) == ("deferred", "the core limit is spent")
    assert error.when == ", not before 2023-11-14T22:23:21Z"
    assert len(server.service.log) == 1
    for later in (github, client(server, tmp_path)):  # in this run, and in another
        assert failure(later).status == "deferred"
    assert len(server.service.log) == 1
    assert github.get("/search/repositories", {"q": "stars:>=0"}).status == 200
    clock.sleep(601)
    assert github.get(PATH).status == 200


def test_a_secondary_limit_that_stays(server: GitHubServer, tmp_path: Path) -> None:
    server.fault(PATH, refused("secondary"), forever=True)
    error = failure(client(server, tmp_path))
    assert (error.status, error.when) == ("deferred", ", not before 2023-11-14T22:16:20Z")
    assert len(server.service.log) == 2


def test_a_server_that_always_says_soon(server: GitHubServer, tmp_path: Path) -> None:
    server.fault(PATH, refused("secondary", 429, 0), forever=True)
    assert failure(client(server, tmp_path)).status == "deferred"
    assert len(server.service.log) == HURRIED.tries


def test_a_server_that_fails_is_left_alone(server: GitHubServer, tmp_path: Path) -> None:
    server.fault(PATH, reply(500), forever=True)
    github = client(server, tmp_path)
    statuses = [failure(github).status for _ in range(7)]
    assert statuses == ["server_error"] * 5 + ["deferred"] * 2
    assert len(server.service.log) == 5 * HURRIED.tries


def test_tokens_are_a_pool(
    server: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is unknown, one is spent, and then the next is taken."""
    monkeypatch.setenv("GITHUB_TOKEN", "bad, one ,two,")
    server.service.tokens = {"one", "two"}
    server.service.limits.counter("one", "core").limit = 2
    github = client(server, tmp_path)
    for number in range(4):
        assert github.get(f"/repos/owner{number}/made-{number}").status == 200
    assert [each.who for each in server.service.log] == ["bad", "one", "one", "two", "two"]
    assert server.service.above == []
    server.service.tokens, server.service.limits = set(), ServerLimits()
    assert "does not know the token" in failure(client(server, tmp_path / "other")).reason


def test_without_a_token(
    server: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty requests an hour, and then no more."""
    monkeypatch.delenv("GITHUB_TOKEN")
    github = client(server, tmp_path)
    for number in range(60):
        github.get(f"/repos/owner{number}/made-{number}")
    assert failure(github).status == "deferred"
    assert (len(server.service.log), server.service.above) == (60, [])
    assert "workers are too many" in failure(client(server, tmp_path / "other", 61)).reason


@pytest.mark.parametrize(("slots", "token"), [(7, TOKEN), (3, None)])
def test_no_request_is_above_a_limit(
    slots: int, token: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers take turns for more than an hour, each as fast as its share lets it."""
    monkeypatch.setenv("GITHUB_TOKEN", token or "")
    service = GitHubService(Made(20_000), SimulatedClock())
    clock, begin, deferred = service.clock, service.clock.now(), 0
    polite = Politeness(rate=100)
    workers = [
        GitHub(Storage(str(tmp_path)), slots, clock, polite, service.send) for _ in range(slots)
    ]
    for worker in workers:
        monkeypatch.setattr(worker, "_pages", NoPages())
    number = 0
    while clock.now() < begin + 3640:
        for worker in workers:
            number += 1
            try:
                worker.get(f"/repos/owner{number % 977}/made-{number}")
            except FetchError as error:
                assert error.status == "deferred"
                deferred += 1
                clock.sleep(5)
    assert service.above == []
    assert deferred
    assert service.most_in(3600, "core") <= (5000 if token else 60)
    assert service.most_in(60) <= 900
    assert service.most_in(3600, "core") >= (0.9 * (5000 // slots * slots) if token else 60)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([200, 200, 403, 429, 500]),
            st.sampled_from([None, 0, 5, 59, 3000]),  # Retry-After
            st.sampled_from([None, 0, 30]),  # remaining
            st.sampled_from([2, 45, 2000]),  # seconds until the reset
        ),
        max_size=12,
    )
)
@settings(max_examples=60)
def test_a_refusal_is_obeyed_whatever_it_says(answers: list[tuple]) -> None:
    """No request is sent before the time that the documentation's three rules name."""
    clock, allowed, strikes, sent = SimulatedClock(), [0.0], [0], [0]
    script = iter(answers)

    def send(session: Session, request: HttpRequest, seconds: float) -> HttpResponse:
        now = clock.now()
        assert now >= allowed[0]
        sent[0] += 1
        status, retry_after, remaining, ahead = next(script, (200, None, None, 0))
        refusal = status in (403, 429)
        headers = {"X-RateLimit-Reset": str(int(now) + ahead)}
        if refusal and retry_after is not None:
            headers["Retry-After"] = str(retry_after)
            allowed[0] = now + retry_after
        elif remaining == 0:
            allowed[0] = int(now) + ahead
        elif refusal:
            allowed[0] = now + 60 * 2 ** strikes[0]
            strikes[0] += 1
        if status == 200:
            strikes[0] = 0
        if remaining is not None:
            headers["X-RateLimit-Remaining"] = str(remaining)
        body = b"{}" if status == 200 else said(status, "exceeded a secondary rate limit")[2]
        return HttpResponse(request.url, status, CaseInsensitiveDict(headers), bytearray(body))

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_TOKEN", TOKEN)
        github = GitHub(Storage(folder), 1, clock, Politeness(rate=1000, breaker=100), send)
        while sent[0] <= len(answers):
            before = sent[0]
            try:
                github.get("/repos/a/b")
            except FetchError as error:
                assert sent[0] > before or error.status == "deferred"
            clock.sleep(100)


class NoPages:
    """A cache that keeps nothing: the test is not about it."""

    def get(self, url: str) -> None:
        """Nothing."""

    def put(self, url: str, page: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    "kept", ['{"core": 9e99}', '{"core": "x"}', "[]", '{"core": null}', "{", '{"core": 1}', "0"]
)
def test_a_damaged_state_closes_nothing(kept: str, server: GitHubServer, tmp_path: Path) -> None:
    github, clock = client(server, tmp_path), server.service.clock
    server.fault(PATH, refused("primary", 403, X_RateLimit_Reset=f"{int(clock.now()) + 600}"))
    failure(github)
    (file,) = [path for path in tmp_path.rglob("*.json")]
    file.write_text(kept)
    assert client(server, tmp_path).get(PATH).status == 200


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (tokens(), server_url()) == ([], "https://github.com")
    monkeypatch.setenv("GH_TOKEN", "a,b,a")
    assert tokens() == ["a", "b"]
    monkeypatch.setenv("GITHUB_TOKEN", "ab\ncd")
    with pytest.raises(UsageError) as caught:
        tokens()
    assert str(caught.value) == "GITHUB_TOKEN: holds a character that no token has"
    for url in (
        "github.com",
        "https://me:pw@h",
        "ftp://h",
        "http://example.org",
        "https://",
        "http://[",
        "https://h?x",
    ):
        monkeypatch.setenv("GITHUB_SERVER_URL", url)
        with pytest.raises(UsageError):
            server_url()


def test_nothing_that_is_kept_has_the_token(server: GitHubServer, tmp_path: Path) -> None:
    github = client(server, tmp_path)
    github.get(PATH)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(TOKEN.encode() in path.read_bytes() for path in kept)
    assert TOKEN not in repr(github)
    assert json.loads(kept[0].read_text())["url"] == f"{server.base}{PATH}"
