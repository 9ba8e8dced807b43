"""Definitions that a program reads and does not have, taken from texts that stood before it."""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.lib.completions.entry_definitions import bound_names
from transforms.lib.completions.kept_statements import first_line
from transforms.lib.completions.parsable_lines import Code

BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class _Lent:
    """A statement that another text may lend: its source and tree, and where it stood."""

    place: tuple[int, int]
    text: str
    tree: ast.stmt


def with_borrowed(program: str, tree: ast.Module, sources: Sequence[Code], entry_point: str) -> str:
    """A program with the definitions that it lacks before it; the last source that has one counts.

    The entry point itself is never borrowed.
    """
    lent = {name: each for each in _lendable(sources) for name in bound_names(each.tree)}
    lent.pop(entry_point.partition(".")[0], None)
    taken: dict[tuple[int, int], str] = {}
    missing = _missing(tree)
    while missing:
        each = lent.get(missing.pop())
        if each and each.place not in taken:
            taken[each.place] = each.text
            missing |= _missing(each.tree)
    return _joined([taken[place] for place in sorted(taken)], program)


def _lendable(sources: Sequence[Code]) -> Iterator[_Lent]:
    for number, source in enumerate(sources):
        lines = source.text.splitlines(keepends=True)
        for statement in source.tree.body:
            if not isinstance(statement, ast.Expr | ast.Assert | ast.For | ast.While | ast.Return):
                begin, end = first_line(statement) - 1, statement.end_lineno
                yield _Lent((number, begin), "".join(lines[begin:end]).rstrip(), statement)


def _missing(tree: ast.AST) -> set[str]:
    """The names that a tree reads and never binds, in any scope."""
    read, bound = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.stmt):
            bound.update(bound_names(node))
    return read - bound - BUILTINS


def _joined(borrowed: list[str], program: str) -> str:
    """The texts one after the other; what a program imports from the future stays first."""
    if not borrowed:
        return program
    lines = program.splitlines(keepends=True)
    future = [line for line in lines if line.startswith("from __future__ ")]
    rest = [line for line in lines if not line.startswith("from __future__ ")]
    return "".join([*future, *(f"{text}\n" for text in borrowed), "\n", *rest])
