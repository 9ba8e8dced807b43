"""leetcodedataset:PATH, LeetCodeDataset (Xia et al. 2025) as JSONL: one solution, many tests."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged import statement_examples
from transforms.contests.judged.assembly import function_in, function_problem
from transforms.contests.judged.statements import statement_text
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.python.literals import Unparsable, literal_of, parse
from transforms.lib.python.modules import function_named, parameters
from transforms.lib.records.fields import optional, required, tags

ENTRY = re.compile(r"Solution\(\)\.(\w+)")


def of_record(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The problem of a row."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    entry = ENTRY.fullmatch(required(record, "entry_point"))
    if entry is None:
        raise Unparsable("bad_field", "entry_point")
    solution = required(record, "completion")
    function = function_in(solution, entry[1])
    if function is None:
        raise Unparsable("no_solution", entry[1])
    names = tuple(parameter.arg for parameter in parameters(function))
    tests, unused = _asserted(str(record.get("test") or ""), names)
    if not tests:
        found = [
            statement_examples.Example(str(row.get("input")), str(row.get("output")))
            for row in _rows(record)
        ]
        tests, unused = statement_examples.read_examples(found, names)
    if not tests:
        raise Unparsable("no_tests", f"{unused} unread")
    return function_problem(_told(record), [solution], entry[1], tests, "dataset", unused=unused)


def _asserted(text: str, names: tuple[str, ...]) -> tuple[list[tuple[tuple, Any]], int]:
    """Tests of the shape `assert candidate(a = 1, b = 2) == 3`, and how many have another."""
    try:
        check = function_named(parse(text), "check")
    except Unparsable:
        return [], 0
    tests, unused = list[tuple[tuple, Any]](), 0
    for statement in check.body if check else ():
        try:
            tests.append(_assertion(statement, names))
        except Unparsable:
            unused += 1
    return tests, unused


def _assertion(statement: ast.stmt, names: tuple[str, ...]) -> tuple[tuple, Any]:
    match statement:
        case ast.Assert(
            test=ast.Compare(
                ops=[ast.Eq()],
                comparators=[expected],
                left=ast.Call(func=ast.Name(id="candidate"), args=[], keywords=given),
            )
        ):
            values = {str(keyword.arg): literal_of(keyword.value) for keyword in given}
            if set(values) == set(names):
                return tuple(values[name] for name in names), literal_of(expected)
    raise Unparsable("no_test")


def _rows(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = record.get("input_output")
    if not isinstance(rows, list):
        raise Unparsable("missing_field", "input_output")
    return [row for row in rows if isinstance(row, dict)]


def _told(record: Mapping[str, Any]) -> Told:
    """Earlier versions keep in `meta` what later ones have as fields."""
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
    return Told(
        title=slug.replace("-", " ").capitalize()[:200],
        statement=statement_text(str(statement)),
        slug=slug[:200],
        url=f"https://leetcode.com/problems/{slug[:200]}",
        difficulty=optional(known, "difficulty"),
        tags=tags(known.get("tags")),
    )


CONTEST = Contest(
    "leetcodedataset",
    of_record=of_record,
    fields=("task_id", "completion", "entry_point"),
    licence="MIT",
    redistributable=False,  # the licence is that of the collection; statements are LeetCode's
)
