"""codeforces:PATH, open-r1/codeforces as Parquet or JSON Lines, with a field `solutions` added."""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.input_output import stdio_cases
from transforms.contests.judged.statement_text import statement_text
from transforms.contests.judged.stdio_problems import stdio_problem
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import optional, required, tags, texts

# Fields that are parts of the statement, with their headings.
STATEMENT_PARTS = (("input_format", "Input"), ("output_format", "Output"), ("note", "Note"))
# Fields with tests, and the origin that a test of theirs has.
TEST_FIELDS = (("examples", "statement"), ("official_tests", "official"))


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    if optional(record, "interaction_format"):
        raise Rejected("interactive")
    if optional(record, "input_mode") not in (None, "stdio"):
        raise Rejected("file_input", optional(record, "input_mode"))
    cases, unused = list[TestCase](), 0
    for field, origin in TEST_FIELDS:
        inputs, outputs = _pairs(record, field)
        more, left_out = stdio_cases(inputs, outputs, origin)
        cases, unused = cases + more, unused + left_out
    solutions = texts(record.get("solutions"))
    if not solutions:
        raise Rejected("no_python_solution")
    checker = optional(record, "generated_checker")
    evidence = "it comes with a checker of its own"
    rule = CompareRule("checker", "dataset", evidence) if checker else None
    return stdio_problem(_description(record), solutions, cases, rule=rule, unused=unused)


def _description(record: Mapping[str, Any]) -> Description:
    parts = [statement_text(required(record, "description"))]
    parts += [
        f"{heading}\n\n{statement_text(str(record[name]))}"
        for name, heading in STATEMENT_PARTS
        if optional(record, name)
    ]
    parts += [
        f"Example\n\nInput\n{shown}\nOutput\n{expected}"
        for shown, expected in zip(*_pairs(record, "examples"), strict=True)
    ]
    contest, index = optional(record, "contest_id"), optional(record, "index")
    return Description(
        title=optional(record, "title"),
        statement="\n\n".join(parts),
        slug=optional(record, "id"),
        url=f"https://codeforces.com/problemset/problem/{contest}/{index}" if contest else None,
        difficulty=optional(record, "rating"),
        tags=tags(record.get("tags")),
    )


def _pairs(record: Mapping[str, Any], field: str) -> list[list[Any]]:
    """The inputs and the outputs of a field; Rejected (`bad_field`) if it is no list."""
    rows = record.get(field) or []
    if not isinstance(rows, list):
        raise Rejected("bad_field", field)
    rows = [row for row in rows if isinstance(row, dict)]
    return [[row.get(name) for row in rows] for name in ("input", "output")]


FORMAT = Format(
    "codeforces",
    of_record=of_record,
    fields=("description", "examples"),
    licence="CC-BY-4.0",
    redistributable=True,
)
