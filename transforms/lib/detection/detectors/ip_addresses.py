"""Public IP addresses of any host."""

import ipaddress
import re
from collections.abc import Iterator

import numpy as np

from transforms.lib.compiled import kernel
from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.finding import IP, Finding
from transforms.lib.python.lexing import DIGIT_BYTES, DOT, IDENTIFIER_BYTES, byte_flags
from transforms.lib.text.batch import TextBatch

# Resolvers that anyone may use and many configurations name: the public lists of Google, Cloudflare,
# Quad9, OpenDNS, Level 3, Verisign, AdGuard, Comodo, Yandex, AliDNS, 114DNS, DNSPod and Baidu.
RESOLVERS = frozenset(
    map(
        ipaddress.ip_address,
        """
        8.8.8.8 8.8.4.4 2001:4860:4860::8888 2001:4860:4860::8844 2001:4860:4860::64
        2001:4860:4860::6464
        1.1.1.1 1.0.0.1 1.1.1.2 1.0.0.2 1.1.1.3 1.0.0.3 2606:4700:4700::1111 2606:4700:4700::1001
        2606:4700:4700::1112 2606:4700:4700::1002 2606:4700:4700::1113 2606:4700:4700::1003
        9.9.9.9 9.9.9.10 9.9.9.11 149.112.112.112 149.112.112.10 149.112.112.11
        2620:fe::fe 2620:fe::9 2620:fe::10 2620:fe::11
        208.67.222.222 208.67.220.220 208.67.222.123 208.67.220.123 208.67.222.220 208.67.220.222
        2620:119:35::35 2620:119:53::53
        4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 4.2.2.5 4.2.2.6 64.6.64.6 64.6.65.6
        94.140.14.14 94.140.15.15 8.26.56.26 8.20.247.20 77.88.8.8 77.88.8.1
        223.5.5.5 223.6.6.6 114.114.114.114 114.114.115.115 119.29.29.29 180.76.76.76
        """.split(),
    )
)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6, by IANA
BEFORE = 60  # bytes before an address that may say that it is none

COLON = ord(":")
HEX_BYTES = byte_flags("0123456789abcdefABCDEF")
_NUMBERING = re.compile(
    rb"(?i)(?:version|release|revision|oid|section|chapter|firmware|\bver|\bv)\W{0,4}\Z"
)


def find_ip_addresses(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the public addresses in each text."""
    first, last = texts.offsets[0], texts.offsets[-1]
    found = address_like(texts.data[first:last]) + first
    rows = np.searchsorted(texts.offsets, found[:, 0], "right") - 1
    for index, (begin, end) in zip(rows.tolist(), found.tolist(), strict=True):
        text_begin = int(texts.offsets[index])
        before = texts.data[max(text_begin, begin - BEFORE) : begin].tobytes()
        if end <= texts.offsets[index + 1] and _is_public(texts.data[begin:end].tobytes(), before):
            yield index, Finding(begin - text_begin, end - text_begin, "ip-address", IP)


def _is_public(value: bytes, before: bytes) -> bool:
    try:
        address = ipaddress.ip_address(value.decode("ascii"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and address not in RESOLVERS and not _NUMBERING.search(before)


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
        if end:
            if begin < end:
                found.append((begin, end))
            at = end
        at += 1
    ranges = np.empty((len(found), 2), np.int64)
    for row in range(len(found)):
        ranges[row] = found[row]
    return ranges


@kernel
def _dotted(data, at):  # type: ignore[no-untyped-def]
    """Begin and end of four numbers around the dot; an empty range for anything else in that run."""
    begin, end, dots = at, at, 0
    while begin > 0 and (DIGIT_BYTES[data[begin - 1]] or data[begin - 1] == DOT):
        begin -= 1
    while end < len(data) and (DIGIT_BYTES[data[end]] or data[end] == DOT):
        dots += data[end] == DOT
        end += 1
    if data[end - 1] == DOT:  # that of a sentence
        dots, end = dots - 1, end - 1
    glued = begin > 0 and IDENTIFIER_BYTES[data[begin - 1]]
    glued |= end < len(data) and IDENTIFIER_BYTES[data[end]]
    if glued or dots != 3 or end - begin > 15:
        return end, end
    return begin, end


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
    if glued or colons < 2 or end - begin > 39:
        return end, end
    return begin, end


IP_ADDRESSES = Detector("ip_addresses", find_ip_addresses, "1")
