"""One HTTP request, bounded in bytes and in time whatever the server does."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
import urllib3
from requests.auth import AuthBase

from transforms.lib.network.retry import RequestFailed

CONNECT_AND_READ_SECONDS = (10.0, 30.0)  # the second is the longest pause between two reads
READ_BYTES = 1 << 16


class FetchError(RequestFailed):
    """A source that could not be fetched: a `status` from a closed list, and the `reason`.

    `row` holds what was known of the source by then, `cause` is the reason of its reject row, and
    `when` says when it may be tried again, which stands in no row but that of `repositories`.
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
        super().__init__(f"{status}: {reason}", again=again, wait=wait)
        self.status, self.reason, self.http_status = status, reason, http_status
        self.row: dict[str, object] = {}
        self.cause = status
        self.when = ""


@dataclass(frozen=True)
class HttpRequest:
    """A GET request, and how many bytes its response may have.

    `verify` is a file of CA certificates, or whether the server's certificate is verified at all;
    `proxy` is used in place of those of the environment. A body is read if the status is 200, or
    with `errors` if it is 400 or more.
    """

    url: str
    headers: Mapping[str, str]
    max_bytes: int
    auth: AuthBase | None = None
    verify: str | bool = True
    certificate: str | None = None
    proxy: str | None = None
    errors: bool = False

    def reads(self, status: int) -> bool:
        """Whether the body of a response of this status is read."""
        return status == 200 or (self.errors and status >= 400)

    @property
    def proxies(self) -> dict[str, str]:
        """The proxy by scheme, as requests takes it."""
        return {"http": self.proxy, "https": self.proxy} if self.proxy else {}

    @property
    def proxied(self) -> bool:
        """Whether a proxy connects to the server, and not this machine."""
        environment = requests.utils.get_environ_proxies(self.url)
        return bool(requests.utils.select_proxy(self.url, environment | self.proxies))


@dataclass(frozen=True)
class HttpResponse:
    """A response; `body` is as it was sent, with its Content-Encoding, empty if it was not read."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytearray = field(default_factory=bytearray)


class Session(requests.Session):
    """A session that follows no redirect.

    requests would read the body of a redirect whole, and ask the next host without a pause.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Always None: requests takes it that there is no redirect."""


class _Transfer(threading.Thread):
    """A thread that its creator can leave: no read timeout bounds a server that sends slowly."""

    def __init__(self, session: Session, request: HttpRequest, end: float) -> None:
        super().__init__(daemon=True)
        self._arguments = session, request, end
        self.outcome: HttpResponse | FetchError | None = None

    def run(self) -> None:
        try:
            self.outcome = _transfer(*self._arguments)
        except FetchError as error:
            self.outcome = error
        except (OSError, ValueError) as error:  # a certificate that cannot be read, say
            self.outcome = FetchError("unreachable", _root_cause(error))


def transfer(session: Session, request: HttpRequest, seconds: float) -> HttpResponse:
    """The whole response to a request, of any status; FetchError if there is none in time."""
    thread = _Transfer(session, request, time.monotonic() + seconds)
    thread.start()
    thread.join(seconds)
    if isinstance(thread.outcome, HttpResponse):
        return thread.outcome
    raise thread.outcome or FetchError("timeout", "no end in time")


def _transfer(session: Session, request: HttpRequest, end: float) -> HttpResponse:
    try:
        with session.get(
            request.url,
            headers=request.headers,
            auth=request.auth,
            verify=request.verify,
            cert=request.certificate,
            proxies=request.proxies,
            stream=True,
            timeout=CONNECT_AND_READ_SECONDS,
        ) as response:
            body = _read(response, request, end)
            return HttpResponse(request.url, response.status_code, response.headers, body)
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise FetchError("bad_url", str(error)[:200]) from error
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError) as error:
        raise FetchError("timeout", "the server fell silent", again=True) from error
    except urllib3.exceptions.HTTPError as error:  # requests does not wrap what `raw` raises
        raise FetchError("truncated", _root_cause(error), again=True) from error
    except requests.RequestException as error:
        raise FetchError("unreachable", _root_cause(error), again=True) from error


def _read(response: requests.Response, request: HttpRequest, end: float) -> bytearray:
    """The body of a response; what has arrived is counted, not what Content-Length declares."""
    body = bytearray()
    # `read1` returns what has arrived, so that `end` is checked although a server sends slowly.
    wanted = request.reads(response.status_code)
    while wanted and (chunk := response.raw.read1(READ_BYTES)):
        body += chunk
        if len(body) > request.max_bytes:
            raise FetchError("too_big", f"over {request.max_bytes} bytes", response.status_code)
        if time.monotonic() > end:
            raise FetchError("timeout", "no end in time")
    return body


def _root_cause(error: BaseException) -> str:
    """The innermost error: those around it name addresses in memory, which differ in every run."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return f"{type(error).__name__}: {str(error)[:200]}"
