r"""Secrets in the texts of problems: which kinds there are, and masks in their place.

A value that is found in one text of a problem is one in all of its texts: nothing around an
argument of a test tells that it is the password which the solution compares with. So the same
value has the same mask in the whole problem, and its tests may still hold. `problem_id` stays that
of the problem without masks.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.lib.detection.find import find_in_prose, find_secrets
from transforms.lib.detection.finding import CREDENTIALS, HIGH, KINDS, Finding
from transforms.lib.detection.inside_tokens import inside_tokens
from transforms.lib.detection.masks import masked_part, masked_ranges, masks
from transforms.lib.detection.policy import MASK, Policy, strongest
from transforms.lib.problems.problem_texts import BREAK, ProblemTexts, TextPart
from transforms.lib.text.batch import text_batch

Row = dict[str, Any]
Values = dict[bytes, str]  # values that are known, each with its kind

NOTHING_KNOWN: Values = {}

KNOWN = "known"  # the rule of a value that was found in what a problem is made of
BATCH_BYTES = 16 << 20  # of texts that are looked at together
# A value elsewhere in a problem is a whole word; the letter of an escape such as \n is none of it.
WORD = rb"(?:(?<![0-9A-Za-z_])|(?<=\\[abfnrtv]))(?:%s)(?![0-9A-Za-z_])"
QUOTED = rb"(?<=['\"])(?:%s)(?=\\?['\"])"
MIN_UNQUOTED = 8  # bytes: a shorter value is one elsewhere only in quotes, as it may be any word
MIN_CUT = 4  # bytes of a value before the end of a message that is cut within it
CUT = "…".encode()
MOST_VALUES = 100  # looked for elsewhere: of thousands of addresses each is told by its form


def apply_policy(
    rows: Sequence[Row], policy: Policy, known: Sequence[Values] | None = None
) -> Iterator[Row]:
    """The rows with `secret_kinds` and `secrets_action`; masked where the policy says so.

    `known` are for each row the values that were found in what it is made of.
    """
    for batch in _batches(zip(rows, known or repeat(NOTHING_KNOWN), strict=False)):
        for (problem, _), findings in zip(batch, find_in_problems(batch), strict=True):
            yield _as_the_policy_says(problem, findings, policy)


def values_hidden(row: Row, messages: Sequence[str | None]) -> list[str | None]:
    """Messages about a problem with masks in place of the values that are found in the problem.

    `messages` may repeat what its programs returned or raised. A row whose `secret_kinds` are
    empty or null has none to hide.
    """
    if not row.get("secret_kinds"):
        return list(messages)
    problem = ProblemTexts.of(row)
    [findings] = find_in_problems([(problem, NOTHING_KNOWN)])
    values = [problem.content[finding.begin : finding.end] for finding in findings]
    mask_of = dict(zip(values, masks(problem.content, findings), strict=True))
    pattern, cut = _pattern(mask_of), _cut_pattern(mask_of)

    def hidden(message: str) -> str:
        content = message.encode("utf-8", "surrogatepass")  # foreign code may raise anything
        content = pattern.sub(lambda found: mask_of[found[0]].encode(), content)
        return (cut.sub(CUT, content) if cut else content).decode("utf-8", "surrogatepass")

    return [message and hidden(message) for message in messages]


def _batches(rows: Iterable[tuple[Row, Values]]) -> Iterator[list[tuple[ProblemTexts, Values]]]:
    """The problems, some at a time: a detector costs more by the call than by the text."""
    batch, size = list[tuple[ProblemTexts, Values]](), 0
    for row, known in rows:
        batch.append((ProblemTexts.of(row), known))
        size += sum(map(len, batch[-1][0].texts))
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def find_in_problems(problems: Sequence[tuple[ProblemTexts, Values]]) -> list[list[Finding]]:
    """The sure findings in the content of each problem, sorted, none of which overlap."""
    parts = [list(problem.parts()) for problem, _ in problems]
    found = {
        is_code: iter(_found(part for each in parts for part in each if part.is_code == is_code))
        for is_code in (True, False)
    }
    sure = []
    for (problem, known), of_problem in zip(problems, parts, strict=True):
        findings = [
            finding._replace(begin=part.begin + finding.begin, end=part.begin + finding.end)
            for part in of_problem
            for finding in next(found[part.is_code])
            if finding.confidence == HIGH
        ]
        values = _sought(known | _values(problem.content, findings))
        taken = _Ordered(findings)
        more = [each for part in of_problem for each in _elsewhere(part, values, taken)]
        sure.append(sorted([*findings, *more]))
    return sure


def _values(content: bytes, findings: Iterable[Finding]) -> dict[bytes, str]:
    """The values of findings in a content, each with its kind."""
    return {content[finding.begin : finding.end]: finding.kind for finding in findings}


def _sought(values: Values) -> Values:
    """The values that are looked for elsewhere: credentials first, as little tells them."""
    ordered = sorted(values.items(), key=lambda item: item[1] not in CREDENTIALS)
    return dict(ordered[:MOST_VALUES])


def _found(parts: Iterable[TextPart]) -> list[list[Finding]]:
    """The findings in each of some parts, which are all code or all none."""
    chosen = list(parts)
    find = find_secrets if chosen and chosen[0].is_code else find_in_prose
    return find(text_batch(pa.array([part.text.decode() for part in chosen], pa.string())))


def _elsewhere(part: TextPart, values: Values, taken: "_Ordered") -> list[Finding]:
    """Where values stand in a part of a content, beside the findings that are known.

    In code only strings and comments have values: a name that is the same is none.
    """
    if not values:
        return []
    found = [
        Finding(*match.span(), KNOWN, values[match[0]])
        for match in _pattern(values).finditer(part.text)
    ]
    if part.is_code and found:
        found = inside_tokens(np.frombuffer(part.text, np.uint8), found)
    moved = [
        each._replace(begin=part.begin + each.begin, end=part.begin + each.end) for each in found
    ]
    return [each for each in moved if not taken.within(each.begin, each.end)]


def _pattern(values: Iterable[bytes]) -> re.Pattern[bytes]:
    """What matches one of the values where it stands as a whole, the longest that does."""
    ordered = sorted((v for v in values if BREAK not in v), key=lambda v: (-len(v), v))
    long = b"|".join(re.escape(value) for value in ordered if len(value) >= MIN_UNQUOTED)
    short = b"|".join(re.escape(value) for value in ordered if len(value) < MIN_UNQUOTED)
    forms = [WORD % long] if long else []
    forms += [QUOTED % short] if short else []
    return re.compile(b"|".join(forms) or rb"(?!)")


def _cut_pattern(values: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """What matches the beginning of a value at which a message is cut; None if there are none."""
    beginnings = {value[:MIN_CUT]: None for value in values if len(value) > MIN_CUT}
    if not beginnings:
        return None
    begin = b"|".join(map(re.escape, beginnings))
    return re.compile(rb"(?:%s)[^\s'\"]*(?:%s|\Z)" % (begin, CUT))


def _as_the_policy_says(problem: ProblemTexts, findings: Sequence[Finding], policy: Policy) -> Row:
    row = dict(problem.row)
    hidden = [finding for finding in findings if policy.action(finding) == MASK]
    if hidden:
        row = problem.with_texts(_masked_texts(problem.content, problem.bounds, hidden))
    return row | {
        "secret_kinds": sorted({finding.kind for finding in findings}, key=KINDS.index),
        "secrets_action": strongest([policy.action(finding) for finding in findings]),
    }


def _masked_texts(
    content: bytes, bounds: Sequence[tuple[int, int]], findings: Sequence[Finding]
) -> list[bytes]:
    """The texts between these bounds of a content, with masks in place of the findings."""
    ordered = _Ordered(findings)
    range_of = dict(zip(ordered.all, masked_ranges(content, ordered.all), strict=True))
    return [
        masked_part(content, begin, end, (range_of[each] for each in ordered.within(begin, end)))
        for begin, end in bounds
    ]


class _Ordered:
    """Findings that do not overlap, sorted: a test may have a hundred thousand addresses."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.all = sorted(findings)
        self._begins = [finding.begin for finding in self.all]
        self._ends = [finding.end for finding in self.all]

    def within(self, begin: int, end: int) -> list[Finding]:
        """Those that have a byte between these two."""
        return self.all[bisect_right(self._ends, begin) : bisect_left(self._begins, end)]
