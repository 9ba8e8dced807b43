"""Public IP addresses, IPv4 and IPv6."""

import ipaddress
import re
from collections.abc import Iterator

import numpy as np

from transforms.lib.compiled import kernel
from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.public_networks import Address, is_made_up, is_public
from transforms.lib.detection.finding import IP, Finding
from transforms.lib.python.lexing import BACKSLASH, DIGIT_BYTES, DOT, IDENTIFIER_BYTES, byte_flags
from transforms.lib.text.batch import TextBatch

NEAR = 60  # bytes before and after an address that may say what it is
# Versions and sections of documents have small numbers; of addresses one in 1,600 has three of them
# and a last one below 100.
SMALL, SMALL_LAST = 30, 100

COLON, MINUS = b":-"
HEX_BYTES = byte_flags("0123456789abcdefABCDEF")
# Words and signs before what only looks like an address: versions, identifiers, sections.
_NUMBERING = re.compile(
    rb"(?i)(?:version|release|revision|\brev|\boid|identifier|section|chapter|paragraph|\xc2\xa7"
    rb"|\brfc[ -]?\d*|firmware|driver|kernel|build|handbook|algorithm|\bid|\bver|\bv|[=<>~!]=)"
    rb"[\w\]]{0,2}\W{0,5}\Z"
    rb"|\b(?:chrome|safari|opera|edge?|firefox|windows|linux)\b[ /][\w .]{0,12}\Z|[\w.]/\Z"
)
# Words and signs before what is an address however small its numbers are.
_ADDRESS_BEFORE = re.compile(
    rb"(?i)(?:://|@|\bips?\b|_ips?\b|ip[_-]?addr(?:ess)?|\baddr(?:ess)?|host|server|gateway|proxy"
    rb"|\bpeer|remote|client|cidr|subnet|\bping|\bssh|nameserver|\bdns)"
    rb"[\"'\]]{0,2}[\s:=>(\[\"'$@]{0,6}\Z"
)
_ADDRESS_AFTER = re.compile(rb"/(?:[89]|[12]\d|3[012])\b|:\d{2,5}\b(?!\.)")
_OTHER_AFTER = re.compile(rb"[.-]\w|\^")


def find_ip_addresses(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the public addresses in each text."""
    first, last = texts.offsets[0], texts.offsets[-1]
    found = address_like(texts.data[first:last]) + first
    rows = np.searchsorted(texts.offsets, found[:, 0], "right") - 1
    for index, (begin, end) in zip(rows.tolist(), found.tolist(), strict=True):
        text_begin, text_end = int(texts.offsets[index]), int(texts.offsets[index + 1])
        before = texts.data[max(text_begin, begin - NEAR) : begin].tobytes()
        after = texts.data[end : min(text_end, end + NEAR)].tobytes()
        if end <= text_end and _is_found(texts.data[begin:end].tobytes(), before, after):
            yield index, Finding(begin - text_begin, end - text_begin, "ip-address", IP)


def _is_found(value: bytes, before: bytes, after: bytes) -> bool:
    """Whether a value that looks like an address is a public one where it stands."""
    try:
        address = ipaddress.ip_address(value.decode("ascii"))
    except ValueError:
        return False
    if not is_public(address) or is_made_up(address) or _OTHER_AFTER.match(after):
        return False
    line = before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :]
    is_address = bool(_ADDRESS_BEFORE.search(line) or _ADDRESS_AFTER.match(after))
    is_numbering = bool(_NUMBERING.search(line))
    if _has_small_numbers(address):
        return is_address and not is_numbering
    return is_address or not is_numbering


def _has_small_numbers(address: Address) -> bool:
    *numbers, last = address.packed
    return address.version == 4 and max(numbers) < SMALL and last < SMALL_LAST


@kernel
def address_like(data):  # type: ignore[no-untyped-def]
    """What has the form of an address, which Python must judge; int64[n, 2]: begin and end.

    Four numbers with dots between them, and words of hexadecimal digits with colons.
    """
    found = [(0, 0) for _ in range(0)]
    at = 1
    while at < len(data) - 1:
        begin, end = 0, 0
        if data[at] == DOT and DIGIT_BYTES[data[at - 1]] and DIGIT_BYTES[data[at + 1]]:
            begin, end = _dotted(data, at)
        elif data[at] == COLON and HEX_BYTES[data[at - 1]]:
            begin, end = _with_colons(data, at)
        if begin < end:
            found.append((begin, end))
        at = max(at, end) + 1
    ranges = np.empty((len(found), 2), np.int64)
    for row in range(len(found)):
        ranges[row] = found[row]
    return ranges


@kernel
def _dotted(data, at):  # type: ignore[no-untyped-def]
    """Begin and end of four numbers around the dot; an empty range where something else is."""
    begin, end, dots = at, at, 0
    while begin > 0 and (DIGIT_BYTES[data[begin - 1]] or data[begin - 1] == DOT):
        begin -= 1
    while end < len(data) and (DIGIT_BYTES[data[end]] or data[end] == DOT):
        dots += data[end] == DOT
        end += 1
    stop = end
    if data[end - 1] == DOT:  # that of a sentence
        dots, stop = dots - 1, end - 1
    glued = begin > 0 and (IDENTIFIER_BYTES[data[begin - 1]] or data[begin - 1] == MINUS)
    glued &= begin < 2 or data[begin - 2] != BACKSLASH
    glued |= end < len(data) and IDENTIFIER_BYTES[data[end]]
    if glued or dots != 3 or stop - begin > 15:
        return end, end
    return begin, stop


@kernel
def _with_colons(data, at):  # type: ignore[no-untyped-def]
    """Begin and end of words with colons around the first one; an empty range for other runs."""
    begin, end, colons = at, at, 0
    while begin > 0 and HEX_BYTES[data[begin - 1]]:
        begin -= 1
    while end < len(data) and (HEX_BYTES[data[end]] or data[end] == COLON):
        colons += data[end] == COLON
        end += 1
    glued = begin > 0 and (IDENTIFIER_BYTES[data[begin - 1]] or data[begin - 1] == COLON)
    glued |= end < len(data) and IDENTIFIER_BYTES[data[end]]
    if glued or colons < 2 or end - begin > 39 or data[begin] < ord("2") or data[begin] > ord("3"):
        return end, end
    return begin, end


IP_ADDRESSES = Detector("ip_addresses", find_ip_addresses, "1")
