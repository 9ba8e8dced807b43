"""Credentials of HTTP's Basic scheme: `Basic` and base64 of `user:password`."""

import base64
import binascii
import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.pattern_matches import matches
from transforms.lib.detection.finding import PASSWORD, Finding
from transforms.lib.text.batch import TextBatch

BASIC = re.compile(rb"Basic ([A-Za-z0-9+/]{8,400}={0,2})(?![A-Za-z0-9+/=%{])")
PAIR = re.compile(r"[^:\x00-\x1f]*:[^\x00-\x1f]+")  # of RFC 7617


def find_basic_credentials(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the base64 of user and password in each text."""
    for index, offset, found in matches(texts, BASIC):
        if _is_pair(found[1]):
            begin, end = found.span(1)
            yield index, Finding(begin - offset, end - offset, "basic-authorization", PASSWORD)


BASIC_CREDENTIALS = Detector("basic_credentials", find_basic_credentials, "1")


def _is_pair(encoded: bytes) -> bool:
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return PAIR.fullmatch(decoded) is not None
