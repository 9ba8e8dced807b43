"""Problems of whole programs, which read standard input and write standard output."""

from collections.abc import Sequence

from transforms.contests.judged.stated_rules import sentences, stdio_rule
from transforms.lib.problems.checks import Case
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.problems.provided import foreign
from transforms.lib.problems.statement_prompts import docstring
from transforms.lib.python.literals import Unparsable, parse
from transforms.lib.records.fields import storable

NEWLINES = str.maketrans({"\r": None})


def stdio_problem(
    told: Told,
    solutions: Sequence[str],
    cases: Sequence[Case],
    *,
    wrong: Sequence[str] = (),
    rule: Rule | None = None,
    unused: int = 0,
) -> Problem:
    """A problem of programs; Unparsable if no solution is Python 3 that a judge could run."""
    if not cases:
        raise Unparsable("no_tests", f"{unused} unread" if unused else None)
    taken, requires = _taken(solutions)
    return Problem(
        told=told,
        kind="stdio",
        prompt=docstring(told.statement, ""),
        canonical_solution=taken[0],
        solutions=taken,
        cases=cases,
        rule=rule or stdio_rule(sentences(told.statement)),
        requires=requires,
        wrong_solutions=_fit(wrong),
        unused_tests=unused,
    )


def _taken(solutions: Sequence[str]) -> tuple[list[str], list[str]]:
    """The programs that can be taken, those first that require nothing, and what the first of
    them requires."""
    taken, failures = list[tuple[list[str], str]](), list[Unparsable]()
    for text in solutions:
        try:
            taken.append((foreign(parse(text)), _program(text)))
        except Unparsable as error:
            failures.append(error)
    if not taken:
        raise failures[0] if failures else Unparsable("no_python_solution")
    taken.sort(key=lambda each: bool(each[0]))
    return [program for _, program in taken], taken[0][0]


def _fit(wrong: Sequence[str]) -> list[str]:
    """Wrong programs that are Python 3: one that does not even parse tells tests nothing."""
    fit = []
    for text in wrong:
        try:
            parse(text)
        except Unparsable:
            continue
        fit.append(_program(text))
    return fit


def _program(text: str) -> str:
    return storable(text.translate(NEWLINES).strip("\n")) + "\n"
