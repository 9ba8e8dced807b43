"""What the matches of one text and one task together mean: a hit, a review, or nothing."""

from collections.abc import Iterable

from transforms.contamination.matches import Match
from transforms.contamination.patterns.task_patterns import (
    CODE,
    DOC,
    MIN_FAINT_CODE_GRAMS,
    MIN_FAINT_TREE_NODES,
    MIN_GRAMS,
    MIN_STRONG_TREE_NODES,
    MIN_WEAK_TEST_GRAMS,
    NAME,
    SIGNATURE,
    TEST,
    TREE,
)

HIT, REVIEW = "hit", "review"
# The strength of one match. STRONG: a hit by itself. WEAK: by itself a review. FAINT: nothing by
# itself. WEAK or FAINT matches of two kinds are a hit together.
STRONG, WEAK, FAINT, NO_EVIDENCE = 3, 2, 1, 0

# By channel, pairs of the fewest n-grams and the least containment; a match needs both numbers of
# a pair. Chosen with HumanEval and MBPP leaked into real files; README.md says how they do on
# tasks, files and releases that had no part in the choice.
STRONG_THRESHOLDS = {
    DOC: ((MIN_GRAMS[DOC], 0.8), (12, 0.65)),
    TEST: ((6, 0.8), (16, 0.6)),
    CODE: ((8, 0.75),),
}
WEAK_THRESHOLDS = {
    DOC: ((MIN_GRAMS[DOC], 0.5),),
    TEST: ((MIN_WEAK_TEST_GRAMS, 0.4),),
    CODE: ((5, 0.5),),
}
FAINT_THRESHOLDS = {DOC: ((1, 1.0),), TEST: (), CODE: ((MIN_FAINT_CODE_GRAMS, 0.75),)}
MIN_PROGRAM_PART = 0.75  # containment of C from which a text holds a program, not a part of one
# The kinds of evidence: code and tree see the same thing, so that both are one piece of evidence.
NAMES = (NAME, SIGNATURE)  # they say that a function is called so, and no more
KIND_OF_EVIDENCE = {DOC: "doc", TEST: "test", CODE: "code", TREE: "code"}


def strength(match: Match) -> int:
    """STRONG, WEAK, FAINT or NO_EVIDENCE: what one match says by itself."""
    if match.channel == NAME:
        return FAINT
    if match.channel == SIGNATURE:
        return WEAK
    if match.all_or_nothing and match.found < match.total:
        return NO_EVIDENCE
    if match.channel == TREE:
        if match.found >= MIN_STRONG_TREE_NODES:
            return STRONG
        return FAINT if match.found >= MIN_FAINT_TREE_NODES else NO_EVIDENCE
    for level, thresholds in (
        (STRONG, STRONG_THRESHOLDS),
        (WEAK, WEAK_THRESHOLDS),
        (FAINT, FAINT_THRESHOLDS),
    ):
        pairs = thresholds[match.channel]
        if any(match.found >= least and match.score >= part for least, part in pairs):
            return min(level, WEAK) if match.helpers else level
    return NO_EVIDENCE


def verdict(matches: Iterable[Match]) -> str | None:
    """HIT, REVIEW or None for the matches of one text and one task.

    A hit is strong evidence; or weaker evidence of two kinds; or weaker evidence of one kind with
    the entry point's name. Less than a whole program with its name is no hit, as textbooks have
    such programs (`shell_sort`).

    >>> def match(channel, found, total=20):
    ...     return Match(0, channel, 0, found, total, 0, 0, False)
    >>> verdict([match(DOC, 17)])
    'hit'
    >>> verdict([match(DOC, 11)])
    'review'
    >>> verdict([match(DOC, 11), match(TEST, 9)])
    'hit'
    >>> verdict([match(NAME, 1, 1)]) is None
    True
    >>> verdict([match(NAME, 1, 1), match(SIGNATURE, 1, 1)])
    'review'
    """
    strengths = {match: strength(match) for match in matches}
    if STRONG in strengths.values():
        return HIT
    kinds = {KIND_OF_EVIDENCE[m.channel] for m, level in strengths.items() if _counts(m, level)}
    named = any(match.channel in NAMES for match in strengths)
    whole = any(level and _is_whole(match) for match, level in strengths.items())
    if len(kinds) > 1 or (named and whole):
        return HIT
    return REVIEW if WEAK in strengths.values() else None


def _counts(match: Match, level: int) -> bool:
    return level > NO_EVIDENCE and match.channel not in NAMES


def _is_whole(match: Match) -> bool:
    """Whether a match is more than a part of a program."""
    if match.channel == CODE:
        return match.score >= MIN_PROGRAM_PART
    return match.channel in (DOC, TEST, TREE)
