"""Problems whose solutions are whole programs: they read standard input, write standard output."""

from collections.abc import Sequence

from transforms.contests.judged.stated_rules import sentences, stdio_rule
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.problems.provided_imports import required_distributions
from transforms.lib.problems.statement_prompts import docstring
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.records.fields import storable

NO_CARRIAGE_RETURNS = str.maketrans({"\r": None})


def stdio_problem(
    description: Description,
    solutions: Sequence[str],
    cases: Sequence[TestCase],
    *,
    wrong: Sequence[str] = (),
    rule: CompareRule | None = None,
    unused: int = 0,
) -> Problem:
    """A problem of programs; its compare rule is `rule`, or else what the statement implies.

    `unused` is how many tests of the source could not be read. Raises Rejected if there are no
    tests, or no solution is Python 3 that a judge could run.
    """
    if not cases:
        raise Rejected("no_tests", f"{unused} unread" if unused else None)
    programs, requires = _programs(solutions)
    return Problem(
        description=description,
        kind="stdio",
        prompt=docstring(description.statement, ""),
        canonical_solution=programs[0],
        solutions=programs,
        cases=cases,
        rule=rule or stdio_rule(sentences(description.statement)),
        requires=requires,
        wrong_solutions=_wrong_programs(wrong),
        unused_tests=unused,
    )


def _programs(solutions: Sequence[str]) -> tuple[list[str], list[str]]:
    """The solutions that a judge could run, those first that require no distribution, and the
    distributions that the first of them requires.

    If none can be used, raises the Rejected of the first.
    """
    accepted, failures = list[tuple[list[str], str]](), list[Rejected]()
    for text in solutions:
        try:
            accepted.append((required_distributions(parse(text)), _program(text)))
        except Rejected as error:
            failures.append(error)
    if not accepted:
        raise failures[0] if failures else Rejected("no_python_solution")
    accepted.sort(key=lambda solution: bool(solution[0]))
    return [program for _, program in accepted], accepted[0][0]


def _wrong_programs(wrong: Sequence[str]) -> list[str]:
    """The wrong programs that are Python 3: one that cannot be parsed shows nothing of a test."""
    programs = []
    for text in wrong:
        try:
            parse(text)
        except Rejected:
            continue
        programs.append(_program(text))
    return programs


def _program(text: str) -> str:
    return storable(text.translate(NO_CARRIAGE_RETURNS).strip("\n")) + "\n"
