"""How hostile Python source is parsed: to a syntax tree within bounds, or else it raises Rejected.

Nothing is executed. CPython's parser refuses what is too deep for itself, but code that walks its
trees recursively could still use up the stack, so a tree is measured before it is returned.
"""

import ast
import symtable
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from transforms.lib.python.newer_trees import NewestTree, parse_newest

ONE_PARSER = threading.RLock()
MAX_VALUE = 200  # characters of Python's message that a reject keeps
# What Python's parser and compiler raise on text that is no module, or one too large for them.
PARSER_ERRORS = (SyntaxError, ValueError, MemoryError, RecursionError)


class Rejected(Exception):
    """Input that a stage drops: `reason` and `value` as they stand in its row of rejects."""

    def __init__(self, reason: str, value: str | None = None) -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True)
class TreeBounds:
    """How large a source and its tree may be; real code has trees of fewer than 50 levels."""

    characters: int = 1_000_000
    depth: int = 200
    nodes: int = 400_000


BOUNDS = TreeBounds()


def not_python3(error: Exception) -> Rejected:
    """An error of Python's parser as a reject: `too_deep` or `not_python3`."""
    if isinstance(error, MemoryError | RecursionError):
        return Rejected("too_deep", type(error).__name__)
    return Rejected("not_python3", f"{type(error).__name__}: {error}"[:MAX_VALUE])


def parse(text: str, bounds: TreeBounds = BOUNDS) -> ast.Module:
    """The syntax tree of a module that this Python can run.

    Raises Rejected: `too_large` or `too_deep` for a source beyond `bounds`, `newer_python` for
    syntax of a later Python 3, and `not_python3`.

    >>> parse("x = 1").body[0].lineno
    1
    >>> try:
    ...     parse("print 1")
    ... except Rejected as rejected:
    ...     print(rejected.reason)
    not_python3
    """
    if len(text) > bounds.characters:
        raise Rejected("too_large", f"{len(text)} characters")
    try:
        with _no_warnings():
            tree = ast.parse(text)
    except PARSER_ERRORS as error:
        raise (_newer_python(text, error) or not_python3(error)) from error
    _measure(tree, bounds)
    return tree


def _newer_python(text: str, error: Exception) -> Rejected | None:
    """The reject of a text that only a newer Python than this one can run."""
    try:
        with _no_warnings():
            newer = parse_newest(text).newer
    except PARSER_ERRORS:
        return None
    minor = max((found.minor for found in newer), default=0)
    return Rejected("newer_python", f"3.{minor}: {error}"[:MAX_VALUE])


def parse_or_none(text: str) -> ast.Module | None:
    """The syntax tree of a module of any size in Python's newest syntax, or None if it is none."""
    try:
        return newest(text).tree
    except Rejected:
        return None


def newest(text: str, explain: Callable[[Exception], Rejected] = not_python3) -> NewestTree:
    """The tree of a module of any size in Python's newest syntax, whatever Python this is.

    Raises what `explain` makes of an error of Python's parser.
    """
    try:
        with _no_warnings():
            return parse_newest(text)
    except PARSER_ERRORS as error:
        raise explain(error) from error


def parse_expression(text: str) -> ast.expr:
    """The syntax tree of one expression, such as an annotation that is a string.

    Raises Rejected (`not_python3`, `too_deep`) if Python refuses the text.
    """
    try:
        with _no_warnings():
            return ast.parse(text, mode="eval").body
    except PARSER_ERRORS as error:
        raise not_python3(error) from error


def symbol_table(text: str) -> symtable.SymbolTable:
    """The names of a module, scope by scope.

    Raises Rejected (`not_python3`, `too_deep`) if Python refuses the text: also one that has a
    tree, such as a module with `nonlocal x` at its top.
    """
    try:
        with _no_warnings():
            return symtable.symtable(text, "solution", "exec")
    except PARSER_ERRORS as error:
        raise not_python3(error) from error


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Keep what Python warns about in a stranger's source, such as `"\\d"`, off the terminal.

    One thread at a time: filters of warnings are those of all threads, and so is the depth that
    CPython 3.11 counts while it makes a tree ("recursion depth mismatch" where two do).
    """
    with ONE_PARSER, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _measure(tree: ast.AST, bounds: TreeBounds) -> None:
    """Raise Rejected (`too_deep`) if a tree is beyond bounds; level by level, not recursively."""
    level: list[ast.AST] = [tree]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if depth > bounds.depth or nodes > bounds.nodes:
            raise Rejected("too_deep", f"{depth} levels, {nodes} nodes")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
