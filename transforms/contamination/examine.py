"""Texts to evidence: the first pass over a batch, then what it found, text by text."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import is_normalized, normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contamination.grams.scan import scan
from transforms.contamination.matches import Match, Text, matches
from transforms.contamination.patterns.index import Index
from transforms.contamination.patterns.task_patterns import NAME
from transforms.contamination.verdict import NONE, strength, verdict
from transforms.lib.text.batch import text_batch

RETURNS = re.compile(rb"\r+\n?")


@dataclass(frozen=True)
class Case:
    """What one text holds of one task: a verdict and its evidence, the best of each channel."""

    row: int
    text: Text
    task: int
    verdict: str
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Findings:
    """cases: in the order of rows and tasks; named: for each task, the texts that define a
    function of its entry point's name."""

    cases: list[Case]
    named: dict[int, int]


def examine(contents: pa.StringArray, index: Index) -> Findings:
    """Check a batch of texts (UTF-8, no nulls) against all tasks."""
    batch = text_batch(composed(contents))
    patterns: dict[int, list[int]] = defaultdict(list)
    for row, pattern, _ in scan(batch, index.table).tolist():
        patterns[row].append(pattern)
    cases: list[Case] = []
    named: dict[int, int] = defaultdict(int)
    for row in sorted(patterns):
        for pattern in patterns[row]:
            if index.channels[pattern] == NAME:
                named[int(index.task[pattern])] += 1
        if any(index.channels[pattern] != NAME for pattern in patterns[row]):
            content = batch.data[batch.offsets[row] : batch.offsets[row + 1]].tobytes()
            text = Text(RETURNS.sub(b"\n", content), index)
            cases.extend(_cases(row, text, sorted(patterns[row])))
    return Findings(cases, dict(named))


def composed(contents: pa.StringArray) -> pa.StringArray:
    """The texts in NFC (Arrow's own normalisation to NFC gives NFD, up to its version 25)."""
    rows = np.flatnonzero(pc.invert(pc.string_is_ascii(contents)).to_numpy(zero_copy_only=False))
    texts = {int(row): contents[int(row)].as_py() for row in rows}
    other = {row: text for row, text in texts.items() if not is_normalized("NFC", text)}
    if not other:
        return contents
    whole = contents.to_pylist()
    return pa.array([normalize("NFC", other[i]) if i in other else t for i, t in enumerate(whole)])


def _cases(row: int, text: Text, patterns: list[int]) -> Iterator[Case]:
    by_task: dict[int, dict[str, Match]] = defaultdict(dict)
    for match in matches(text, patterns):
        best = by_task[match.task].get(match.channel)
        if strength(match) > NONE and (best is None or _rank(match) > _rank(best)):
            by_task[match.task][match.channel] = match
    for task, found in sorted(by_task.items()):
        told = verdict(found.values())
        if told:
            yield Case(row, text, task, told, tuple(found.values()))


def _rank(match: Match) -> tuple:
    return strength(match), match.score, match.hit, -match.pattern
