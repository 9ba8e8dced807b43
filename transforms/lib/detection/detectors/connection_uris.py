"""Passwords in URIs: `scheme://user:password@host`."""

import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.literal_gates import is_placeholder, is_random
from transforms.lib.detection.finding import HIGH, LOW, PASSWORD, Finding
from transforms.lib.text.batch import TextBatch

SCHEME_BYTES = 21  # at most, as the pattern says
SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,20}$")
# It begins with what is found fast; the scheme stands before.
URI = re.compile(
    rb"""://
    (?P<user>[^\s:/?\#@"'<>\\\[\]{}()]{0,64}):
    (?P<password>[^\s/?\#@"'<>\\{}]{3,200})@
    (?P<host>[\w.-]+)""",
    re.VERBOSE,
)
WEB = ("http", "https", "ftp", "ftps", "ssh", "git", "svn", "ws", "wss", "socks5", "github")
RESERVED_HOST = re.compile(r"(?:^|\.)example(?:\.\w+)?$|^(?:host|hostname|server|some|my)\b|^my\w+\.")


def find_connection_uris(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the passwords in the URIs of each text, without what stands around them."""
    content = texts.data.tobytes()
    for index in range(len(texts)):
        begin, end = int(texts.offsets[index]), int(texts.offsets[index + 1])
        for found in URI.finditer(content, begin, end):
            scheme = SCHEME.search(content[max(begin, found.start() - SCHEME_BYTES) : found.start()])
            if scheme and _is_secret(found):
                first, last = found.span("password")
                confidence = _confidence(scheme[0].decode(), found)
                yield (
                    index,
                    Finding(first - begin, last - begin, "connection-uri", PASSWORD, confidence),
                )


CONNECTION_URIS = Detector("connection_uris", find_connection_uris, "1")


def _confidence(scheme: str, found: re.Match[bytes]) -> str:
    """Of databases and brokers high; URLs of the web are often examples."""
    return HIGH if scheme.lower() not in WEB or is_random(found["password"].decode()) else LOW


def _is_secret(found: re.Match[bytes]) -> bool:
    user, password, host = (found[name].decode(errors="replace") for name in URI.groupindex)
    if is_placeholder(password) or RESERVED_HOST.search(host) or "$" in password:
        return False
    return password.lower() not in ("pass", "password", "passwd", "pwd", "secret")
