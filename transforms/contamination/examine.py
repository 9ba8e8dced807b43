"""A batch of texts checked against all tasks: the first pass, then each candidate exactly."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from transforms.contamination.grams.first_pass import scan
from transforms.contamination.matches import ExaminedText, Match, matches
from transforms.contamination.patterns.task_index import TaskIndex
from transforms.contamination.patterns.task_patterns import NAME
from transforms.contamination.verdict import NO_EVIDENCE, strength, verdict
from transforms.contamination.views.layers import (
    LINE_BREAK,
    MAX_LAYERS,
    MAX_VIEW_FACTOR,
    MAX_VIEW_SLACK,
    STRINGS,
    Growing,
    Layer,
    add_decoded,
    add_prefixed,
    pieces,
    plain_layer,
)
from transforms.contamination.views.plain_characters import plain_texts
from transforms.lib.text.batch import text_batch


@dataclass(frozen=True)
class CandidatePart:
    """A part of a row (the text, a piece or a view of it), and patterns that may be in it.

    begin, end: its bytes in the layer's data; text: which of the layer's texts it is of.
    """

    layer: Layer
    text: int
    begin: int
    end: int
    patterns: list[int]


@dataclass(frozen=True)
class TaskFinding:
    """A verdict on one text and one task, with the best match of each channel.

    row: of the batch; parts: of the row, among which each match names its own; task: its number
    in the index.
    """

    row: int
    parts: Sequence[ExaminedText]
    task: int
    verdict: str
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class ExaminedBatch:
    """What `examine` found in a batch.

    findings: ordered by row and task; named: by row, the tasks whose entry point's name a function
    has that the text defines.
    """

    findings: list[TaskFinding]
    named: dict[int, set[int]]


def examine(contents: pa.StringArray, index: TaskIndex) -> ExaminedBatch:
    """Check a batch of texts (valid UTF-8, no nulls) and their views against all tasks."""
    candidates: dict[int, list[CandidatePart]] = defaultdict(list)
    for row, candidate in find_candidates(contents, index):
        candidates[row].append(candidate)
    findings: list[TaskFinding] = []
    named: dict[int, set[int]] = {}
    for row in sorted(candidates):
        found = {pattern for candidate in candidates[row] for pattern in candidate.patterns}
        names = {int(index.task[p]) for p in found if index.channels[p] == NAME}
        if names:
            named[row] = names
        if any(index.channels[pattern] != NAME for pattern in found):
            findings.extend(_findings(row, candidates[row], index))
    return ExaminedBatch(findings, named)


def find_candidates(
    contents: pa.StringArray, index: TaskIndex
) -> Iterator[tuple[int, CandidatePart]]:
    """Rows of a batch, each with a part that may hold a task; a text comes before its views."""
    layer: Layer | None = plain_layer(text_batch(plain_texts(contents)))
    room = MAX_VIEW_FACTOR * len(layer.data) + MAX_VIEW_SLACK if layer else 0
    for depth in range(MAX_LAYERS):
        if layer is None or (depth > 1 and len(layer.data) > room):
            return
        part = pieces(layer)
        scanned = scan(layer.data, part.begin, part.end, index.table)
        patterns: dict[int, list[int]] = defaultdict(list)
        for number, pattern, _ in scanned.candidates.tolist():
            patterns[number].append(pattern)
        for number in sorted(patterns):
            text = int(part.text[number])
            begin, end = int(part.begin[number]), int(part.end[number])
            found = CandidatePart(layer, text, begin, end, sorted(patterns[number]))
            yield int(layer.rows[text]), found
        if depth + 1 < MAX_LAYERS:
            above = Growing(layer)
            above.add(STRINGS, scanned.strings, scanned.sizes, part.text)
            add_prefixed(layer, above)
            add_decoded(layer, above)
            layer = above.layer()


def _findings(row: int, candidates: list[CandidatePart], index: TaskIndex) -> Iterator[TaskFinding]:
    best_of: dict[int, dict[str, Match]] = defaultdict(dict)
    parts = []
    for number, candidate in enumerate(candidates):
        content = candidate.layer.data[candidate.begin : candidate.end].tobytes()
        text = ExaminedText(
            LINE_BREAK.sub(b"\n", content),
            index,
            candidate.layer,
            candidate.text,
            candidate.begin,
        )
        parts.append(text)
        for match in matches(text, candidate.patterns):
            best = best_of[match.task].get(match.channel)
            if strength(match) > NO_EVIDENCE and (best is None or _rank(match) > _rank(best)):
                best_of[match.task][match.channel] = replace(match, part=number)
    for task, by_channel in sorted(best_of.items()):
        answer = verdict(by_channel.values())
        if answer:
            yield TaskFinding(row, parts, task, answer, tuple(by_channel.values()))


def _rank(match: Match) -> tuple:
    return strength(match), match.score, match.found, -match.pattern
