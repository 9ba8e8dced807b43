"""One HTTP request, bounded in bytes and in time whatever the server does."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
import urllib3
from requests.auth import AuthBase

TIMEOUT = (10.0, 30.0)  # seconds to connect, and between two reads
CHUNK = 1 << 16


class FetchError(Exception):
    """A source that could not be had: `status` from a closed list, and why.

    `again` says that another try may help, `wait` after how many seconds if the server named
    them; `row` is what was known of the source by then, `cause` why its reject row is there.
    """

    def __init__(
        self,
        status: str,
        reason: str,
        http_status: int | None = None,
        *,
        again: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(f"{status}: {reason}")
        self.status, self.reason, self.http_status = status, reason, http_status
        self.again, self.wait = again, wait
        self.row: dict[str, object] = {}
        self.cause = status


@dataclass(frozen=True)
class Request:
    """What is asked of a server."""

    url: str
    headers: Mapping[str, str]
    max_bytes: int
    auth: AuthBase | None = None
    verify: str | bool = True


@dataclass(frozen=True)
class Answer:
    """What came: the body as it was sent, whatever its Content-Encoding; empty unless 200."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytearray = field(default_factory=bytearray)


class Session(requests.Session):
    """Follows no redirect: requests would read its body whole, and ask the next host unpaced."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: there is nowhere to go."""


class _Transfer(threading.Thread):
    """A transfer that may be abandoned: a read timeout bounds no server that drips headers."""

    def __init__(self, session: Session, request: Request, end: float) -> None:
        super().__init__(daemon=True)
        self._given = session, request, end
        self.outcome: Answer | FetchError | None = None

    def run(self) -> None:
        try:
            self.outcome = _transfer(*self._given)
        except FetchError as error:
            self.outcome = error


def transfer(session: Session, request: Request, seconds: float) -> Answer:
    """The answer to a request. FetchError if there is none in time, or only a part of one."""
    thread = _Transfer(session, request, time.monotonic() + seconds)
    thread.start()
    thread.join(seconds)
    if isinstance(thread.outcome, Answer):
        return thread.outcome
    raise thread.outcome or FetchError("timeout", "no end in time")


def _transfer(session: Session, request: Request, end: float) -> Answer:
    try:
        with session.get(
            request.url,
            headers=request.headers,
            auth=request.auth,
            verify=request.verify,
            stream=True,
            timeout=TIMEOUT,
        ) as response:
            body = _read(response, request.max_bytes, end)
            return Answer(request.url, response.status_code, response.headers, body)
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise FetchError("bad_url", str(error)[:200]) from error
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError) as error:
        raise FetchError("timeout", "the server fell silent", again=True) from error
    except urllib3.exceptions.HTTPError as error:  # requests leaves what reading raises as it is
        raise FetchError("truncated", _root(error), again=True) from error
    except requests.RequestException as error:
        raise FetchError("unreachable", _root(error), again=True) from error


def _read(response: requests.Response, max_bytes: int, end: float) -> bytearray:
    """The body, bounded as it comes: what a server declares is no bound."""
    body = bytearray()
    # A dripping server sends a byte a time: reads that do not wait for more let `end` be seen.
    while response.status_code == 200 and (chunk := response.raw.read1(CHUNK)):
        body += chunk
        if len(body) > max_bytes:
            raise FetchError("too_big", f"over {max_bytes} bytes", 200)
        if time.monotonic() > end:
            raise FetchError("timeout", "no end in time")
    return body


def _root(error: BaseException) -> str:
    """The cause behind the wrappers, which hold addresses in memory: no two runs would agree."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return f"{type(error).__name__}: {str(error)[:200]}"
