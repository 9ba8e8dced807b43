"""Masks in place of values: the same value has the same mask within a text."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.lib.detection.find import find_anywhere
from transforms.lib.detection.finding import HIGH, IP, Finding


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
    """The mask of the value with that number; addresses are those of RFC 5737 and RFC 3849."""
    if family == "ipv4":
        return f"192.0.2.{(number - 1) % 254 + 1}"
    if family == "ipv6":
        return f"2001:db8::{number:x}"
    return f"<{family.upper()}>" if number == 1 else f"<{family.upper()}_{number}>"


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


def with_masks(text: str, findings: Sequence[Finding]) -> str:
    """The text with masks in place of its findings of high confidence."""
    sure = [finding for finding in findings if finding.confidence == HIGH]
    if not sure:
        return text
    content = text.encode()
    written = zip(sure, masks(content, sure), strict=True)
    return masked(content, [Masked(f.begin, f.end, mask) for f, mask in written]).decode()


def without_secrets(text: str) -> str:
    """The text with masks in place of all that is found in it, for people to see.

    It need not be Python, nor whole: what is found is masked wherever it stands.
    """
    return with_masks(text, find_anywhere(text))
