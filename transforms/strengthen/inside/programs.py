"""Programs as they are tried: their trees, counted, and their code, statement by statement."""

import __future__

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from types import CodeType, ModuleType
from typing import Any

from transforms.strengthen.inside.change import Change
from transforms.strengthen.inside.step_counts import StepCounter, counted

PlacedChange = tuple[int, Change]  # after the number of the statement of the module that it is in
MODULE = "program"  # the name of the module that a program runs as; a program of stdio is __main__


class Program:
    """A program whose steps are counted; changes of its tree make other programs of it.

    Statements are compiled one by one, so that a change costs the statement that it is in. Raises
    what Python's parser and compiler raise.
    """

    def __init__(self, text: str, branches: bool = False) -> None:
        self.tree = counted(ast.parse(text), branches)
        self._flags = _future_flags(self.tree)
        self._codes = [self._compiled(statement) for statement in self.tree.body]

    def _compiled(self, statement: ast.stmt) -> CodeType:
        module = ast.Module([statement], [])
        code: CodeType = compile(module, f"<{MODULE}>", "exec", self._flags, dont_inherit=True)
        return code

    def codes(self) -> list[CodeType]:
        """The code of each statement of the program."""
        return self._codes

    def changed(self, changes: Sequence[PlacedChange]) -> list[CodeType]:
        """The code of each statement after some changes."""
        for _, change in changes:
            change.swap()
        try:
            new = {number: self._compiled(self.tree.body[number]) for number, _ in changes}
        finally:
            for _, change in reversed(changes):
                change.swap()
        return [new.get(number, code) for number, code in enumerate(self._codes)]


def _future_flags(tree: ast.Module) -> int:
    """The compiler flags of the `from __future__` imports of a module."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


class Harness:
    """How a program is called: the text that stands after it, and the name of what is called."""

    def __init__(self, text: str, called: str) -> None:
        self._codes = Program(text).codes() if text else []
        self._called = compile(called, "<called>", "eval")

    def load(self, codes: Iterable[CodeType], counter: StepCounter) -> Callable[..., Any]:
        """What is called, after a program and the harness have run in a new module."""
        module = ModuleType(MODULE)
        sys.modules[MODULE] = module
        namespace = module.__dict__
        namespace.update(counter.names())
        for code in codes:
            exec(code, namespace)
        for code in self._codes:
            exec(code, namespace)
        called: Callable[..., Any] = eval(self._called, namespace)
        return called
