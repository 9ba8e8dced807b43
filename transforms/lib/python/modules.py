"""A module as statements with their own text, so that parts of it can be put together anew."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.problems.provided import free
from transforms.lib.python.literals import Unparsable, parse
from transforms.lib.python.scopes import bound_by

Defined = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Statement:
    """A statement of a module, with the text of its lines and without comments around them."""

    node: ast.stmt
    text: str

    @property
    def is_import(self) -> bool:
        """Whether it does nothing but import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


def statements(text: str) -> list[Statement]:
    """The statements of a module; Unparsable if it is none."""
    body = parse(text).body
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = list[Statement]()
    for node, after in zip(body, [*body[1:], None], strict=True):
        first, last = first_line(node), node.end_lineno or node.lineno
        shared = node.col_offset or (found and last_line(found[-1].node) >= first)
        if shared or (after and first_line(after) <= last):  # a; b
            found.append(Statement(node, ast.unparse(node) + "\n"))
        else:
            found.append(Statement(node, "\n".join(lines[first - 1 : last]) + "\n"))
    return found


def first_line(node: ast.stmt) -> int:
    """The line in which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt) -> int:
    """The line in which a statement ends."""
    return node.end_lineno or node.lineno


def joined(*blocks: str) -> str:
    """Blocks of a module, two empty lines between them, a line break at the end."""
    return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def code(*parts: Statement) -> str:
    """Statements as a module of their own; "" for none."""
    return joined(*(part.text for part in parts)) if parts else ""


def last_named(parts: Sequence[Statement], name: str) -> Statement:
    """The last function or class of that name: it is the one that counts; Unparsable if none."""
    for part in reversed(parts):
        if isinstance(part.node, Defined) and part.node.name == name:
            return part
    raise Unparsable("no_solution", f"no {name}")


def reachable(parts: Sequence[Statement], roots: frozenset[str]) -> list[Statement]:
    """The statements that define `roots`, and what these use in turn; what binds no name at all
    has no part in it."""
    binds = [(part, bound_by(part.node)) for part in parts]
    names, kept = {*roots, "annotations"}, set[int]()  # of the __future__
    while more := [part for part, bound in binds if id(part) not in kept and names & bound]:
        kept |= {id(part) for part in more}
        names |= {name for part in more for name in free(part.text)}
    return [part for part in parts if id(part) in kept]


def class_named(tree: ast.Module, name: str) -> ast.ClassDef | None:
    """The last class of that name at the top of a module."""
    found = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return found[-1] if found else None


def function_named(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last function of that name at the top of a module."""
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    return found[-1] if found else None


def methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods of a class, in order."""
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """Positional parameters but for a method's own `self`; Unparsable for `*a`, `**k`, `*, a`."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        raise Unparsable("signature", function.name)
    found = [*arguments.posonlyargs, *arguments.args]
    return found[1:] if found and found[0].arg in ("self", "cls") else found
