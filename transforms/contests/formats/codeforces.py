"""codeforces:PATH, open-r1/codeforces as Parquet or JSONL, with solutions in `solutions`."""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged.input_output import stdio_cases
from transforms.contests.judged.programs import stdio_problem
from transforms.contests.judged.statements import statement_text
from transforms.lib.problems.checks import Case
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.python.literals import Unparsable
from transforms.lib.records.fields import optional, required, tags, texts

# The parts of a statement that have a heading of their own.
PARTS = (("input_format", "Input"), ("output_format", "Output"), ("note", "Note"))
TESTS = (("examples", "statement"), ("official_tests", "official"))


def of_record(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The problem of a row."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    if optional(record, "interaction_format"):
        raise Unparsable("interactive")
    if optional(record, "input_mode") not in (None, "stdio"):
        raise Unparsable("file_input", optional(record, "input_mode"))
    cases, unused = list[Case](), 0
    for field, origin in TESTS:
        inputs, outputs = _pairs(record, field)
        found, bad = stdio_cases(inputs, outputs, origin)
        cases, unused = cases + found, unused + bad
    solutions = texts(record.get("solutions"))
    if not solutions:
        raise Unparsable("no_python_solution")
    checker = optional(record, "generated_checker")
    rule = Rule("checker", "dataset", "it comes with a checker of its own") if checker else None
    return stdio_problem(_told(record), solutions, cases, rule=rule, unused=unused)


def _told(record: Mapping[str, Any]) -> Told:
    parts = [statement_text(required(record, "description"))]
    parts += [
        f"{heading}\n\n{statement_text(str(record[name]))}"
        for name, heading in PARTS
        if optional(record, name)
    ]
    parts += [
        f"Example\n\nInput\n{given}\nOutput\n{expected}"
        for given, expected in zip(*_pairs(record, "examples"), strict=True)
    ]
    contest, index = optional(record, "contest_id"), optional(record, "index")
    return Told(
        title=optional(record, "title"),
        statement="\n\n".join(parts),
        slug=optional(record, "id"),
        url=f"https://codeforces.com/problemset/problem/{contest}/{index}" if contest else None,
        difficulty=optional(record, "rating"),
        tags=tags(record.get("tags")),
    )


def _pairs(record: Mapping[str, Any], field: str) -> list[list[Any]]:
    rows = record.get(field) or []
    if not isinstance(rows, list):
        raise Unparsable("bad_field", field)
    rows = [row for row in rows if isinstance(row, dict)]
    return [[row.get(name) for row in rows] for name in ("input", "output")]


CONTEST = Contest(
    "codeforces",
    of_record=of_record,
    fields=("description", "examples"),
    licence="CC-BY-4.0",
    redistributable=True,
)
