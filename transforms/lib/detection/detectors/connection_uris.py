"""Passwords in URIs: `scheme://user:password@host`."""

import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.literal_gates import is_placeholder, is_random
from transforms.lib.detection.detectors.pattern_matches import matches
from transforms.lib.detection.finding import HIGH, LOW, PASSWORD, Finding
from transforms.lib.text.batch import TextBatch

SCHEME_BYTES = 23  # at most, as the pattern says
# Stands before what URI matches; a line break or tab before it may be escaped.
SCHEME = re.compile(rb"(?:\\[nrt])?(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,20})$")
# It begins with bytes that are searched for fast. Names and passwords of more bytes are none.
URI = re.compile(
    rb"""://
    [^\s:/?\#@"'<>\\\[\]{}()]{0,64}:  # the user
    (?P<password>[^\s/?\#@"'<>\\{}]{3,200})@
    (?P<host>[\w.-]+)""",
    re.VERBOSE,
)
# Of the web, and of version control: documentation is full of their examples.
WEB = ("http", "https", "ftp", "ftps", "ssh", "git", "svn", "ws", "wss", "socks5", "github")
EXAMPLE_HOST = re.compile(
    r"(?:^|\.)example(?:\.\w+)?$|^(?:host|hostname|server|some|my)\b|^my\w+\."
)


def find_connection_uris(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the passwords in the URIs of each text, without what stands around them."""
    for index, offset, found in matches(texts, URI):
        head = found.string[max(offset, found.start() - SCHEME_BYTES) : found.start()]
        scheme = SCHEME.search(head)
        if scheme and _is_secret(found):
            begin, end = found.span("password")
            confidence = _confidence(scheme["scheme"].decode(), found)
            finding = Finding(begin - offset, end - offset, "connection-uri", PASSWORD, confidence)
            yield index, finding


CONNECTION_URIS = Detector("connection_uris", find_connection_uris, "1")


def _confidence(scheme: str, found: re.Match[bytes]) -> str:
    """Of databases and brokers high; URLs of the web are often examples."""
    return HIGH if scheme.lower() not in WEB or is_random(found["password"].decode()) else LOW


def _is_secret(found: re.Match[bytes]) -> bool:
    password, host = (found[name].decode(errors="replace") for name in ("password", "host"))
    return not (is_placeholder(password) or EXAMPLE_HOST.search(host) or "$" in password)
