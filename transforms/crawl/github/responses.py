"""What single responses of GitHub's REST interface say: a redirect, JSON, or a failure."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from transforms.lib.archives.rules import printable
from transforms.lib.network.fetch import decoded_body
from transforms.lib.network.retry import RETRIED_STATUSES, retry_after
from transforms.lib.network.transfer import FetchError, HttpResponse

MOVED = (301, 307, 308)  # a repository that has another name
FOUND = 302  # an archive, on another host
MESSAGE_CHARACTERS = 200


def said(response: HttpResponse, max_bytes: int, tokens: Iterable[str | None]) -> str:
    """What the body of an error says, on one line, without a token; empty for other responses."""
    if response.status < 400:
        return ""
    try:
        body = json.loads(decoded_body(response, max_bytes))
        text = str(body["message"])
    except (ValueError, RecursionError, TypeError, LookupError, FetchError):
        return ""
    for token in filter(None, tokens):
        text = text.replace(token, "***")
    return printable(" ".join(text.split()))[:MESSAGE_CHARACTERS]


def target(response: HttpResponse) -> str:
    """The URL that a redirect leads to; FetchError if it is none."""
    try:
        return urljoin(response.url, response.headers.get("Location", ""))
    except ValueError as error:
        raise FetchError("bad_redirect", "to no URL", response.status) from error


def parsed(text: str) -> Any:
    """The value of a JSON text; FetchError if it is none."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FetchError("server_error", "an answer that is not JSON", 200) from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def check(response: HttpResponse, message: str, longest_wait: float) -> None:
    """Raises FetchError for every status but a success, 304 and redirects.

    It is deferred if the server wants a wait of more than `longest_wait` seconds.
    """
    status = response.status
    if status in (200, 304, FOUND, *MOVED):
        return
    reason = f"HTTP {status}" + (f": {message}" if message else "")
    if status in (404, 410):
        raise FetchError("gone", reason, status)
    if status == 409:
        raise FetchError("empty", reason, status)
    if status == 422:
        raise FetchError("rejected", reason, status)
    if 400 <= status < 500 and status not in RETRIED_STATUSES:
        raise FetchError("blocked", reason, status)
    wait = retry_after(response.headers.get("Retry-After"))
    if wait is not None and wait > longest_wait:
        raise FetchError("deferred", reason, status)
    again = status in RETRIED_STATUSES
    raise FetchError("server_error", reason, status, again=again, wait=wait)
