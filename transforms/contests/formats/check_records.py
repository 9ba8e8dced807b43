"""checks:PATH, JSON Lines with the fields of HumanEval, whose assertions become test cases.

Kept are assertions about one call with known arguments: its result equals a known value, is close
to one, or is true or false, for which True and False are then expected. What else `check` does is
counted as unused.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.statement_text import tidy
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.pieces import arranged
from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.problems.provided_imports import required_distributions
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import Module, function_named, last_named, parameters
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.records.fields import required

CHECK = "check"  # the function of a test's text, whose only parameter is the candidate
# Calls and operators around a result that is close to a value.
DISTANCES = {"abs", "math.fabs", "fabs"}
LESS = ast.Lt | ast.LtE


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    yield _problem(record)


def _problem(record: Mapping[str, Any]) -> Problem:
    task, prompt, entry, body, test = (required(record, name) for name in FIELDS)
    program = Module(prompt + body)
    function = function_named(program.tree, entry)
    if function is None:
        raise Rejected("no_solution", f"no function {entry}"[:200])
    names = [parameter.arg for parameter in parameters(function)]
    read = _asserted(test, names)
    if not read.cases:
        raise Rejected("no_tests", f"{read.unused} beyond conversion")
    statement = tidy(ast.get_docstring(function) or "")
    pieces = arranged(program.statements, last_named(program.statements, entry))
    return Problem(
        description=Description(title=entry, statement=statement, slug=task[:200]),
        kind="function",
        prompt=prompt,
        canonical_solution=body,
        solutions=[program.text],
        cases=read.cases,
        rule=read.rule,
        entry_point=entry,
        signature=pieces.header.strip(),
        requires=required_distributions(program.tree),
        unused_tests=read.unused,
    )


@dataclass
class Assertions:
    """What the assertions of a check are: test cases, the largest error that one allows with its
    text, and how many others there are."""

    cases: list[TestCase] = field(default_factory=list)
    tolerance: float = 0.0
    evidence: str | None = None
    unused: int = 0

    @property
    def rule(self) -> CompareRule:
        """How results are compared: as `==` does, or as floats if an assertion allows an error."""
        if self.tolerance:
            return CompareRule("float", "assertion", self.evidence, self.tolerance)
        return CompareRule("equal", "assertion")


def _asserted(text: str, names: list[str]) -> Assertions:
    """The assertions of a check on a function with parameters of these names.

    Raises Rejected (`no_tests`) if the text has no function `check` with one parameter.
    """
    function = function_named(parse(text), CHECK)
    if function is None or len(function.args.args) != 1:
        raise Rejected("no_tests", "no check(candidate)")
    reading = _Reading(function.args.args[0].arg, names)
    for statement in function.body:
        reading.read(statement)
    return reading.found


@dataclass
class _Reading:
    """The reading of a check, statement by statement; `known` are values of names."""

    candidate: str
    names: list[str]
    known: dict[str, Any] = field(default_factory=dict)
    found: Assertions = field(default_factory=Assertions)

    def read(self, statement: ast.stmt) -> None:
        """Add what a statement asserts, or count it as unused."""
        try:
            match statement:
                case ast.Assert(test=ast.Constant()) | ast.Expr() | ast.Pass():
                    return
                case ast.Assert(test=test):
                    self._add(test)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.known.pop(name, None)
                    self.known[name] = fold(value, self.known)
                case _:
                    raise Rejected("assertion")
        except Rejected:
            self.found.unused += isinstance(statement, ast.Assert) or _asserts(statement)

    def _add(self, test: ast.expr) -> None:
        """Add the case of an assertion; raises Rejected if it is none."""
        call, expected, error = self._parts(test)
        case = TestCase(literal_text(self._arguments(call)), literal_text(expected), "check")
        self.found.cases.append(case)
        if error > self.found.tolerance:
            self.found.tolerance, self.found.evidence = error, ast.unparse(test)[:200]

    def _parts(self, test: ast.expr) -> tuple[ast.expr, Any, float]:
        """The call, the value that it should give, and the error that is allowed."""
        match test:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                return (left, fold(right, self.known), 0.0)
            case ast.Compare(
                left=ast.Call(
                    func=distance, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)]
                ),
                ops=[op],
                comparators=[bound],
            ) if isinstance(op, LESS) and ast.unparse(distance) in DISTANCES:
                return left, fold(right, self.known), _number(fold(bound, self.known))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return operand, False, 0.0
        return test, True, 0.0

    def _arguments(self, call: ast.expr) -> tuple[Any, ...]:
        """The arguments of a call of the candidate, in the order of its parameters."""
        match call:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if (
                name == self.candidate
            ):
                values = [fold(argument, self.known) for argument in args]
                named = {str(k.arg): fold(k.value, self.known) for k in keywords}
                rest = self.names[len(values) : len(values) + len(named)]
                if set(rest) == set(named) and len(values) <= len(self.names):
                    return (*values, *(named[name] for name in rest))
        raise Rejected("assertion", "more than a call")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and value > 0:
        return float(value)
    raise Rejected("assertion", "an error that is no number")


def _asserts(statement: ast.stmt) -> bool:
    """Whether there is an assertion in a statement."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(statement))


FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")
FORMAT = Format("checks", of_record=of_record, fields=FIELDS)
