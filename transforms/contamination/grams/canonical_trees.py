"""Functions as canonical syntax trees (channel A): one hash for all renamings and layouts.

Docstrings, annotations, decorators and the function's own name do not count. Names that the code
binds, and names that are no builtins, are numbered in the order in which they occur. Attributes,
keywords of calls, literals and the structure count as they are.
"""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.contamination.grams.raw_tokens import BUILTINS
from transforms.lib.python.syntax_trees import Function, bare_string, qualified, walk

IGNORED_FIELDS = {
    "ctx",
    "annotation",
    "returns",
    "decorator_list",
    "type_comment",
    "kind",
    "type_params",
    "type_ignores",
}
NAME_FIELDS = {"id", "arg", "name", "asname", "rest"}  # fields of syntax trees that hold a name
BUILTIN_NAMES = frozenset(BUILTINS)


@dataclass(frozen=True)
class CanonicalTree:
    """The 64-bit hash of a canonical tree, and how many nodes it has."""

    digest: int
    nodes: int


def comparable_parts(tree: ast.Module) -> Sequence[tuple[str, Function | ast.Module]]:
    """The functions of a module with their qualified names, or ("", module) if it has none."""
    return list(qualified(tree)) or [("", tree)]


def canonical_tree(node: Function | ast.Module) -> CanonicalTree:
    """The canonical tree of one function, or of a module without functions.

    >>> def digest(source):
    ...     return canonical_tree(ast.parse(source).body[0]).digest
    >>> plain = digest("def add(a, b): return a + b")
    >>> plain == digest("def plus(x: int, y: int) -> int:\\n  '''Sum.'''\\n  return (x + y)")
    True
    >>> plain == digest("def add(a, b): return b + a")
    False
    """
    form: list[str] = []
    nodes, bound = 0, bound_names(node)
    numbers: dict[str, str] = {}
    stack: list[object] = [node]
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
    return CanonicalTree(int.from_bytes(digest.digest(), "little"), nodes)


def bound_names(tree: ast.AST) -> set[str]:
    """Names that are assigned, parameters, or functions and classes defined in the tree."""
    names = set()
    for node in walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
    return names


def _fields(node: ast.AST, bound: set[str], numbers: dict[str, str]) -> Iterator[object]:
    """The fields of a node that count, with names replaced by their numbers."""
    for field in node._fields:
        value: Any = getattr(node, field, None)
        if field in IGNORED_FIELDS:
            continue
        if field == "body" and isinstance(node, Function | ast.Module):
            documented = bool(value) and bare_string(value[0]) is not None
            yield value[1:] if documented else value
        elif isinstance(value, str) and field in NAME_FIELDS and not isinstance(node, ast.keyword):
            anonymous = value in bound or value not in BUILTIN_NAMES
            yield numbers.setdefault(value, f"#{len(numbers)}") if anonymous else value
        else:
            yield value
