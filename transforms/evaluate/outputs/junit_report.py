r"""JUnit XML, as CI servers show it: a test case for each task, which passes if a sample does.

Times are left out, because they differ from run to run. Characters that XML cannot hold are shown
as Python escapes them (`\x00`).
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from transforms.evaluate.evaluated import Evaluated
from transforms.evaluate.failure_kinds import FAILURES

SHOWN_SAMPLES = 10  # failures of one task that are told
COLUMNS = ("line", "passed", "failure", "why", "failed_test")  # of `verdicts/evaluate`
SKIPPED = "its own reference fails"
# All that is no Char of XML 1.0 (section 2.2).
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_lines(evaluated: Evaluated) -> Iterator[str]:
    """The file, a test case a line; tasks without samples are not in it.

    Tasks that are not scored are skipped.
    """
    suite, tasks = evaluated.request.evaluation.suite, evaluated.verdicts_by_task(*COLUMNS)
    failed = sum(not any(one["passed"] for one in each) for each in tasks.values())
    skipped = evaluated.request.evaluation.left_out
    counts = (
        f'tests="{len(tasks) + len(skipped)}" failures="{failed}" errors="0"'
        f' skipped="{len(skipped)}"'
    )
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="quire evaluate" {counts}>\n'
    yield f"<testsuite name={_quoted(suite)} {counts}>\n"
    for task, verdicts in tasks.items():
        yield _test_case(suite, task, verdicts)
    for task in skipped:
        yield f"{_head(suite, task)}><skipped message={SKIPPED!r}/></testcase>\n"
    yield "</testsuite>\n</testsuites>\n"


def _head(suite: str, task: str) -> str:
    """The beginning of a test case, up to its attributes."""
    return f"<testcase classname={_quoted(suite)} name={_quoted(task)}"


def _test_case(suite: str, task: str, verdicts: list[dict[str, Any]]) -> str:
    head = _head(suite, task)
    failures = [each for each in verdicts if not each["passed"]]
    if not failures:
        return f"{head}/>\n"
    told = "\n".join(map(_line, failures[:SHOWN_SAMPLES]))
    if len(failures) > SHOWN_SAMPLES:
        told += f"\nand {len(failures) - SHOWN_SAMPLES} more"
    passed = f"{len(verdicts) - len(failures)} of {len(verdicts)} samples passed"
    text = escape(_printable(told))
    if len(failures) < len(verdicts):
        return f"{head}><system-out>{escape(passed)}\n{text}</system-out></testcase>\n"
    first = failures[0]
    message = first["why"] if len(verdicts) == 1 else f"{passed}; the first: {first['why']}"
    attributes = f"type={_quoted(first['failure'])} message={_quoted(message)}"
    return f"{head}><failure {attributes}>{text}</failure></testcase>\n"


def _line(verdict: dict[str, Any]) -> str:
    """What is told of a failed sample."""
    told = f"line {verdict['line']}: {FAILURES[verdict['failure']]}: {verdict['why']}"
    if verdict["failed_test"]:
        told += f"\n    {verdict['failed_test']}"
    return told


def _quoted(text: str) -> str:
    """A text as the value of an attribute, in quotes."""
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    return NO_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
