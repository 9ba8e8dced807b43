r"""Secrets in the texts of problems: which kinds there are, and masks in their place.

A value that is found in one text of a problem is one in all of its texts: nothing around an
argument of a test tells that it is the password which the solution compares with. So the same
value has the same mask in the whole problem, and its tests may still hold. `problem_id` stays that
of the problem without masks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from transforms.lib.detection.find import find_secrets
from transforms.lib.detection.finding import HIGH, Finding
from transforms.lib.detection.masks import Masked, masked, masks
from transforms.lib.detection.policy import MASK, Policy, strongest
from transforms.lib.problems.problem_texts import BREAK, ProblemTexts
from transforms.lib.text.batch import text_batch

Row = dict[str, Any]

BATCH_BYTES = 16 << 20  # of texts that are looked at together
# A value elsewhere in a problem is a whole word; the letter of an escape such as \n is none of it.
WORD = rb"(?:(?<![0-9A-Za-z_])|(?<=\\[abfnrtv]))(?:%s)(?![0-9A-Za-z_])"
QUOTED = rb"(?<=['\"])(?:%s)(?=\\?['\"])"
MIN_UNQUOTED = 8  # bytes: a shorter value is one elsewhere only in quotes, as it may be a name


def apply_policy(rows: Iterable[Row], policy: Policy | None) -> Iterator[Row]:
    """The rows with `secret_kinds` and `secrets_action`; masked where the policy says so.

    Without a policy they are as they came, and nothing is looked for.
    """
    if policy is None:
        yield from rows
        return
    for batch in _batches(rows):
        for problem, findings in zip(batch, find_in_problems(batch), strict=True):
            yield _as_the_policy_says(problem, findings, policy)


def values_hidden(row: Row, messages: Sequence[str | None]) -> list[str | None]:
    """Messages about a problem with masks in place of the values that are found in the problem.

    `messages` may repeat what its programs returned or raised. A row whose `secret_kinds` are
    empty or null has none to hide.
    """
    if not row.get("secret_kinds"):
        return list(messages)
    problem = ProblemTexts.of(row)
    [findings] = find_in_problems([problem])
    hidden = list(messages)
    for number, message in enumerate(messages):
        if message and findings:
            content = BREAK.join([problem.content, message.encode()])
            found = [*findings, *_elsewhere(content, findings)]
            begin = len(content) - len(message.encode())
            [hidden[number]] = [
                text.decode() for text in _masked_texts(content, [(begin, len(content))], found)
            ]
    return hidden


def _batches(rows: Iterable[Row]) -> Iterator[list[ProblemTexts]]:
    """The problems, some at a time: a detector costs more by the call than by the text."""
    batch, size = list[ProblemTexts](), 0
    for row in rows:
        batch.append(ProblemTexts.of(row))
        size += sum(map(len, batch[-1].texts))
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def find_in_problems(problems: Sequence[ProblemTexts]) -> list[list[Finding]]:
    """The sure findings in the content of each problem, sorted, none of which overlap."""
    parts = [problem.looked_at() for problem in problems]
    texts = [text.decode() for of_problem in parts for _, text in of_problem]
    found = iter(find_secrets(text_batch(pa.array(texts, pa.string()))))
    sure = []
    for problem, of_problem in zip(problems, parts, strict=True):
        findings = [
            finding._replace(begin=begin + finding.begin, end=begin + finding.end)
            for begin, _ in of_problem
            for finding in next(found)
            if finding.confidence == HIGH
        ]
        sure.append(sorted([*findings, *_elsewhere(problem.content, findings)]))
    return sure


def _elsewhere(content: bytes, findings: Sequence[Finding]) -> list[Finding]:
    """Where the values of findings stand in the content beside these findings."""
    if not findings:
        return []
    first: dict[bytes, Finding] = {}
    for finding in findings:
        first.setdefault(content[finding.begin : finding.end], finding)
    taken = sorted((finding.begin, finding.end) for finding in findings)
    return [
        first[match[0]]._replace(begin=match.start(), end=match.end())
        for match in _pattern(first).finditer(content)
        if all(match.end() <= begin or end <= match.start() for begin, end in taken)
    ]


def _pattern(values: Iterable[bytes]) -> re.Pattern[bytes]:
    """What matches one of the values where it stands as a whole, the longest that does."""
    ordered = sorted((v for v in values if BREAK not in v), key=lambda v: (-len(v), v))
    long = b"|".join(re.escape(value) for value in ordered if len(value) >= MIN_UNQUOTED)
    short = b"|".join(re.escape(value) for value in ordered if len(value) < MIN_UNQUOTED)
    forms = [WORD % long] if long else []
    forms += [QUOTED % short] if short else []
    return re.compile(b"|".join(forms) or rb"(?!)")


def _as_the_policy_says(problem: ProblemTexts, findings: Sequence[Finding], policy: Policy) -> Row:
    row = dict(problem.row)
    hidden = [finding for finding in findings if policy.action(finding) == MASK]
    if hidden:
        row = problem.with_texts(_masked_texts(problem.content, problem.bounds(), hidden))
    return row | {
        "secret_kinds": sorted({finding.kind for finding in findings}),
        "secrets_action": strongest([policy.action(finding) for finding in findings]),
    }


def _masked_texts(
    content: bytes, bounds: Sequence[tuple[int, int]], findings: Sequence[Finding]
) -> list[bytes]:
    """The texts between these bounds of a content, with masks in place of the findings."""
    ordered = sorted(findings)
    written = list(zip(ordered, masks(content, ordered), strict=True))
    return [
        masked(
            content[begin:end],
            [
                Masked(max(f.begin, begin) - begin, min(f.end, end) - begin, mask)
                for f, mask in written
                if f.begin < end and begin < f.end
            ],
        )
        for begin, end in bounds
    ]
