"""Findings of all detectors together."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from transforms.lib.detection.detectors import DETECTORS, vendor_keys
from transforms.lib.detection.finding import HIGH, Finding
from transforms.lib.detection.inside_tokens import inside_tokens
from transforms.lib.text.batch import TextBatch, text_batch


def find_secrets(texts: TextBatch) -> list[list[Finding]]:
    """The findings in each Python text, sorted, none of which overlap.

    Each lies within one token of Python, a string's inside or a comment, so that a mask in its
    place leaves the tokens around it as they are: what a detector finds in several is several
    findings, and what it finds in code is none.
    """
    found: list[list[Finding]] = [[] for _ in range(len(texts))]
    for index, findings in _by_text(texts).items():
        content = texts.data[texts.offsets[index] : texts.offsets[index + 1]]
        found[index] = without_overlaps(
            finding for each in findings for finding in inside_tokens(content, each)
        )
    return found


def find_in_text(text: str) -> list[Finding]:
    """The findings in one Python text."""
    return find_secrets(text_batch(pa.array([text], pa.string())))[0]


def find_anywhere(text: str) -> list[Finding]:
    """The findings in a text that need not be Python, sorted, none of which overlap."""
    return find_in_prose(text_batch(pa.array([text], pa.string())))[0]


def find_in_prose(texts: TextBatch) -> list[list[Finding]]:
    """The findings in each of some texts of any kind, as `find_anywhere` has those of one."""
    found = _by_text(texts)
    return [
        without_overlaps(finding for each in found.get(index, ()) for finding in each)
        for index in range(len(texts))
    ]


def detection_version() -> list[str]:
    """What decides which findings there are: the detectors with their versions."""
    return [f"{detector.name} {detector.version}" for detector in DETECTORS]


def warm_up() -> None:
    """Load what detectors need, some tenths of a second, so that forked processes share it."""
    vendor_keys.warm_up()
    find_in_text("# someone@company.com")


def _by_text(texts: TextBatch) -> dict[int, list[list[Finding]]]:
    """By number of text what each detector has found in it; texts with nothing are left out."""
    found: dict[int, list[list[Finding]]] = defaultdict(lambda: [[] for _ in DETECTORS])
    for number, detector in enumerate(DETECTORS):
        for index, finding in detector.find(texts):
            found[index][number].append(finding)
    return found


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that overlap a better one, sorted.

    Better is what has high confidence, then what is longer, then what comes first.
    """
    kept: list[Finding] = []  # sorted: only the neighbours of a finding can overlap it
    for finding in sorted(findings, key=lambda f: (f.confidence != HIGH, f.begin - f.end)):
        at = bisect_left(kept, finding)
        near = kept[max(at - 1, 0) : at + 1]
        if all(finding.end <= other.begin or other.end <= finding.begin for other in near):
            kept.insert(at, finding)
    return kept
