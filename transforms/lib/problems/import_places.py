"""Where the imports of a solution stand once it is cut into a prompt and its completion.

An import gives an idea away (`from heapq import heappush`). A prompt shows those that stand before
the entry point for a reason: its signature, its decorators, or the types and tests beside it need
them. What only the body needs is imported at the top of the body, where a completion, which is
written from the top, first has a place for it; for a class, at the top of the methods that need it.
What follows the body has its imports before it.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transforms.lib.problems.pieces import Pieces
from transforms.lib.problems.provided_imports import ALWAYS_DEFINED
from transforms.lib.python.modules import first_line, joined
from transforms.lib.python.parsing import parse
from transforms.lib.python.scopes import bound_by, free_names, names_in, read_at_once

Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class PlacedImports:
    """The imports of a prompt, one a line each, and the completion with the others in it."""

    shown: tuple[str, ...]
    completion: str


def place_imports(
    imports: Sequence[str],
    pieces: Pieces,
    definitions: Sequence[str] = (),
    shown: frozenset[str] = frozenset(),
) -> PlacedImports:
    """The imports of a program, given as statements, where a prompt and its completion need them.

    `definitions` are texts of types that stand in the prompt; `shown` are further names that must
    be there: those that tests use. An import that nothing uses is left out.
    """
    nodes = [node for line in imports for node in parse(line).body if isinstance(node, Import)]
    entry = parse(pieces.header + pieces.body).body[-1]
    needed = _needed_in_prompt(entry, [pieces.before, *definitions]) | shown
    in_prompt = [line for node in nodes if (line := _part(node, needed, _is_future(node)))]
    stars = [ast.unparse(node) for node in nodes if _is_star(node)]
    if _are_undefined(needed, nodes, [pieces.before, *definitions]):
        in_prompt, stars = in_prompt + stars, []
    hidden = {name for node in nodes for name in bound_by(node)} - needed
    body, left = _with_imports(entry, pieces, nodes, hidden)
    left |= free_names(pieces.after) & hidden
    lines = [line for node in nodes if (line := _part(node, left))]
    return PlacedImports(tuple(in_prompt), joined(body, "\n".join(stars + lines), pieces.after))


def _needed_in_prompt(entry: ast.stmt, texts: Iterable[str]) -> set[str]:
    """The names that are read before the body of the entry point is first executed."""
    quoted = {word for text in _quoted_annotations(entry) for word in WORD.findall(text)}
    return read_at_once(entry) | quoted | {name for text in texts for name in free_names(text)}


def _quoted_annotations(entry: ast.stmt) -> Iterator[str]:
    """The annotations of a function that are strings, or have some in them: `List["Node"]`."""
    if not isinstance(entry, Function):
        return
    annotations = [argument.annotation for argument in entry.args.args] + [entry.returns]
    for annotation in filter(None, annotations):
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _are_undefined(needed: set[str], nodes: Sequence[Import], texts: Iterable[str]) -> bool:
    """Whether a prompt needs names that only an `import *` can define."""
    known = {name for node in nodes for name in bound_by(node)} | ALWAYS_DEFINED
    defined = {name for text in texts for node in parse(text).body for name in bound_by(node)}
    return bool(needed - known - defined)


def _is_future(node: Import) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_star(node: Import) -> bool:
    return node.names[0].name == "*"


def _part(node: Import, names: set[str] | frozenset[str], whole: bool = False) -> str | None:
    """The statement with only those of its names, or with all; None if that leaves nothing."""
    if _is_star(node):
        return None
    kept = [alias for alias in node.names if whole or _bound(alias) in names]
    if not kept:
        return None
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(node.module, kept, node.level))
    return ast.unparse(ast.Import(kept))


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _with_imports(
    entry: ast.stmt, pieces: Pieces, nodes: Sequence[Import], hidden: set[str]
) -> tuple[str, set[str]]:
    """The body with imports of the names in `hidden` that it needs, and those names that have no
    place in it."""
    lines = (pieces.header + pieces.body).split("\n")
    functions = [entry] if isinstance(entry, Function) else _roomy_functions(entry, lines)
    declared = _declared_global(entry)
    wanted = (free_names(pieces.header + pieces.body) | declared) & hidden
    outside = declared | _read_outside(entry, functions)
    for function in reversed(functions):
        names = _read_by(function) & wanted - outside
        at = _first_line_of_body(function)
        indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())]
        added = [line for node in nodes if (line := _part(node, names))]
        lines[at - 1 : at - 1] = [*(indent + line for line in added), ""] if added else []
    header_lines = pieces.header.count("\n")
    return "\n".join(lines[header_lines:]), wanted & outside


def _roomy_functions(entry: ast.stmt, lines: Sequence[str]) -> list[Function]:
    """The methods of a class whose body begins in a line of its own, in order."""
    body = entry.body if isinstance(entry, ast.ClassDef) else []
    return [node for node in body if isinstance(node, Function) and _has_room(node, lines)]


def _has_room(function: Function, lines: Sequence[str]) -> bool:
    at, column = _first_line_of_body(function), function.body[0].col_offset
    return not lines[at - 1][:column].strip()


def _first_line_of_body(function: Function) -> int:
    """The line of the first statement that is no docstring."""
    documented = ast.get_docstring(function, clean=False) is not None and len(function.body) > 1
    return first_line(function.body[1 if documented else 0])


def _declared_global(entry: ast.stmt) -> set[str]:
    """The names that a definition says are global, which an import inside of it would hide."""
    declared = (node for node in ast.walk(entry) if isinstance(node, ast.Global | ast.Nonlocal))
    return {name for node in declared for name in node.names}


def _read_outside(entry: ast.stmt, functions: Sequence[Function]) -> set[str]:
    """The names that parts of a class read that are none of these methods."""
    if not isinstance(entry, ast.ClassDef):
        return set()
    return names_in(*(node for node in entry.body if node not in functions))


def _read_by(function: Function) -> set[str]:
    """The names of a module that the body of a function reads."""
    return names_in(*function.body) & free_names(ast.unparse(function))
