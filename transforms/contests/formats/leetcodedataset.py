"""leetcodedataset:PATH, LeetCodeDataset (Xia et al. 2025): one solution and many tests each."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged import statement_examples
from transforms.contests.judged.assembly import function_in, function_problem
from transforms.contests.judged.statement_text import statement_text
from transforms.lib.problems.checks import ValueTest
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.python.literals import literal_of
from transforms.lib.python.modules import Module, function_named, parameters
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.records.fields import optional, required, tags

ENTRY_POINT = re.compile(r"Solution\(\)\.(\w+)")


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    entry = ENTRY_POINT.fullmatch(required(record, "entry_point"))
    if entry is None:
        raise Rejected("bad_field", "entry_point")
    solution = Module(required(record, "completion"))
    function = function_in(solution, entry[1])
    if function is None:
        raise Rejected("no_solution", entry[1])
    names = tuple(parameter.arg for parameter in parameters(function))
    tests, unused = _asserted(str(record.get("test") or ""), names)
    if not tests:
        pairs = [
            statement_examples.Example(str(row.get("input")), str(row.get("output")))
            for row in _rows(record)
        ]
        tests, unused = statement_examples.read_examples(pairs, names)
    if not tests:
        raise Rejected("no_tests", f"{unused} unread")
    description = _description(record)
    return function_problem(description, [solution], entry[1], tests, "dataset", unused=unused)


def _asserted(text: str, names: tuple[str, ...]) -> tuple[list[ValueTest], int]:
    """The tests of a text that are `assert candidate(a = 1, b = 2) == 3`, and how many are not."""
    try:
        check = function_named(parse(text), "check")
    except Rejected:
        return [], 0
    tests, unused = list[ValueTest](), 0
    for statement in check.body if check else ():
        try:
            tests.append(_assertion(statement, names))
        except Rejected:
            unused += 1
    return tests, unused


def _assertion(statement: ast.stmt, names: tuple[str, ...]) -> ValueTest:
    """The test of an assertion, with arguments in the order of the parameters `names`."""
    match statement:
        case ast.Assert(
            test=ast.Compare(
                ops=[ast.Eq()],
                comparators=[expected],
                left=ast.Call(func=ast.Name(id="candidate"), args=[], keywords=keywords),
            )
        ):
            values = {str(keyword.arg): literal_of(keyword.value) for keyword in keywords}
            if set(values) == set(names):
                return tuple(values[name] for name in names), literal_of(expected)
    raise Rejected("no_test")


def _rows(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The examples of a record."""
    rows = record.get("input_output")
    if not isinstance(rows, list):
        raise Rejected("missing_field", "input_output")
    return [row for row in rows if isinstance(row, dict)]


def _description(record: Mapping[str, Any]) -> Description:
    """The description; earlier versions keep in `meta` what later ones have as fields."""
    meta = record.get("meta")
    known = (dict(meta) if isinstance(meta, dict) else {}) | dict(record)
    statement = next(
        (
            known[name]
            for name in ("problem_description", "question_title", "query")
            if optional(known, name)
        ),
        "",
    )
    slug = required(record, "task_id")
    return Description(
        title=slug.replace("-", " ").capitalize()[:200],
        statement=statement_text(str(statement)),
        slug=slug[:200],
        url=f"https://leetcode.com/problems/{slug[:200]}",
        difficulty=optional(known, "difficulty"),
        tags=tags(known.get("tags")),
    )


FORMAT = Format(
    "leetcodedataset",
    of_record=of_record,
    fields=("task_id", "completion", "entry_point"),
    licence="MIT",
    redistributable=False,  # the licence is that of the collection; statements are LeetCode's
)
