"""A case as rows of `hits`: where it stands, and both sides as a person can compare them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from transforms.contamination.examine import Case
from transforms.contamination.grams.ngrams import SIZES, grams
from transforms.contamination.grams.scan import places
from transforms.contamination.matches import Match, Text
from transforms.contamination.patterns.task_patterns import CHANNELS, KINDS, NAME, TREE

EXACT = "X"  # the channel of what stands there word for word; evidence beside others
EXACT_CHARACTERS = 40  # below, anything may stand anywhere
EXCERPT = 500  # characters of each side
CUT = " […]"


@dataclass(frozen=True)
class Evidence:
    """One row of a case: a channel, its score, the lines (from 1) and the two excerpts."""

    channel: str
    score: float
    hit: int
    total: int
    function: str | None
    first: int
    last: int
    theirs: str
    ours: str


def evidence(case: Case) -> Iterator[Evidence]:
    """The rows of a case, the channels in their order, the exact text last."""
    ordered = sorted(case.matches, key=lambda match: CHANNELS.index(match.channel))
    for match in ordered:
        yield _evidence(case.text, match, match.channel, _eval_side(case.text, match))
    exact = (found for match in ordered if (found := _exact(case.text, match)))
    for match in list(exact)[:1]:
        whole = case.text.index.texts[match.pattern]
        yield _evidence(case.text, match, EXACT, whole)


def _evidence(text: Text, match: Match, channel: str, theirs: str) -> Evidence:
    first, last = text.line(match.begin), text.line(max(match.begin, match.end - 1))
    ours = text.content[match.begin : match.end].decode("utf-8", "replace")
    return Evidence(
        channel,
        match.score,
        match.hit,
        match.total,
        _function(text, first, last),
        first,
        last,
        shown(theirs),
        shown(ours),
    )


def shown(text: str) -> str:
    """A text as an excerpt."""
    stripped = text.strip("\n")
    return stripped if len(stripped) <= EXCERPT else stripped[:EXCERPT].rstrip() + CUT


def _function(text: Text, first: int, last: int) -> str | None:
    """The innermost function around the lines, or the first that begins in them."""
    around = [p for p in text.blocks.all if p.name and p.first <= first and p.last >= last]
    within = [p for p in text.blocks.all if p.name and first <= p.first <= last]
    found = around[-1:] or within[:1]
    return found[0].name if found else None


def _eval_side(text: Text, match: Match) -> str:
    """The part of the task's text whose n-grams stand in the match."""
    whole = text.index.texts[match.pattern]
    if match.channel in (TREE, NAME):
        return whole
    kind = KINDS[match.channel]
    found = text.found(kind)
    starts = found.tokens.start[found.positions]
    there = found.keys[(starts >= match.begin) & (starts < match.end)]
    content = whole.encode("utf-8", "replace")
    hashes, own, _ = grams(content, kind)
    shared = np.isin(places(hashes, text.index.table), there)
    positions = np.flatnonzero(shared)
    if not len(positions):  # beyond what is kept of the text
        return whole
    end = own.stop[positions[-1] + SIZES[kind] - 1]
    return content[own.start[positions[0]] : end].decode("utf-8", "replace")


def _exact(text: Text, match: Match) -> Match | None:
    """Where the text of the pattern stands word for word, white space apart."""
    words = text.index.texts[match.pattern].encode("utf-8", "replace").split()
    letters = sum(map(len, words))
    if match.channel == NAME or letters < EXACT_CHARACTERS:
        return None
    found = re.search(rb"\s+".join(map(re.escape, words)), text.content)
    if found is None:
        return None
    return replace(match, hit=letters, total=letters, begin=found.start(), end=found.end())
