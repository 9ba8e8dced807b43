"""Prompts as HumanEval has them: imports, header, the statement as docstring; and solutions."""

from dataclasses import dataclass
from functools import cached_property

from transforms.lib.problems.import_places import PlacedImports, place_imports
from transforms.lib.problems.pieces import INDENT, Pieces
from transforms.lib.problems.provided_imports import (
    imports_for,
    required_distributions,
    undefined_names,
)
from transforms.lib.python.modules import Module, joined
from transforms.lib.python.parsing import Rejected


@dataclass(frozen=True)
class Solution:
    """A solution as a program that runs by itself: its pieces, its imports, and the whole.

    definitions: texts of types that its prompt defines; shown: names of imports that it must show.
    """

    pieces: Pieces
    imports: tuple[str, ...]
    program: Module
    definitions: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()

    @cached_property
    def placed(self) -> PlacedImports:
        """Its imports as its prompt shows them, and its completion with the others."""
        return place_imports(self.imports, self.pieces, self.definitions, self.shown)

    @property
    def completion(self) -> str:
        """What completes a prompt made of its pieces: the body, and what follows it."""
        return self.placed.completion

    @cached_property
    def requires(self) -> list[str]:
        """The distributions that it imports; Rejected (`third_party`) if judges lack one."""
        return required_distributions(self.program.tree)


def whole_solution(
    pieces: Pieces, definitions: tuple[str, ...] = (), shown: frozenset[str] = frozenset()
) -> Solution:
    """The solution of these pieces, with the imports that it lacks.

    `definitions` are texts of types that a statement takes for granted; `shown` are the names that
    tests use, whose imports its prompt shows. Raises Rejected (`undefined_name`) if it uses a name
    that nobody provides.
    """
    imports = _imports(Module(joined(*definitions, pieces.program())), pieces)
    blocks = pieces.before, pieces.header + pieces.body, pieces.after
    program = Module(joined("\n".join(imports), *definitions, *blocks))
    return Solution(pieces, imports, program, definitions, shown)


def _imports(program: Module, pieces: Pieces) -> tuple[str, ...]:
    """The imports that a program has, `__future__` first, and those that it lacks."""
    lines, unknown = imports_for(undefined_names(program), program.text)
    if unknown and not any("import *" in line for line in pieces.imports):
        raise Rejected("undefined_name", ", ".join(sorted(unknown))[:200])
    own = sorted(pieces.imports, key=lambda line: not line.startswith("from __future__"))
    return tuple(dict.fromkeys([*own, *lines]))


def prompt(solution: Solution, statement: str) -> str:
    """The prompt that the completion of a solution completes."""
    pieces = solution.pieces
    header = pieces.header + docstring(statement, pieces.indent)
    return joined("\n".join(solution.placed.shown), *solution.definitions, pieces.before, header)


def docstring(text: str, indent: str = INDENT) -> str:
    """The source of a docstring whose value is `text`, indented as a body is.

    >>> print(docstring('Return "a".'), end="")
        \"""Return "a".
        \"""
    """
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    escaped = f"\\{escaped}" if escaped.startswith('"') else escaped
    lines = f'"""{escaped}\n"""'.split("\n")
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)
