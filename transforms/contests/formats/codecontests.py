"""codecontests:PATH, CodeContests (Li et al. 2022) as Parquet or JSONL.

Right and wrong solutions; public, private and generated tests.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged.input_output import stdio_cases
from transforms.contests.judged.programs import stdio_problem
from transforms.contests.judged.statements import statement_text
from transforms.lib.problems.checks import Case
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.python.literals import Unparsable
from transforms.lib.records.fields import optional, required, tags

PYTHON3 = 3  # of the enumeration of languages
SITES = {1: "CODECHEF", 2: "CODEFORCES", 3: "HACKEREARTH", 4: "CODEJAM", 5: "ATCODER", 6: "AIZU"}
TESTS = (("public_tests", "public"), ("private_tests", "private"), ("generated_tests", "generated"))


def of_record(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The problem of a row."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    if name := optional(record, "input_file"):
        raise Unparsable("file_input", name)
    cases, unused = list[Case](), 0
    for field, origin in TESTS:
        inputs, outputs = _columns(record, field, "input", "output")
        found, bad = stdio_cases(inputs, outputs, origin)
        cases, unused = cases + found, unused + bad
    told = Told(
        title=required(record, "name"),
        statement=statement_text(required(record, "description")),
        slug=optional(record, "name"),
        url=_url(record),
        difficulty=optional(record, "cf_rating") or optional(record, "difficulty"),
        tags=_tags(record),
    )
    right, wrong = _python3(record, "solutions"), _python3(record, "incorrect_solutions")
    if not right:
        raise Unparsable("no_python_solution")
    return stdio_problem(told, right, cases, wrong=wrong, unused=unused)


def _columns(record: Mapping[str, Any], field: str, *names: str) -> list[list[Any]]:
    """Columns of a struct of lists, as Parquet has them, or of a list of structs."""
    value = record.get(field) or {}
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        return [[row.get(name) for row in rows] for name in names]
    if not isinstance(value, dict):
        raise Unparsable("bad_field", field)
    columns = [value.get(name) or [] for name in names]
    if not all(isinstance(column, list) for column in columns):
        raise Unparsable("bad_field", field)
    return columns


def _python3(record: Mapping[str, Any], field: str) -> list[str]:
    languages, programs = _columns(record, field, "language", "solution")
    return [
        text
        for language, text in zip(languages, programs, strict=False)
        if language in (PYTHON3, "PYTHON3") and isinstance(text, str)
    ]


def _url(record: Mapping[str, Any]) -> str | None:
    contest, index = record.get("cf_contest_id"), record.get("cf_index")
    known = isinstance(contest, int) and contest > 0 and isinstance(index, str) and index
    return f"https://codeforces.com/problemset/problem/{contest}/{index}" if known else None


def _tags(record: Mapping[str, Any]) -> tuple[str, ...]:
    source = record.get("source")
    site = SITES.get(source) if isinstance(source, int) else None
    return (*((site,) if site else ()), *tags(record.get("cf_tags")))


CONTEST = Contest(
    "codecontests",
    of_record=of_record,
    fields=("name", "description", "solutions"),
    licence="CC-BY-4.0",
    redistributable=True,
)
