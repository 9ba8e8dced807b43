"""Definitions that a program reads and does not have, taken from texts that stood before it."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.lib.completions.kept_statements import first_line
from transforms.lib.completions.module_names import bound_names, free_names
from transforms.lib.completions.parsable_lines import Code, lines_of


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
    missing = free_names(tree)
    while missing:
        each = lent.get(missing.pop())
        if each and each.place not in taken:
            taken[each.place] = each.text
            missing |= free_names(each.tree)
    return _joined([taken[place] for place in sorted(taken)], program)


def _lendable(sources: Sequence[Code]) -> Iterator[_Lent]:
    for number, source in enumerate(sources):
        lines = lines_of(source.text)
        for statement in source.tree.body:
            if not isinstance(statement, ast.Expr | ast.Assert | ast.For | ast.While | ast.Return):
                begin, end = first_line(statement) - 1, statement.end_lineno
                yield _Lent((number, begin), "".join(lines[begin:end]).rstrip(), statement)


def _joined(borrowed: list[str], program: str) -> str:
    """The texts one after the other; what a program imports from the future stays first."""
    if not borrowed:
        return program
    lines = lines_of(program)
    future = [line for line in lines if line.startswith("from __future__ ")]
    rest = [line for line in lines if not line.startswith("from __future__ ")]
    return "".join([*future, *(f"{text}\n" for text in borrowed), "\n", *rest])
