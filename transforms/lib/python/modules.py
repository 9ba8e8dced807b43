"""A Python module as a value: its text, its tree, and its statements with their own text.

Formats take modules apart and put parts of them together anew, so each text is parsed once, here.
"""

import ast
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.python.scopes import bound_by, free_names

NamedDefinition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """A module's text, and what follows from it, which is found out once.

    The tree is shared by all who read it: nobody changes it. All attributes but `text` raise
    Rejected if the text is no Python 3, or is too large or deep.

    >>> module = Module("import os\\n\\n\\nx = 1; y = os  # two\\n")
    >>> [statement.text for statement in module.statements]
    ['import os\\n', 'x = 1\\n', 'y = os\\n']
    """

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, within the bounds of `parse`."""
        return parse(self.text)

    @cached_property
    def statements(self) -> tuple["Statement", ...]:
        """The statements at the top of the module."""
        return tuple(_statements(self.tree, self.text))

    @cached_property
    def free_names(self) -> frozenset[str]:
        """The names that the module uses and neither defines nor imports, builtins included."""
        return frozenset(free_names(self.text))


@dataclass(frozen=True)
class Statement:
    """A statement of a module, with the text of its lines, without comments around them.

    `node` has line numbers of the module; the first line of `text` is that of `first_line(node)`.
    """

    node: ast.stmt
    text: str

    @property
    def is_import(self) -> bool:
        """Whether it does nothing but import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @cached_property
    def bound_names(self) -> frozenset[str]:
        """The names that it binds in its module."""
        return frozenset(bound_by(self.node))

    @cached_property
    def free_names(self) -> frozenset[str]:
        """The names that it uses and does not bind itself, builtins included."""
        return frozenset(free_names(self.text))


def _statements(tree: ast.Module, text: str) -> list[Statement]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    made = list[Statement]()
    previous_line = 0
    for node, following in itertools.zip_longest(tree.body, tree.body[1:]):
        first, last = first_line(node), last_line(node)
        shares_line = node.col_offset or previous_line >= first
        if shares_line or (following and first_line(following) <= last):  # a; b
            made.append(_rewritten(node))
        else:
            made.append(Statement(node, "\n".join(lines[first - 1 : last]) + "\n"))
        previous_line = last
    return made


def _rewritten(node: ast.stmt) -> Statement:
    """A statement that shares a line with another, as Python writes it in lines of its own."""
    text = ast.unparse(node) + "\n"
    return Statement(parse(text).body[0], text)


def first_line(node: ast.stmt) -> int:
    """The line in which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt) -> int:
    """The line in which a statement ends."""
    return node.end_lineno or node.lineno


def joined(*blocks: str) -> str:
    """Blocks of a module with two empty lines between them; empty ones are left out.

    >>> joined("import os", "", "def f(): pass\\n")
    'import os\\n\\n\\ndef f(): pass\\n'
    """
    return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def code(*statements: Statement) -> str:
    """The text of a module of these statements; "" for none."""
    return joined(*(statement.text for statement in statements)) if statements else ""


def last_named(statements: Sequence[Statement], name: str) -> Statement:
    """The last function or class of that name, which is the one that a module ends up with.

    Raises Rejected (`no_solution`) if there is none.
    """
    for statement in reversed(statements):
        if isinstance(statement.node, NamedDefinition) and statement.node.name == name:
            return statement
    raise Rejected("no_solution", f"no {name}")


def reachable(statements: Sequence[Statement], roots: frozenset[str]) -> list[Statement]:
    """The statements that define the names `roots`, and all that these use in turn, in order.

    A statement that binds no name at all is never among them.
    """
    names, kept = {*roots, "annotations"}, set[int]()  # of `from __future__ import annotations`
    while more := [s for s in statements if id(s) not in kept and names & s.bound_names]:
        kept |= {id(statement) for statement in more}
        names |= {name for statement in more for name in statement.free_names}
    return [statement for statement in statements if id(statement) in kept]


def class_named(tree: ast.Module, name: str) -> ast.ClassDef | None:
    """The last class of that name at the top of a module, or None."""
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return classes[-1] if classes else None


def function_named(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last function of that name at the top of a module, or None; `async` ones do not count."""
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    return functions[-1] if functions else None


def methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods of a class, in order; `async` ones do not count."""
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """The positional parameters of a function, without a first one called `self` or `cls`.

    Raises Rejected (`signature`) for one that takes `*a`, `**k` or `*, a`.
    """
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        raise Rejected("signature", function.name)
    positional = [*arguments.posonlyargs, *arguments.args]
    takes_self = positional and positional[0].arg in ("self", "cls")
    return positional[1:] if takes_self else positional
