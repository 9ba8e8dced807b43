"""Private keys in PEM: what stands between BEGIN and END."""

import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.pattern_matches import matches
from transforms.lib.detection.finding import KEY, Finding
from transforms.lib.text.batch import TextBatch

BEGIN = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
MOST_BYTES = 20_000  # of a body; RSA with 16,384 bits has 12,500
BASE64 = re.compile(rb"(?<!\\)[A-Za-z0-9+/]{16,}={0,2}")  # but not the n of an escaped line break
# The last line, with what stands between lines in one literal and in several.
BETWEEN = rb"(?:[\s\"'#+,]|\\[nr]|[bB](?=['\"]))*"
SHORT_LINE = re.compile(BETWEEN + rb"[A-Za-z0-9+/]{1,15}={0,2}(?![\w+/])")
LEAST_BASE64 = 40  # characters; of a key of 256 bits at least 60


def find_private_keys(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the bodies of the keys in each text, from the first base64 to the last."""
    for index, offset, found in matches(texts, BEGIN):
        if span := _body(found.string, found.end(), int(texts.offsets[index + 1])):
            yield index, Finding(span[0] - offset, span[1] - offset, "private-key", KEY)


PRIVATE_KEYS = Detector("private_keys", find_private_keys, "1")


def _body(content: bytes, begin: int, end: int) -> tuple[int, int] | None:
    """Where a key's base64 begins and ends; None if it is a placeholder or has no END."""
    stop = content.find(b"-----END ", begin, min(end, begin + MOST_BYTES))
    lines = list(BASE64.finditer(content, begin, stop)) if stop >= 0 else []
    if sum(len(line[0]) for line in lines) < LEAST_BASE64:
        return None
    last = SHORT_LINE.match(content, lines[-1].end(), stop)
    return lines[0].start(), last.end() if last else lines[-1].end()
