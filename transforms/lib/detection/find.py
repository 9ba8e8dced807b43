"""Findings of all detectors together."""

import pyarrow as pa

from transforms.lib.detection.detectors import DETECTORS
from transforms.lib.detection.finding import Finding
from transforms.lib.text.batch import TextBatch, text_batch


def find_secrets(texts: TextBatch) -> list[list[Finding]]:
    """The findings in each text, sorted, none of which overlap.

    Each lies within one token of Python, a string's inside or a comment, so that a mask in its
    place leaves the tokens around it as they are.
    """
    found: list[list[Finding]] = [[] for _ in range(len(texts))]
    for detector in DETECTORS:
        for index, finding in detector.find(texts):
            if all(finding.end <= f.begin or f.end <= finding.begin for f in found[index]):
                found[index].append(finding)
    return [sorted(findings) for findings in found]


def find_in_text(text: str) -> list[Finding]:
    """The findings in one text."""
    return find_secrets(text_batch(pa.array([text], pa.string())))[0]


def detection_version() -> list[str]:
    """What decides which findings there are: the detectors with their versions."""
    return [f"{detector.name} {detector.version}" for detector in DETECTORS]
