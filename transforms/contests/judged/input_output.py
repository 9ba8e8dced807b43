"""Problems in the shape of APPS: tests in the JSON of `input_output`, solutions as texts.

The tests are standard input and output of a program, or arguments and results of a function.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from transforms.contests.judged.assembly import function_in, function_problem, with_body
from transforms.contests.judged.stated_rules import LIST_TYPES
from transforms.contests.judged.stdio_problems import stdio_problem
from transforms.lib.problems.checks import TestCase, ValueTest
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import from_json, texts


def judged_problem(description: Description, record: Mapping[str, Any], origin: str) -> Problem:
    """The problem of a record with `solutions`, `input_output` and perhaps `starter_code`.

    `origin` is where the tests come from. Raises Rejected if the record is no problem.
    """
    tests = from_json(record.get("input_output") or "{}")
    if not isinstance(tests, dict):
        raise Rejected("bad_field", "input_output")
    inputs, outputs = tests.get("inputs"), tests.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not inputs:
        raise Rejected("no_tests")
    solutions = texts(record.get("solutions"))
    if not solutions:
        raise Rejected("no_python_solution")
    if not tests.get("fn_name"):
        cases, unused = stdio_cases(inputs, outputs, origin)
        return stdio_problem(description, solutions, cases, unused=unused)
    entry = str(tests["fn_name"]).rpartition(".")[2]
    starter = record.get("starter_code")
    starter_module = with_body(starter if isinstance(starter, str) else "")
    modules = [Module(text) for text in solutions]
    returns_list = _returns_list([starter_module, *modules], entry)
    values, unused = call_tests(inputs, outputs, returns_list)
    if not values:
        raise Rejected("no_tests", f"{unused} unread")
    return function_problem(
        description, modules, entry, values, origin, starter=starter_module, unused=unused
    )


def stdio_cases(
    inputs: Sequence[Any], outputs: Sequence[Any], origin: str
) -> tuple[list[TestCase], int]:
    """Tests of standard input and output, and how many are left out because they are no text."""
    pairs = [(_text(a), _text(b)) for a, b in zip(inputs, outputs, strict=False)]
    cases = [TestCase(a, b, origin) for a, b in pairs if a is not None and b is not None]
    return cases, max(len(inputs), len(outputs)) - len(cases)


def _text(value: Any) -> str | None:
    """A text, or a list of its lines, as text; None for all else, such as a lone surrogate."""
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
    inputs: Sequence[Any], outputs: Sequence[Any], returns_list: bool | None
) -> tuple[list[ValueTest], int]:
    """Tests of calls as APPS's own runner takes them, and how many are left out.

    APPS often puts a result into a list of one item, from which it is taken. `returns_list` is
    whether the function returns lists, None where no annotation says so. JSON has made the int
    keys of dicts texts, which is undone.

    >>> call_tests([[[1, 2]], [[]]], [[3], [0]], returns_list=False)
    ([(([1, 2],), 3), (([],), 0)], 0)
    """
    ones = all(isinstance(value, list) and len(value) == 1 for value in outputs)
    if ones and (not returns_list or all(isinstance(value[0], list) for value in outputs)):
        outputs = [value[0] for value in outputs]
    tests = [
        (tuple(map(_int_keys, arguments)), _int_keys(expected))
        for arguments, expected in zip(inputs, outputs, strict=False)
        if isinstance(arguments, list)
    ]
    return tests, max(len(inputs), len(outputs)) - len(tests)


def _int_keys(value: Any) -> Any:
    digits = isinstance(value, dict) and all(key.lstrip("-").isdecimal() for key in value)
    return {int(key): item for key, item in value.items()} if digits else value


def _returns_list(modules: Sequence[Module], entry: str) -> bool | None:
    """Whether the first return annotation of the function is a list; None if there is none."""
    for module in modules:
        function = function_in(module, entry)
        if function and function.returns:
            return LIST_TYPES.search(ast.unparse(function.returns)) is not None
    return None
