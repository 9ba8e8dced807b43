"""Functions as canonical syntax trees (A): one hash for all consistent renamings and layouts.

Docstrings, annotations, decorators and the function's own name do not count; names that the code
binds or that are no builtins are numbered in the order in which they occur; attributes, keywords
of calls, literals and the structure count as they are.
"""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.contamination.grams.lexer import BUILTINS
from transforms.lib.python.syntax_trees import Function, bare_string, qualified, walk

LEFT_OUT = {
    "ctx",
    "annotation",
    "returns",
    "decorator_list",
    "type_comment",
    "kind",
    "type_params",
    "type_ignores",
}
NAMES = {"id", "arg", "name", "asname", "rest"}  # fields that hold a name
KNOWN = frozenset(BUILTINS)


@dataclass(frozen=True)
class Canonical:
    """Hash of a tree, and how many nodes it has."""

    digest: int
    nodes: int


def programs(tree: ast.Module) -> Sequence[tuple[str, Function | ast.Module]]:
    """What of a source has a canonical form: every function by name, or all of it ("") if it has
    none."""
    return list(qualified(tree)) or [("", tree)]


def canonical(node: Function | ast.Module) -> Canonical:
    """The canonical form of one function, or of a program without functions."""
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
    return Canonical(int.from_bytes(digest.digest(), "little"), nodes)


def bound_names(tree: ast.AST) -> set[str]:
    """Names that are assigned, or parameters, or defined inside."""
    found = set()
    for node in walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
    return found


def _fields(node: ast.AST, bound: set[str], numbers: dict[str, str]) -> Iterator[object]:
    for field in node._fields:
        value: Any = getattr(node, field, None)
        if field in LEFT_OUT:
            continue
        if field == "body" and isinstance(node, Function | ast.Module):
            documented = bool(value) and bare_string(value[0]) is not None
            yield value[1:] if documented else value
        elif isinstance(value, str) and field in NAMES and not isinstance(node, ast.keyword):
            anonymous = value in bound or value not in KNOWN
            yield numbers.setdefault(value, f"#{len(numbers)}") if anonymous else value
        else:
            yield value
