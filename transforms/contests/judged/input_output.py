"""Problems as judges keep them, in the shape of APPS's `input_output`.

Tests are standard input and output, or arguments and results in JSON.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from transforms.contests.judged.assembly import function_in, function_problem, with_body
from transforms.contests.judged.programs import stdio_problem
from transforms.contests.judged.stated_rules import LISTS
from transforms.lib.problems.checks import Case
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.python.literals import Unparsable
from transforms.lib.records.fields import from_json, texts


def judged_problem(told: Told, record: Mapping[str, Any], origin: str) -> Problem:
    """The problem of a record with `solutions`, `input_output` and perhaps `starter_code`."""
    tests = from_json(record.get("input_output") or "{}")
    if not isinstance(tests, dict):
        raise Unparsable("bad_field", "input_output")
    inputs, outputs = tests.get("inputs"), tests.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not inputs:
        raise Unparsable("no_tests")
    solutions = texts(record.get("solutions"))
    if not solutions:
        raise Unparsable("no_python_solution")
    if not tests.get("fn_name"):
        cases, unused = stdio_cases(inputs, outputs, origin)
        return stdio_problem(told, solutions, cases, unused=unused)
    entry = str(tests["fn_name"]).rpartition(".")[2]
    starter = record.get("starter_code")
    starter = starter if isinstance(starter, str) else ""
    found, unused = call_tests(inputs, outputs, _lists(starter, solutions, entry))
    if not found:
        raise Unparsable("no_tests", f"{unused} unread")
    return function_problem(told, solutions, entry, found, origin, starter=starter, unused=unused)


def stdio_cases(
    inputs: Sequence[Any], outputs: Sequence[Any], origin: str
) -> tuple[list[Case], int]:
    """Standard input and output of each test, and how many are no text."""
    pairs = [(_text(a), _text(b)) for a, b in zip(inputs, outputs, strict=False)]
    cases = [Case(a, b, origin) for a, b in pairs if a is not None and b is not None]
    return cases, max(len(inputs), len(outputs)) - len(cases)


def _text(value: Any) -> str | None:
    """A text, or lines of one; None for what else JSON may hold, such as a lone surrogate."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(f"{line}\n" for line in value)
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def call_tests(
    inputs: Sequence[Any], outputs: Sequence[Any], lists: bool | None
) -> tuple[list[tuple[tuple, Any]], int]:
    """Arguments and result of each test as APPS's own runner takes them, and how many are unfit.

    A result often stands in a list of one (`lists`: whether the function returns lists, None
    where nobody says). JSON has made the keys of dicts text, which is undone.
    """
    ones = all(isinstance(value, list) and len(value) == 1 for value in outputs)
    if ones and (not lists or all(isinstance(value[0], list) for value in outputs)):
        outputs = [value[0] for value in outputs]
    tests = [
        (tuple(map(_int_keys, given)), _int_keys(expected))
        for given, expected in zip(inputs, outputs, strict=False)
        if isinstance(given, list)
    ]
    return tests, max(len(inputs), len(outputs)) - len(tests)


def _int_keys(value: Any) -> Any:
    digits = isinstance(value, dict) and all(key.lstrip("-").isdecimal() for key in value)
    return {int(key): item for key, item in value.items()} if digits else value


def _lists(starter: str, solutions: Sequence[str], entry: str) -> bool | None:
    """Whether annotations say that the function returns a list."""
    for text in (with_body(starter), *solutions):
        function = function_in(text, entry)
        if function and function.returns:
            return LISTS.search(ast.unparse(function.returns)) is not None
    return None
