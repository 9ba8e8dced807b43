"""A finding as pieces of evidence: lines, function, and excerpts of task and text to compare."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from transforms.contamination.examine import TaskFinding
from transforms.contamination.grams.gram_table import find_grams
from transforms.contamination.grams.ngrams import GRAM_SIZES, grams
from transforms.contamination.hidden_values import hidden_ranges
from transforms.contamination.matches import ExaminedText, Match
from transforms.contamination.patterns.task_patterns import (
    CHANNELS,
    GRAMS_OF_CHANNEL,
    NAME,
    SIGNATURE,
    TREE,
)
from transforms.lib.detection.masks import Masked, masked_part
from transforms.lib.detection.policy import REPORT, Policy

EXACT_TEXT = "X"  # the channel of a task's text that a text holds word for word
MIN_EXACT_CHARACTERS = 40  # white space apart: a shorter text may stand anywhere by chance
MAX_EXCERPT_CHARACTERS = 500  # of each side
CUT_MARK = " […]"


@dataclass(frozen=True)
class Evidence:
    """One row of `hits`: a channel with score and n-grams, where it is, and both excerpts.

    view: the views by which it was seen, "" for the text as it is; found: how many of the `total`
    n-grams; first, last: lines from 1; function: qualified name, None outside of functions.
    """

    channel: str
    view: str
    score: float
    found: int
    total: int
    function: str | None
    first: int
    last: int
    task_excerpt: str
    text_excerpt: str


def evidence(finding: TaskFinding, policy: Policy | None = None) -> Iterator[Evidence]:
    """The evidence of a finding, ordered by channel; the exact text, if it is there, comes last.

    Excerpts of the text are masked as the policy of `secrets` says; lines are those without masks.
    """
    parts = finding.parts
    hidden = _hidden(parts, policy)
    ordered = sorted(finding.matches, key=lambda match: CHANNELS.index(match.channel))
    for match in ordered:
        text = parts[match.part]
        yield _evidence(text, match, match.channel, _task_side(text, match), hidden(match.part))
    exact = (same for match in ordered if (same := _exact_match(parts[match.part], match)))
    for match in list(exact)[:1]:
        text = parts[match.part]
        task_side = text.index.texts[match.pattern]
        yield _evidence(text, match, EXACT_TEXT, task_side, hidden(match.part))


def _hidden(parts: Sequence[ExaminedText], policy: Policy | None) -> Callable[[int], list[Masked]]:
    """What is masked in each part of a row, by its number; looked for once, if it is asked for."""

    @cache
    def ranges(part: int) -> list[Masked]:
        if policy is None or policy.name == REPORT:
            return []
        return hidden_ranges(parts[part].content, policy)

    return ranges


def _evidence(
    text: ExaminedText, match: Match, channel: str, task_side: str, hidden: list[Masked]
) -> Evidence:
    first, last = text.line_of(match.begin), text.line_of(max(match.begin, match.end - 1))
    text_side = masked_part(text.content, match.begin, match.end, hidden)
    return Evidence(
        channel,
        text.view,
        match.score,
        match.found,
        match.total,
        _function_name(text, first, last),
        text.line_in_row(match.begin),
        text.line_in_row(max(match.begin, match.end - 1)),
        excerpt(task_side),
        excerpt(text_side.decode("utf-8", "replace")),
    )


def excerpt(text: str) -> str:
    """The text without empty lines around it, cut to MAX_EXCERPT_CHARACTERS."""
    stripped = text.strip("\n")
    if len(stripped) <= MAX_EXCERPT_CHARACTERS:
        return stripped
    return stripped[:MAX_EXCERPT_CHARACTERS].rstrip() + CUT_MARK


def _function_name(text: ExaminedText, first: int, last: int) -> str | None:
    """The innermost function around these lines, or else the first that begins in them."""
    functions = [function for function in text.functions.all if function.name]
    around = [f for f in functions if f.first <= first and f.last >= last]
    within = [f for f in functions if first <= f.first <= last]
    chosen = around[-1:] or within[:1]
    return chosen[0].name if chosen else None


def _task_side(text: ExaminedText, match: Match) -> str:
    """The part of the task's text whose n-grams are in the match."""
    whole = text.index.texts[match.pattern]
    if match.channel in (TREE, NAME, SIGNATURE):
        return whole
    kind = GRAMS_OF_CHANNEL[match.channel]
    known = text.known_grams(kind)
    starts = known.tokens.start[known.positions]
    matched_keys = known.keys[(starts >= match.begin) & (starts < match.end)]
    content = whole.encode("utf-8", "replace")
    hashes, tokens, _ = grams(content, kind)
    positions = np.flatnonzero(np.isin(find_grams(hashes, text.index.table), matched_keys))
    if not len(positions):  # the match is beyond what the index keeps of the task's text
        return whole
    end = tokens.stop[positions[-1] + GRAM_SIZES[kind] - 1]
    return content[tokens.start[positions[0]] : end].decode("utf-8", "replace")


def _exact_match(text: ExaminedText, match: Match) -> Match | None:
    """The pattern's text in the text word for word, white space apart; None if it is not there."""
    words = text.index.texts[match.pattern].encode("utf-8", "replace").split()
    letters = sum(map(len, words))
    if match.channel in (NAME, SIGNATURE) or letters < MIN_EXACT_CHARACTERS:
        return None
    same = re.search(rb"\s+".join(map(re.escape, words)), text.content)
    if same is None:
        return None
    return replace(match, found=letters, total=letters, begin=same.start(), end=same.end())
