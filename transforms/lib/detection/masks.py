"""Masks in place of values: the same value has the same mask within a text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from transforms.lib.detection.find import find_anywhere
from transforms.lib.detection.finding import HIGH, IP, Finding

IPV4_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # of documentation, RFC 5737
HOSTS = 254  # of each: a 763rd address of a text has the mask of its first


class Masked(NamedTuple):
    """A range of bytes, and the mask that goes in its place."""

    begin: int
    end: int
    mask: str


def masks(content: bytes, findings: Sequence[Finding]) -> list[str]:
    """The mask of each finding: `<KEY>`, of a second value `<KEY_2>`; of IPs those for examples.

    >>> findings = [Finding(0, 6, "", "email"), Finding(7, 13, "", "email")]
    >>> masks(b"a@b.co c@b.co", findings), masks(b"a@b.co a@b.co", findings)
    (['<EMAIL>', '<EMAIL_2>'], ['<EMAIL>', '<EMAIL>'])
    """
    numbers: dict[tuple[str, bytes], int] = {}
    counts: dict[str, int] = {}
    written = []
    for finding in findings:
        value = content[finding.begin : finding.end]
        family = _family(finding.kind, value)
        if (family, value) not in numbers:
            counts[family] = counts.get(family, 0) + 1
            numbers[family, value] = counts[family]
        written.append(_mask(family, numbers[family, value]))
    return written


def _family(kind: str, value: bytes) -> str:
    return kind if kind != IP else "ipv6" if b":" in value else "ipv4"


def _mask(family: str, number: int) -> str:
    """The mask of the value with that number; an IPv6 address is one of RFC 3849."""
    if family == "ipv4":
        network, host = divmod(number - 1, HOSTS)
        return f"{IPV4_NETWORKS[network % len(IPV4_NETWORKS)]}.{host + 1}"
    if family == "ipv6":
        return f"2001:db8::{number:x}"
    return f"<{family.upper()}>" if number == 1 else f"<{family.upper()}_{number}>"


def masked_ranges(content: bytes, findings: Sequence[Finding]) -> list[Masked]:
    """The ranges of findings, each with its mask.

    >>> masked_ranges(b"a@b.co", [Finding(0, 6, "", "email")])
    [Masked(begin=0, end=6, mask='<EMAIL>')]
    """
    written = zip(findings, masks(content, findings), strict=True)
    return [Masked(finding.begin, finding.end, mask) for finding, mask in written]


def masked(content: bytes, ranges: Sequence[Masked]) -> bytes:
    """The content with a mask in place of each range; the rest is as it was, byte for byte.

    `ranges` are sorted and do not overlap.

    >>> masked(b"mail a@b.co now", [Masked(5, 11, "<EMAIL>")])
    b'mail <EMAIL> now'
    """
    parts, at = [], 0
    for begin, end, mask in ranges:
        parts += [content[at:begin], mask.encode()]
        at = end
    return b"".join([*parts, content[at:]])


def masked_part(content: bytes, begin: int, end: int, ranges: Iterable[Masked]) -> bytes:
    """The part of a content with its masks; one that is partly in it is there as a whole.

    >>> masked_part(b"to ann@firm.com", 0, 9, [Masked(3, 15, "<EMAIL>")])
    b'to <EMAIL>'
    """
    inside = [
        Masked(max(each.begin, begin) - begin, min(each.end, end) - begin, each.mask)
        for each in ranges
        if each.begin < end and begin < each.end
    ]
    return masked(content[begin:end], inside)


def with_masks(text: str, findings: Sequence[Finding]) -> str:
    """The text with masks in place of its findings of high confidence."""
    sure = [finding for finding in findings if finding.confidence == HIGH]
    if not sure:
        return text
    content = text.encode()
    return masked(content, masked_ranges(content, sure)).decode()


def without_secrets(text: str) -> str:
    """The text with masks in place of all that is found in it, for people to see.

    It need not be Python, nor whole: what is found is masked wherever it stands.
    """
    return with_masks(text, find_anywhere(text))
