"""What a detector is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transforms.lib.detection.finding import Finding
from transforms.lib.text.batch import TextBatch

# Yields the number of a text in the batch with each finding in it, in any order.
Find = Callable[[TextBatch], Iterator[tuple[int, Finding]]]


@dataclass(frozen=True)
class Detector:
    """One way to find secrets or personal data.

    `version` changes whenever it would find something else; it decides the bytes of `secrets`.
    """

    name: str
    find: Find
    version: str
