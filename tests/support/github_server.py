"""A stand-in for GitHub's REST interface, written from its documentation.

`GitHubService` answers requests in this process, by a clock that may be simulated; `GitHubServer`
answers them over HTTP on 127.0.0.1, with faults per path as `loopback_index` has them. Each request
is in `log`, and those above a limit are in `above`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from tests.support.faulty_server import Fault, FaultyServer
from tests.support.github_limits import ServerLimits
from tests.support.github_repositories import Made, described, found, pages
from transforms.crawl.github.clock import SYSTEM_CLOCK, Clock
from transforms.crawl.github.rate_limits import resource_of
from transforms.lib.network.transfer import HttpRequest, HttpResponse, Session

DOCS = "https://docs.github.com/rest"
PRIMARY_MESSAGE = "API rate limit exceeded for user ID 1."
SECONDARY_MESSAGE = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
MOST_RESULTS = 1000
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class SimulatedClock:
    """A clock that stands still but for sleeping."""

    time: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += seconds


@dataclass(frozen=True)
class Asked:
    """A request: who asked (a token or None), against which resource, and what came of it."""

    at: float
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    who: str | None
    resource: str
    status: int


@dataclass
class GitHubService:
    """The interface without a network.

    `made` are repositories without end, `named` those that were added, by their names in lower
    case. `tarballs` are by (name in lower case, commit). `incomplete` are how many of the next
    searches are cut short.
    """

    made: Made = field(default_factory=Made)
    clock: Clock = SYSTEM_CLOCK
    base: str = "http://127.0.0.1:1"
    codeload: str = "http://localhost:1"
    tokens: set[str] | None = None  # those that are known; None for any
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    commits: dict[str, dict[str, str]] = field(default_factory=dict)
    tarballs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    statuses: dict[str, Reply] = field(default_factory=dict)
    incomplete: int = 0
    limits: ServerLimits = field(default_factory=ServerLimits)
    log: list[Asked] = field(default_factory=list)
    above: list[Asked] = field(default_factory=list)

    def add(self, full_name: str, **more: Any) -> dict[str, Any]:
        """A repository; `more` are fields of its object."""
        self.named[full_name.lower()] = described(full_name, **more)
        return self.named[full_name.lower()]

    def rename(self, old: str, new: str) -> None:
        """A repository that was added has another name now; its old one leads to it."""
        fields = self.named.pop(old.lower()) | {"full_name": new, "name": new.partition("/")[2]}
        self.named[new.lower()] = fields
        self.renamed[old.lower()] = fields["id"]

    def answer_with(self, full_name: str, status: int, message: str, **more: Any) -> None:
        """What all requests for a repository get: gone, blocked, …"""
        body = json.dumps({"message": message, "documentation_url": DOCS, **more}).encode()
        self.statuses[full_name.lower()] = status, {}, body

    def most_in(self, seconds: float, resource: str | None = None) -> int:
        """The most requests with any token that came within so many seconds, 304 left out."""
        times = sorted(
            each.at
            for each in self.log
            if resource in (None, each.resource) and (resource is None or each.status != 304)
        )
        first = most = 0
        for last, time in enumerate(times):
            while times[first] <= time - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def send(self, session: Session, request: HttpRequest, seconds: float) -> HttpResponse:
        """What `transfer` does, in this process."""
        asked = requests.Request("GET", request.url, headers=dict(request.headers)).prepare()
        asked = request.auth(asked) if request.auth else asked
        status, headers, body = self.answer(asked.path_url, asked.headers)
        read = bytearray(body if request.reads(status) else b"")
        return HttpResponse(
            request.url, status, requests.structures.CaseInsensitiveDict(headers), read
        )

    def answer(self, target: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a GET request, after all limits."""
        parts = urlsplit(target)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        who = (headers.get("Authorization") or "").removeprefix("Bearer ") or None
        resource, now = resource_of(path), self.clock.now()
        with self.limits.busy(who):
            kind = self.limits.exceeded(who, resource, now)
            if kind:
                reply = refusal(kind)
            elif who and self.tokens is not None and who not in self.tokens:
                reply = said(401, "Bad credentials")
            else:
                reply = self._conditional(headers, self._route(path, query, headers))
            if reply[0] == 304:
                self.limits.give_back(who, resource)
            asked = Asked(now, path, query, dict(headers), who, resource, reply[0])
            self.log.append(asked)
            if kind:
                self.above.append(asked)
            counted = self.limits.counter(who, resource).headers(resource)
        return reply[0], self._date() | counted | reply[1], reply[2]

    def _date(self) -> dict[str, str]:
        return {
            "Date": formatdate(self.clock.now(), usegmt=True),
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": "github.v3; format=json",
        }

    def _conditional(self, headers: Mapping[str, str], reply: Reply) -> Reply:
        status, more, body = reply
        if status != 200:
            return reply
        etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if headers.get("If-None-Match") == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag} | more, body

    def _route(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        match path.strip("/").split("/"):
            case ["search", "repositories"]:
                return self._search(query)
            case ["repositories", number]:
                return self._numbered(number)
            case ["repos", owner, name, *rest]:
                return self._repository(f"{owner}/{name}", rest, headers)
            case ["rate_limit"]:
                return 200, {}, b'{"resources": {}}'
        return said(404, "Not Found")

    def _numbered(self, number: str) -> Reply:
        for each in self.named.values():
            if str(each["id"]) == number:
                return 200, {}, json.dumps(each).encode()
        return said(404, "Not Found")

    def _repository(self, name: str, rest: list[str], headers: Mapping[str, str]) -> Reply:
        key = name.lower()
        if key in self.statuses:
            return self.statuses[key]
        if key in self.renamed:
            url = f"{self.base}/repositories/{self.renamed[key]}"
            moved = said(301, "Moved Permanently", url=url)
            return 301, {"Location": "/".join([url, *rest])}, moved[2]
        known = self.named.get(key) or self._made(name)
        if known is None:
            return said(404, "Not Found")
        match rest:
            case []:
                return 200, {}, json.dumps(known).encode()
            case ["commits", *ref]:
                return self._commit(key, "/".join(ref), known, headers)
            case ["tarball", *ref]:
                sha = "/".join(ref)
                return (
                    302,
                    {"Location": f"{self.codeload}/codeload/{name}/legacy.tar.gz/{sha}"},
                    b"",
                )
        return said(404, "Not Found")

    def _made(self, name: str) -> dict[str, Any] | None:
        number = name.rpartition("made-")[2]
        if not number.isdigit() or int(number) >= len(self.made.created):
            return None
        known = self.made.repository(int(number))
        return known if known["full_name"] == name else None

    def _commit(
        self, key: str, ref: str, known: dict[str, Any], headers: Mapping[str, str]
    ) -> Reply:
        refs = self.commits.get(key, {})
        if not refs:
            return said(409, "Git Repository is empty.")
        name = known["default_branch"] if ref == "HEAD" else ref
        sha = ref if ref in refs.values() else refs.get(name)
        if sha is None:
            return said(422, f"No commit found for SHA: {ref}")
        if "sha" in headers.get("Accept", ""):
            return 200, {"Content-Type": "application/vnd.github.sha; charset=utf-8"}, sha.encode()
        return 200, {}, json.dumps({"sha": sha}).encode()

    def tarball(self, path: str) -> Reply:
        """What the host of archives has."""
        _, _, owner, name, _, sha = path.split("/", 5)
        body = self.tarballs.get((f"{owner}/{name}".lower(), sha))
        return (
            (404, {}, b"") if body is None else (200, {"Content-Type": "application/x-gzip"}, body)
        )

    def _search(self, query: Mapping[str, str]) -> Reply:
        page, per_page = int(query.get("page", 1)), min(100, int(query.get("per_page", 30)))
        if page * per_page > MOST_RESULTS + per_page - 1 or page < 1:
            return said(422, "Only the first 1000 search results are available")
        try:
            results = found(query.get("q", ""), self.made, list(self.named.values()))
        except ValueError as error:
            return said(422, "Validation Failed", errors=[{"message": str(error)}])
        items = list(pages(results[:MOST_RESULTS], page, per_page))
        cut = self.incomplete > 0
        if cut:
            self.incomplete -= 1
            items = items[: len(items) // 2]
        body = {"total_count": len(results), "incomplete_results": cut, "items": items}
        return 200, {}, json.dumps(body).encode()


def said(status: int, message: str, **more: Any) -> Reply:
    """An error as the interface words it."""
    body = {"message": message, **more, "documentation_url": DOCS, "status": str(status)}
    return status, {}, json.dumps(body).encode()


def refusal(kind: str, status: int = 403, retry_after: int | None = None) -> Reply:
    """What a request above a primary or secondary limit gets, by 403 or 429."""
    message = PRIMARY_MESSAGE if kind == "primary" else SECONDARY_MESSAGE
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    headers |= {"X-RateLimit-Remaining": "0"} if kind == "primary" else {}
    return status, headers, said(status, message)[2]


def refused(kind: str, status: int = 403, retry_after: int | None = None, **more: str) -> Fault:
    """A fault that refuses a request as `refusal` does; `more` are headers, with _ for -."""
    code, headers, body = refusal(kind, status, retry_after)
    extra = {name.replace("_", "-"): value for name, value in more.items()}
    return lambda handler: handler.send(code, headers | extra, body)


class GitHubServer(FaultyServer):
    """`with GitHubServer(service) as server:` … `server.base` is what GITHUB_API_URL should be."""

    def __init__(self, service: GitHubService | None = None, port: int = 0) -> None:
        super().__init__(Handler, port)
        self.service = service or GitHubService()
        self.base = self.service.base = f"http://127.0.0.1:{self.server_port}"
        self.service.codeload = f"http://localhost:{self.server_port}"
        self.leaked: list[str] = []  # tokens that came to the host of archives


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: GitHubServer

    def log_message(self, *args: object) -> None:
        """The log is `GitHubService.log`."""

    def do_GET(self) -> None:
        service, path = self.server.service, urlsplit(self.path).path
        if path.startswith("/codeload/"):
            if said := self.headers.get("Authorization"):
                self.server.leaked.append(said)
            fault = self.server.next_fault(path)
            fault(self) if fault else self.send(*service.tarball(path))
            return
        reply = service.answer(self.path, self.headers)
        fault = self.server.next_fault(path)
        fault(self) if fault else self.send(*reply)

    def send(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        length: int | None = None,
    ) -> None:
        """A whole answer; or a part of one, if `length` says more and the line is then cut."""
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in (headers or {}) and status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None
