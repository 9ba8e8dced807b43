"""What tests should tell from a right solution: mutants, trivial programs, wrong solutions."""

import ast
from collections.abc import Iterator
from functools import partial
from types import CodeType
from typing import Any

from transforms.lib.trials.entry_functions import entry_functions
from transforms.lib.trials.trivial_bodies import STDIO_PROGRAMS, trivial_body, trivial_names
from transforms.strengthen.inside.change import Change, placed
from transforms.strengthen.inside.mutants import mutants, spread
from transforms.strengthen.inside.programs import PlacedChange, Program

MOST_MUTANTS = 80
MOST_OF_OTHERS = 20  # of these, those of further solutions, if there are any
MUTATED_SOLUTIONS = 2  # of the further ones


class Target:
    """A program that is not right, or should not be: its name, and what makes its codes."""

    def __init__(self, name: str, codes: Any) -> None:
        self.name, self.codes = name, codes


def all_mutants(
    reference: Program, others: dict[str, Program], protected: frozenset[str], first_line: int
) -> Iterator[Target]:
    """Mutants of the reference and of further solutions, which are given by their names."""
    of_others: list[tuple[str, Program, PlacedChange]] = []
    share = MOST_OF_OTHERS // max(1, min(len(others), MUTATED_SOLUTIONS))
    for name, program in list(others.items())[:MUTATED_SOLUTIONS]:
        found = spread(mutants(program.tree, protected, 0), share)
        of_others += [(f"{name} ", program, each) for each in found]
    own = spread(mutants(reference.tree, protected, first_line), MOST_MUTANTS - len(of_others))
    for prefix, program, each in [*(("", reference, each) for each in own), *of_others]:
        yield Target(prefix + each[1].name, partial(program.changed, [each]))


def trivial_targets(reference: Program, entry_point: str, is_program: bool) -> Iterator[Target]:
    """The programs of the bank, in the place of the entry point of the reference."""
    if is_program:
        for name, text in STDIO_PROGRAMS.items():
            yield Target(f"trivial {name}", partial(_codes, text))
        return
    is_class = _is_class(reference.tree, entry_point)
    functions = list(_entries(reference.tree, entry_point))
    for name in trivial_names(is_class):
        bodies = [trivial_body(function, name, is_class) for _, function in functions]
        if bodies and None not in bodies:
            changes = [
                (number, Change("trivial", function, name, body=_parsed(body, function)))
                for (number, function), body in zip(functions, bodies, strict=True)
            ]
            yield Target(f"trivial {name}", partial(reference.changed, changes))


def _codes(text: str) -> list[CodeType]:
    return Program(text).codes()


def _entries(tree: ast.Module, entry_point: str) -> Iterator[tuple[int, Any]]:
    for number, statement in enumerate(tree.body):
        for function in entry_functions([statement], entry_point):
            yield number, function


def _is_class(tree: ast.Module, entry_point: str) -> bool:
    return any(isinstance(each, ast.ClassDef) and each.name == entry_point for each in tree.body)


def _parsed(body: str | None, function: ast.AST) -> list[ast.stmt]:
    return [placed(statement, function) for statement in ast.parse(body or "pass").body]


def other_targets(kind: str, texts: dict[int, str]) -> Iterator[Target]:
    """Whole programs that are wrong, by their number."""
    for number, text in texts.items():
        yield Target(f"{kind} {number}", partial(_codes, text))
