"""Functions as canonical syntax trees: one hash for all consistent renamings and layouts.

Docstrings, annotations, decorators and the function's own name do not count; names that the
function binds or that are no builtins are numbered in the order in which they occur; attributes,
keywords of calls, literals and the structure count as they are.
"""

import ast
import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.contamination.lexer import BUILTINS

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LEFT_OUT = {"ctx", "annotation", "returns", "decorator_list", "type_comment", "kind", "type_params"}
NAMES = {"id", "arg", "name", "asname", "rest"}  # fields that hold a name; of calls, "arg" is kept
KNOWN = frozenset(BUILTINS)


@dataclass(frozen=True)
class Canonical:
    """A function's hash, how many nodes its tree has, and its lines (from 1, both included)."""

    digest: int
    nodes: int
    first: int
    last: int


def parse(text: str) -> ast.Module | None:
    """The tree of a text, or None where Python refuses it, whatever the text tries."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a tree, nested ones too; without recursion, as trees may be deep."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, FUNCTIONS):
            yield node
        if isinstance(node, ast.stmt | ast.Module | ast.excepthandler | ast.match_case):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def canonical(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Canonical:
    """The canonical form of one function."""
    form: list[str] = []
    nodes = 0
    numbers: dict[str, str] = {}
    bound = _bound(function)
    stack: list[object] = [function]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.AST):
            nodes += 1
            form.append(type(item).__name__)
            stack.extend(reversed(list(_fields(item, bound, numbers))))
        elif isinstance(item, list):
            form.append(f"[{len(item)}")
            stack.extend(reversed(item))
        else:
            form.append(repr(item))
    digest = hashlib.blake2b("\n".join(form).encode("utf-8", "surrogatepass"), digest_size=8)
    last = function.end_lineno or function.lineno
    return Canonical(int.from_bytes(digest.digest(), "little"), nodes, function.lineno, last)


def _bound(function: ast.AST) -> set[str]:
    """Names that are assigned, or parameters, or defined inside."""
    found = set()
    for node in _walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
    return found


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(ast.iter_child_nodes(node))


def _fields(node: ast.AST, bound: set[str], numbers: dict[str, str]) -> Iterator[object]:
    for field in node._fields:
        value = getattr(node, field, None)
        if field in LEFT_OUT:
            continue
        if field == "body" and isinstance(node, FUNCTIONS):
            yield _without_docstring(value)
        elif isinstance(value, str) and field in NAMES and not isinstance(node, ast.keyword):
            anonymous = value in bound or value not in KNOWN
            yield numbers.setdefault(value, f"#{len(numbers)}") if anonymous else value
        else:
            yield value


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if text and isinstance(first.value.value, str) else body
