"""What the matches of one text and one task together mean: a hit, a review, or nothing."""

from collections.abc import Iterable

from transforms.contamination.matches import Match
from transforms.contamination.patterns.task_patterns import (
    DOC,
    FEW_CODE,
    FEWEST,
    NAME,
    PROGRAM,
    SMALL_NODES,
    TEST,
    TREE,
    TREE_NODES,
)

HIT, REVIEW = "hit", "review"
# Evidence by itself; evidence that a person should look at; and what counts beside other evidence.
STRONG, WEAK, FAINT, NONE = 3, 2, 1, 0

# By (n-grams at least, containment at least). Chosen with HumanEval and MBPP on real files; README
# tells how they do on tasks, hosts and releases that had no part in the choice.
STRONG_BANDS = {
    DOC: ((FEWEST[DOC], 0.8), (12, 0.65)),
    TEST: ((6, 0.8), (16, 0.6)),
    PROGRAM: ((8, 0.75),),
}
WEAK_BANDS = {DOC: ((FEWEST[DOC], 0.5),), TEST: ((5, 0.4),), PROGRAM: ((5, 0.5),)}
FAINT_BANDS = {DOC: ((1, 1.0),), TEST: (), PROGRAM: ((FEW_CODE, 0.75),)}
# Channels that see the same thing are one piece of evidence.
FACTS = {DOC: "doc", TEST: "test", PROGRAM: "code", TREE: "code"}


def strength(match: Match) -> int:
    """How much one match says by itself."""
    if match.channel == NAME:
        return FAINT
    if match.whole and match.hit < match.total:
        return NONE
    if match.channel == TREE:
        return STRONG if match.hit >= TREE_NODES else FAINT if match.hit >= SMALL_NODES else NONE
    for level, bands in ((STRONG, STRONG_BANDS), (WEAK, WEAK_BANDS), (FAINT, FAINT_BANDS)):
        if any(match.hit >= least and match.score >= part for least, part in bands[match.channel]):
            return level
    return NONE


def verdict(matches: Iterable[Match]) -> str | None:
    """HIT, REVIEW or None for the matches of one text and one task.

    A hit is strong evidence, or weaker evidence of two kinds, or of one with the entry point's
    name; half of a program under its name alone is none, as textbooks have such (`shell_sort`).
    """
    told = {match: strength(match) for match in matches}
    if STRONG in told.values():
        return HIT
    facts = {FACTS[m.channel] for m, level in told.items() if level and m.channel != NAME}
    named = any(match.channel == NAME for match in told)
    firm = any(level and _is_whole(match) for match, level in told.items())
    if len(facts) > 1 or (named and firm):
        return HIT
    return REVIEW if WEAK in told.values() else None


def _is_whole(match: Match) -> bool:
    """Whether it is more than a part of a program."""
    return match.channel in (DOC, TEST, TREE) or (match.channel == PROGRAM and match.score >= 0.75)
