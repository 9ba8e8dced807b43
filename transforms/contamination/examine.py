"""A batch of texts checked against all tasks: the first pass, then each candidate exactly."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import is_normalized, normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contamination.grams.first_pass import scan
from transforms.contamination.matches import ExaminedText, Match, matches
from transforms.contamination.patterns.task_index import TaskIndex
from transforms.contamination.patterns.task_patterns import NAME
from transforms.contamination.verdict import NO_EVIDENCE, strength, verdict
from transforms.lib.text.batch import text_batch

LINE_BREAK = re.compile(rb"\r+\n?")  # any that is not `\n`


@dataclass(frozen=True)
class Finding:
    """A verdict on one text and one task, with the best match of each channel.

    row: of the batch; task: its number in the index.
    """

    row: int
    text: ExaminedText
    task: int
    verdict: str
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class ExaminedBatch:
    """What `examine` found in a batch.

    findings: ordered by row and task; named: by task, how many texts define a function with the
    name of its entry point.
    """

    findings: list[Finding]
    named: dict[int, int]


def examine(contents: pa.StringArray, index: TaskIndex) -> ExaminedBatch:
    """Check a batch of texts (valid UTF-8, no nulls) against all tasks."""
    batch = text_batch(to_nfc(contents))
    patterns: dict[int, list[int]] = defaultdict(list)
    for row, pattern, _ in scan(batch, index.table).tolist():
        patterns[row].append(pattern)
    findings: list[Finding] = []
    named: dict[int, int] = defaultdict(int)
    for row in sorted(patterns):
        for pattern in patterns[row]:
            if index.channels[pattern] == NAME:
                named[int(index.task[pattern])] += 1
        if any(index.channels[pattern] != NAME for pattern in patterns[row]):
            content = batch.data[batch.offsets[row] : batch.offsets[row + 1]].tobytes()
            text = ExaminedText(LINE_BREAK.sub(b"\n", content), index)
            findings.extend(_findings(row, text, sorted(patterns[row])))
    return ExaminedBatch(findings, dict(named))


def to_nfc(contents: pa.StringArray) -> pa.StringArray:
    """The texts in Unicode's normal form C (`pc.utf8_normalize` gives form D, up to Arrow 25)."""
    rows = np.flatnonzero(pc.invert(pc.string_is_ascii(contents)).to_numpy(zero_copy_only=False))
    texts = {int(row): contents[int(row)].as_py() for row in rows}
    other = {row: text for row, text in texts.items() if not is_normalized("NFC", text)}
    if not other:
        return contents
    whole = contents.to_pylist()
    return pa.array([normalize("NFC", other[i]) if i in other else t for i, t in enumerate(whole)])


def _findings(row: int, text: ExaminedText, patterns: list[int]) -> Iterator[Finding]:
    best_of: dict[int, dict[str, Match]] = defaultdict(dict)
    for match in matches(text, patterns):
        best = best_of[match.task].get(match.channel)
        if strength(match) > NO_EVIDENCE and (best is None or _rank(match) > _rank(best)):
            best_of[match.task][match.channel] = match
    for task, by_channel in sorted(best_of.items()):
        answer = verdict(by_channel.values())
        if answer:
            yield Finding(row, text, task, answer, tuple(by_channel.values()))


def _rank(match: Match) -> tuple:
    return strength(match), match.score, match.found, -match.pattern
