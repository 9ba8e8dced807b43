"""The functions that an entry point names; strengthen ships this file into the sandbox, too."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from transforms.lib.python.syntax_trees import STATEMENT_FIELDS, Function

# Which of several functions of one name a property holds, by the last part of its entry point.
SETTERS = {"fset": "setter", "fdel": "deleter"}


def entry_functions(statements: Sequence[ast.stmt], entry_point: str) -> Iterator[Function]:
    """The functions that an entry point names: the methods if it names a class.

    An entry point may be a method, or what a decorator holds: `Class.method`,
    `Class.property.fget`.
    """
    return _functions(statements, entry_point.split("."))


def _functions(statements: Sequence[ast.stmt], names: Sequence[str]) -> Iterator[Function]:
    name, *rest = names
    for node in _definitions(statements):
        if isinstance(node, ast.ClassDef) and node.name == name:
            if rest:
                yield from _functions(node.body, [_unmangled(rest[0], name), *rest[1:]])
            else:
                yield from (each for each in node.body if isinstance(each, Function))
        elif isinstance(node, Function) and node.name == name and _is_held(node, rest):
            yield node


def _definitions(nodes: Iterable[ast.AST]) -> Iterator[ast.ClassDef | Function]:
    """The functions and classes among statements, in branches of these too."""
    for node in nodes:
        if isinstance(node, Function | ast.ClassDef):
            yield node
        else:
            for name in STATEMENT_FIELDS:
                yield from _definitions(getattr(node, name, ()))


def _unmangled(name: str, owner: str) -> str:
    """The name as it is written in a class, of one that Python has made private."""
    begin = f"_{owner.lstrip('_')}__"
    return name[len(begin) - 2 :] if name.startswith(begin) else name


def _is_held(node: Function, holders: Sequence[str]) -> bool:
    """Whether it is this one of several functions of its name, the setter of a property for one."""
    wanted = SETTERS.get(holders[-1] if holders else "")
    kinds = {each.attr for each in node.decorator_list if isinstance(each, ast.Attribute)}
    return wanted in kinds if wanted else not kinds & set(SETTERS.values())
