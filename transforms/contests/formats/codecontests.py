"""codecontests:PATH, CodeContests (Li et al. 2022) as Parquet or JSON Lines.

It has right and wrong solutions, and public, private and generated tests.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.input_output import stdio_cases
from transforms.contests.judged.statement_text import statement_text
from transforms.contests.judged.stdio_problems import stdio_problem
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import optional, required, tags

# Numbers of CodeContests' own enumerations.
PYTHON3 = 3
SITES = {1: "CODECHEF", 2: "CODEFORCES", 3: "HACKEREARTH", 4: "CODEJAM", 5: "ATCODER", 6: "AIZU"}
# Fields with tests, and the origin that a test of theirs has.
TEST_FIELDS = (
    ("public_tests", "public"),
    ("private_tests", "private"),
    ("generated_tests", "generated"),
)


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    if name := optional(record, "input_file"):
        raise Rejected("file_input", name)
    cases, unused = list[TestCase](), 0
    for field, origin in TEST_FIELDS:
        inputs, outputs = _columns(record, field, "input", "output")
        more, left_out = stdio_cases(inputs, outputs, origin)
        cases, unused = cases + more, unused + left_out
    description = Description(
        title=required(record, "name"),
        statement=statement_text(required(record, "description")),
        slug=optional(record, "name"),
        url=_url(record),
        difficulty=optional(record, "cf_rating") or optional(record, "difficulty"),
        tags=_tags(record),
    )
    right, wrong = _python3(record, "solutions"), _python3(record, "incorrect_solutions")
    if not right:
        raise Rejected("no_python_solution")
    return stdio_problem(description, right, cases, wrong=wrong, unused=unused)


def _columns(record: Mapping[str, Any], field: str, *names: str) -> list[list[Any]]:
    """Lists of the values of a field: it is a struct of lists, as Parquet has it, or a list of
    structs. Raises Rejected (`bad_field`) if it is neither."""
    value = record.get(field) or {}
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        return [[row.get(name) for row in rows] for name in names]
    if not isinstance(value, dict):
        raise Rejected("bad_field", field)
    columns = [value.get(name) or [] for name in names]
    if not all(isinstance(column, list) for column in columns):
        raise Rejected("bad_field", field)
    return columns


def _python3(record: Mapping[str, Any], field: str) -> list[str]:
    """The programs of a field that are marked as Python 3."""
    languages, programs = _columns(record, field, "language", "solution")
    return [
        text
        for language, text in zip(languages, programs, strict=False)
        if language in (PYTHON3, "PYTHON3") and isinstance(text, str)
    ]


def _url(record: Mapping[str, Any]) -> str | None:
    """The address of a problem of Codeforces; None for other sites."""
    contest, index = record.get("cf_contest_id"), record.get("cf_index")
    known = isinstance(contest, int) and contest > 0 and isinstance(index, str) and index
    return f"https://codeforces.com/problemset/problem/{contest}/{index}" if known else None


def _tags(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The site and the tags that Codeforces gives."""
    source = record.get("source")
    site = SITES.get(source) if isinstance(source, int) else None
    return (*((site,) if site else ()), *tags(record.get("cf_tags")))


FORMAT = Format(
    "codecontests",
    of_record=of_record,
    fields=("name", "description", "solutions"),
    licence="CC-BY-4.0",
    redistributable=True,
)
