"""How a problem is assembled of a description, solutions as judges take them, and tests."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from transforms.contests.judged.call_harness import (
    RESULT,
    CallHarness,
    design_harness,
    function_harness,
)
from transforms.contests.judged.class_solutions import out_of_class
from transforms.contests.judged.stated_rules import ExpectedResults, stated_rule
from transforms.lib.problems.checks import TestCase, ValueTest
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.pieces import Pieces, arranged
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.problems.provided_imports import PROVIDED
from transforms.lib.problems.statement_prompts import Solution, prompt, whole_solution
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import (
    Module,
    class_named,
    function_named,
    last_named,
    methods,
    parameters,
)
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.python.scopes import names_in

SOLUTION_CLASS = "Solution"  # the class that judges make an object of


def function_problem(
    description: Description,
    solutions: Sequence[Module],
    entry: str,
    tests: Sequence[ValueTest],
    origin: str,
    *,
    answer: str | None = None,
    starter: Module | None = None,
    unused: int = 0,
) -> Problem:
    """A problem of one function, `entry`, which is in a class Solution or stands by itself.

    origin: where the tests come from; answer: what is compared where it is not the result, a
    parameter or a part of one; starter: the code that a site begins with, as a module, whose
    signature is preferred because it is annotated; unused: how many tests could not be read.
    Raises Rejected if no solution can be used.
    """
    starters = [starter] if starter else []
    source, function = _first_function(starters, solutions, entry)
    changed = answer or _changed(function)
    tests, misfits = _fitting(tests, function)
    harness = function_harness(function, source.text, tests, changed or RESULT)
    returns = None if function.returns is None or changed else ast.unparse(function.returns)
    results = ExpectedResults(returns, outputs_of(tests), random=draws(source))
    rule = stated_rule(description.statement, results)
    if changed and rule.compare == "exact":
        rule = CompareRule("inplace", "type", f"-> None: {changed}")
    header = function if source == starter else None
    usable = _usable(solutions, entry, harness, header)
    cases = _cases(tests, origin, harness)
    unused += misfits + len(tests) - len(cases)
    return _problem(description, "function", entry, usable, cases, rule, harness, unused)


def with_body(starter: str) -> Module:
    """The code that a site begins with, which ends before the body, as a module."""
    return Module(f"{starter.rstrip()} pass\n")


def design_problem(
    description: Description,
    solutions: Sequence[Module],
    entry: str,
    tests: Sequence[ValueTest],
    origin: str,
    *,
    unused: int = 0,
) -> Problem:
    """A problem of one class, `entry`.

    Its tests have one argument, the list of steps, each (name, arguments). Raises Rejected if no
    solution can be used.
    """
    source = next((module for module in solutions if _class_in(module, entry)), None)
    node = _class_in(source, entry) if source else None
    if source is None or node is None:
        raise Rejected("no_solution", f"no class {entry}")
    harness = design_harness(node, source.text)
    results = ExpectedResults(None, outputs_of(tests), steps=True, random=draws(source))
    rule = stated_rule(description.statement, results)
    usable = _usable(solutions, entry, harness)
    cases = _cases(tests, origin, harness)
    unused += len(tests) - len(cases)
    return _problem(description, "design", entry, usable, cases, rule, harness, unused)


def outputs_of(tests: Sequence[ValueTest]) -> tuple[Any, ...]:
    """The results that tests expect."""
    return tuple(output for _, output in tests)


def draws(solution: Module) -> bool:
    """Whether a solution draws random numbers."""
    return bool(names_in(solution.tree) & {"random", *PROVIDED["random"].split()})


def _problem(
    description: Description,
    kind: str,
    entry: str,
    solutions: list[Solution],
    cases: list[TestCase],
    rule: CompareRule,
    harness: CallHarness,
    unused: int,
) -> Problem:
    if not cases:
        raise Rejected("no_tests", f"{unused} unread")
    first = solutions[0]
    return Problem(
        description=description,
        kind=kind,
        prompt=prompt(first, description.statement),
        canonical_solution=first.completion,
        solutions=[solution.program.text for solution in solutions],
        cases=cases,
        rule=rule,
        entry_point=entry,
        signature=first.pieces.header.strip(),
        harness=harness.text,
        requires=first.requires,
        unused_tests=unused,
    )


def _first_function(
    starters: Sequence[Module], solutions: Sequence[Module], entry: str
) -> tuple[Module, ast.FunctionDef]:
    """The first module that defines the function, and the function; Rejected if none does."""
    for module in (*starters, *solutions):
        if function := function_in(module, entry):
            return module, function
    first_tree(solutions)  # raises what is wrong with the first, if all are no Python 3
    raise Rejected("no_solution", f"no function {entry}")


def first_tree(solutions: Sequence[Module]) -> ast.Module:
    """The tree of the first solution that has one; if none has, raises the first's Rejected."""
    failures = list[Rejected]()
    for module in solutions:
        try:
            return module.tree
        except Rejected as error:
            failures.append(error)
    raise failures[0] if failures else Rejected("no_python_solution")


