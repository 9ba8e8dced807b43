"""A problem put together from a statement, solutions as judges take them, and tests as values."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from transforms.contests.judged.calls import RESULT, Harness, design_harness, function_harness
from transforms.contests.judged.solutions import out_of_class
from transforms.contests.judged.stated_rules import Answer, rule
from transforms.lib.problems.checks import Case
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.problems.pieces import Pieces, arranged
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.problems.provided import PROVIDED, foreign
from transforms.lib.problems.statement_prompts import completion, program, prompt
from transforms.lib.python.literals import Unparsable, literal_text, parse
from transforms.lib.python.modules import (
    class_named,
    function_named,
    last_named,
    methods,
    parameters,
    statements,
)
from transforms.lib.python.scopes import names_in

SOLUTION = "Solution"  # the class that judges make an object of
Tests = Sequence[tuple[tuple, Any]]


@dataclass(frozen=True)
class Attempt:
    """One solution: its pieces, its program with the imports it needs, its tree."""

    pieces: Pieces
    program: str
    imports: tuple[str, ...]
    requires: tuple[str, ...]


def function_problem(
    told: Told,
    solutions: Sequence[str],
    entry: str,
    tests: Tests,
    origin: str,
    *,
    kept: str | None = None,
    starter: str = "",
    unused: int = 0,
) -> Problem:
    """A problem of one function, `entry`, that stands in a class Solution or by itself.

    `kept` is what is compared where it is not the result: a parameter, or a part of one;
    `starter` is code that a site begins with, whose signature is the better annotated one.
    Unparsable if no solution can be taken.
    """
    begun = with_body(starter)
    source, function = _first_function([begun, *solutions], entry)
    changed = kept or _changed(function)
    tests, misfits = _fitting(tests, function)
    harness = function_harness(function, source, tests, changed or RESULT)
    returns = None if function.returns is None or changed else ast.unparse(function.returns)
    answer = Answer(returns, outputs_of(tests), random=draws(source))
    found = rule(told.statement, answer)
    if changed and found.compare == "exact":
        found = Rule("inplace", "type", f"-> None: {changed}")
    given = function if source == begun else None
    attempts = _attempts(solutions, entry, harness.definitions, given)
    cases = _cases(tests, origin, harness)
    unused += misfits + len(tests) - len(cases)
    return _problem(told, "function", entry, attempts, cases, found, harness, unused)


def with_body(starter: str) -> str:
    """The code that a site begins with, which ends before the body, as a module."""
    return f"{starter.rstrip()} pass\n"


def design_problem(
    told: Told, solutions: Sequence[str], entry: str, tests: Tests, origin: str, *, unused: int = 0
) -> Problem:
    """A problem of one class, `entry`; an argument is the list of steps, (name, arguments) each."""
    source = next((text for text in solutions if _class_in(text, entry)), None)
    node = _class_in(source, entry) if source else None
    if source is None or node is None:
        raise Unparsable("no_solution", f"no class {entry}")
    harness = design_harness(node, source)
    steps = Answer(None, outputs_of(tests), steps=True, random=draws(source))
    found = rule(told.statement, steps)
    attempts = _attempts(solutions, entry, harness.definitions)
    cases = _cases(tests, origin, harness)
    unused += len(tests) - len(cases)
    return _problem(told, "design", entry, attempts, cases, found, harness, unused)


def outputs_of(tests: Tests) -> tuple[Any, ...]:
    """The results that are expected."""
    return tuple(output for _, output in tests)


def draws(source: str) -> bool:
    """Whether a solution draws random numbers."""
    names = names_in(parse(source))
    return bool(names & {"random", *PROVIDED["random"].split()})


def _problem(
    told: Told,
    kind: str,
    entry: str,
    attempts: list[Attempt],
    cases: list[Case],
    found: Rule,
    harness: Harness,
    unused: int,
) -> Problem:
    if not cases:
        raise Unparsable("no_tests", f"{unused} unread")
    first = attempts[0]
    return Problem(
        told=told,
        kind=kind,
        prompt=prompt(first.pieces, first.imports, harness.definitions, told.statement),
        canonical_solution=completion(first.pieces),
        solutions=[attempt.program for attempt in attempts],
        cases=cases,
        rule=found,
        entry_point=entry,
        signature=first.pieces.header.strip(),
        harness=harness.text,
        requires=first.requires,
        unused_tests=unused,
    )


def _first_function(solutions: Sequence[str], entry: str) -> tuple[str, ast.FunctionDef]:
    for text in solutions:
        if function := function_in(text, entry):
            return text, function
    first_tree(solutions[1:])  # or what is wrong with all of them
    raise Unparsable("no_solution", f"no function {entry}")


def first_tree(solutions: Sequence[str]) -> ast.Module:
    """The tree of the first solution that has one; Unparsable, as the first one is, if none has."""
    failures = list[Unparsable]()
    for text in solutions:
        try:
            return parse(text)
        except Unparsable as error:
            failures.append(error)
    raise failures[0] if failures else Unparsable("no_python_solution")


def _class_in(text: str, entry: str) -> ast.ClassDef | None:
    try:
        return class_named(parse(text), entry)
    except Unparsable:
        return None


def function_in(text: str, entry: str) -> ast.FunctionDef | None:
    """The function `entry` of a solution, in its class Solution or by itself."""
    try:
        tree = parse(text)
    except Unparsable:
        return None
    node = class_named(tree, SOLUTION)
    found = [m for m in methods(node) if m.name == entry] if node else []
    return found[-1] if found else function_named(tree, entry)


def _fitting(tests: Tests, function: ast.FunctionDef) -> tuple[Tests, int]:
    """The tests with as many arguments as the function takes, and how many have not."""
    most = len(parameters(function))
    least = most - len(function.args.defaults)
    fitting = [test for test in tests if least <= len(test[0]) <= most]
    if not fitting:
        raise Unparsable("signature", f"{len(tests[0][0])} arguments for {most} parameters")
    return fitting, len(tests) - len(fitting)


def _changed(function: ast.FunctionDef) -> str | None:
    """The parameter that a function changes in place, if it says that it returns nothing."""
    nothing = isinstance(function.returns, ast.Constant) and function.returns.value is None
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    return names[0] if nothing and names else None


def _attempts(
    solutions: Sequence[str],
    entry: str,
    definitions: tuple[str, ...],
    given: ast.FunctionDef | None = None,
) -> list[Attempt]:
    """The solutions that can be taken, those first that require nothing; Unparsable, as the first
    one is, if none can."""
    attempts, failures = list[Attempt](), list[Unparsable]()
    for text in solutions:
        try:
            attempts.append(_attempt(text, entry, definitions, given))
        except Unparsable as error:
            failures.append(error)
    if not attempts:
        raise failures[0]
    return sorted(attempts, key=lambda attempt: bool(attempt.requires))


def _attempt(
    text: str, entry: str, definitions: tuple[str, ...], given: ast.FunctionDef | None
) -> Attempt:
    tree = parse(text)
    node = class_named(tree, SOLUTION)
    if entry != SOLUTION and node and any(m.name == entry for m in methods(node)):
        pieces = out_of_class(text, SOLUTION, entry)
    else:
        parts = statements(text)
        pieces = arranged(parts, last_named(parts, entry))
    pieces = _annotated(pieces, given) if given else pieces
    whole, imports = program(pieces, definitions)
    return Attempt(pieces, whole, imports, tuple(foreign(parse(whole))))


def _annotated(pieces: Pieces, given: ast.FunctionDef) -> Pieces:
    """The pieces under the header of a site's own code, where its parameters are called alike."""
    function = parse(f"{pieces.header}{pieces.indent}pass\n").body[-1]
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in parameters(given)]
    if names != [argument.arg for argument in parameters(function)]:
        return pieces
    arguments = ast.arguments([], parameters(given), None, [], [], None, [])
    header = ast.FunctionDef(given.name, arguments, [ast.Pass()], [], given.returns)
    text = ast.unparse(ast.fix_missing_locations(header))
    return replace(pieces, header=text.removesuffix("    pass"))


def _cases(tests: Tests, origin: str, harness: Harness) -> list[Case]:
    """The tests that have a literal."""
    cases = list[Case]()
    for arguments, output in tests:
        try:
            expected = literal_text(_trimmed(output) if harness.types else output)
            cases.append(Case(literal_text(arguments), expected, origin))
        except Unparsable:
            continue
    return cases


def _trimmed(output: Any) -> Any:
    """A tree's values without empty places at the end, which say nothing."""
    if not isinstance(output, list):
        return output
    end = len(output)
    while end and output[end - 1] is None:
        end -= 1
    return output[:end]