def _class_in(module: Module, entry: str) -> ast.ClassDef | None:
    try:
        return class_named(module.tree, entry)
    except Rejected:
        return None


def function_in(module: Module, entry: str) -> ast.FunctionDef | None:
    """The function `entry` of a solution, in its class Solution or by itself, or None."""
    try:
        tree = module.tree
    except Rejected:
        return None
    node = class_named(tree, SOLUTION_CLASS)
    own = [m for m in methods(node) if m.name == entry] if node else []
    return own[-1] if own else function_named(tree, entry)


def _fitting(
    tests: Sequence[ValueTest], function: ast.FunctionDef
) -> tuple[Sequence[ValueTest], int]:
    """The tests with as many arguments as the function takes, and how many have not.

    Raises Rejected (`signature`) if there are none.
    """
    most = len(parameters(function))
    least = most - len(function.args.defaults)
    fitting = [test for test in tests if least <= len(test[0]) <= most]
    if not fitting:
        raise Rejected("signature", f"{len(tests[0][0])} arguments for {most} parameters")
    return fitting, len(tests) - len(fitting)


def _changed(function: ast.FunctionDef) -> str | None:
    """The parameter that a function changes in place, if its annotation says `-> None`."""
    nothing = isinstance(function.returns, ast.Constant) and function.returns.value is None
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    return names[0] if nothing and names else None


def _usable(
    solutions: Sequence[Module],
    entry: str,
    harness: CallHarness,
    header: ast.FunctionDef | None = None,
) -> list[Solution]:
    """The solutions that can be used, those first that require no distribution.

    If none can be used, raises the Rejected of the first.
    """
    usable, failures = list[tuple[bool, Solution]](), list[Rejected]()
    for module in solutions:
        try:
            solution = _solution(module, entry, harness, header)
            usable.append((bool(solution.requires), solution))
        except Rejected as error:
            failures.append(error)
    if not usable:
        raise failures[0]
    return [solution for _, solution in sorted(usable, key=lambda pair: pair[0])]


def _solution(
    module: Module, entry: str, harness: CallHarness, header: ast.FunctionDef | None
) -> Solution:
    """A solution as a program of its own, under the header of a site's code if there is one."""
    node = class_named(module.tree, SOLUTION_CLASS)
    if entry != SOLUTION_CLASS and node and any(m.name == entry for m in methods(node)):
        pieces = out_of_class(module, SOLUTION_CLASS, entry)
    else:
        pieces = arranged(module.statements, last_named(module.statements, entry))
    pieces = _annotated(pieces, header) if header else pieces
    return whole_solution(pieces, harness.definitions, harness.names)


def _annotated(pieces: Pieces, header: ast.FunctionDef) -> Pieces:
    """The pieces under another header, if its parameters have the same names."""
    function = parse(f"{pieces.header}{pieces.indent}pass\n").body[-1]
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in parameters(header)]
    if names != [argument.arg for argument in parameters(function)]:
        return pieces
    arguments = ast.arguments([], parameters(header), None, [], [], None, [])
    empty = ast.FunctionDef(header.name, arguments, [ast.Pass()], [], header.returns)
    text = ast.unparse(ast.fix_missing_locations(empty))
    return replace(pieces, header=text.removesuffix("    pass"))


def _cases(tests: Sequence[ValueTest], origin: str, harness: CallHarness) -> list[TestCase]:
    """The tests whose arguments and result are literals."""
    cases = list[TestCase]()
    for arguments, output in tests:
        try:
            expected = literal_text(_trimmed(output) if harness.types else output)
            cases.append(TestCase(literal_text(arguments), expected, origin))
        except Rejected:
            continue
    return cases


def _trimmed(output: Any) -> Any:
    """The values of a tree without those at the end that are None, which mean nothing."""
    if not isinstance(output, list):
        return output
    end = len(output)
    while end and output[end - 1] is None:
        end -= 1
    return output[:end]
