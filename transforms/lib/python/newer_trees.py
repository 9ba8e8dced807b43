"""Syntax trees of texts in Python's newest syntax, whatever Python quire runs on.

Python's own parser decides. Where it refuses a text, what is newer in it is rewritten for it (see
`newer_syntax`), and put into the tree as the newest Python would have it.
"""

import ast
import builtins
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.python.newer_syntax import (
    Kind,
    NewerSyntax,
    TypeParameter,
    newer_syntax,
    rewritten,
)
from transforms.lib.python.source_text import SourceText
from transforms.lib.python.string_literals import UnclosedSyntax


def _node_type(name: str, *fields: str) -> Any:
    """A type of nodes of `ast`, or one like it where this Python has none."""
    return getattr(ast, name, None) or type(name, (ast.AST,), {"_fields": fields})


TypeVar = _node_type("TypeVar", "name", "bound", "default_value")
ParamSpec = _node_type("ParamSpec", "name", "default_value")
TypeVarTuple = _node_type("TypeVarTuple", "name", "default_value")
TypeAlias = _node_type("TypeAlias", "name", "type_params", "value")
TemplateStr = _node_type("TemplateStr", "values")
NEWER_NODES = (TypeVar, ParamSpec, TypeVarTuple, TypeAlias, TemplateStr)

Generic = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Python's own parser knows some of the newer syntax; its versions are then found after parsing.
KNOWS_NEWER_SYNTAX = sys.version_info >= (3, 12)
PYTHON_2_EXCEPT = "multiple exception types must be parenthesized"
EXCEPTIONS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)


@dataclass(frozen=True)
class NewestTree:
    """The tree of a module, and the constructs in it that are newer than Python 3.11."""

    tree: ast.Module
    newer: tuple[NewerSyntax, ...] = ()

    def minor_version(self, begin: int, end: int) -> int:
        """The Python 3 that what is newer between two positions needs; 0 if there is nothing."""
        if not self.newer:  # as nearly always
            return 0
        inside = (found.minor for found in self.newer if begin <= found.begin < end)
        return max(inside, default=0)


def parse_newest(text: str) -> NewestTree:
    r"""The tree of a module in any Python 3 known here; `text` has no byte order mark.

    Raises what `ast.parse` raises. `except A, e:` of Python 2 is a SyntaxError, though the newest
    Python takes `e` for a second exception.

    >>> newest = parse_newest("def f[T](x: T) -> T:\n    return x\n")
    >>> newest.tree.body[0].type_params[0].name, newest.minor_version(0, 30)
    ('T', 12)
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return _parsed_anew(text, error)
    if not KNOWS_NEWER_SYNTAX:
        return NewestTree(tree)
    try:
        newer = newer_syntax(text.encode())
    except (UnclosedSyntax, UnicodeEncodeError):
        return NewestTree(tree)
    _refuse_python_2(tree, SourceText(text), newer)
    return NewestTree(tree, tuple(newer))


def _parsed_anew(text: str, error: SyntaxError) -> NewestTree:
    """The tree of a text that Python refuses with an error. Raises the error if it is right."""
    try:
        source = SourceText(text)
        newer = newer_syntax(source.content)
        if not newer:
            raise error
        tree = ast.parse(rewritten(source.content, newer).decode())
        _refuse_python_2(tree, source, newer)
        _restore(tree, source, newer)
    except (UnclosedSyntax, UnicodeEncodeError):
        raise error from None
    return NewestTree(tree, tuple(newer))


def _refuse_python_2(tree: ast.Module, source: SourceText, newer: Sequence[NewerSyntax]) -> None:
    """Raise SyntaxError if an `except A, e:` is one of Python 2, which binds `e`."""
    handlers = {found.begin for found in newer if found.kind is Kind.EXCEPT}
    if not handlers:
        return
    nodes = list(ast.walk(tree))
    classes = {name for node in nodes for name in _imported_or_class(node)} | EXCEPTIONS
    for node in nodes:
        if isinstance(node, ast.ExceptHandler) and source.begin(node) in handlers:
            name = _second(node.type)
            if name and name not in classes and (_is_variable(name) or _reads(node.body, name)):
                line = source.text(source.line_begin(source.begin(node)), source.end(node))
                place = ("", node.lineno, node.col_offset + 1, line.partition("\n")[0])
                raise SyntaxError(PYTHON_2_EXCEPT, place)


def _imported_or_class(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.ClassDef):
        yield node.name


def _second(expression: ast.expr | None) -> str | None:
    """The name that is the second of two expressions, as they stand after rewriting."""
    parts: list[ast.expr] = []
    if isinstance(expression, ast.Tuple):
        parts = expression.elts
    elif isinstance(expression, ast.BinOp):
        parts = [expression.left, expression.right]
    if len(parts) == 2 and isinstance(parts[1], ast.Name):
        return parts[1].id
    return None


def _is_variable(name: str) -> bool:
    """Whether a name is written as that of a variable, not as that of a class."""
    return not name.lstrip("_")[:1].isupper()


def _reads(body: list[ast.stmt], name: str) -> bool:
    nodes = (node for statement in body for node in ast.walk(statement))
    return any(isinstance(node, ast.Name) and node.id == name for node in nodes)


def _restore(tree: ast.Module, source: SourceText, newer: Sequence[NewerSyntax]) -> None:
    """Put into a tree what was replaced in its text."""
    definitions = {found.begin: found for found in newer if found.kind is Kind.TYPE_PARAMETERS}
    aliases = {found.begin: found for found in newer if found.kind is Kind.TYPE_ALIAS}
    strings = [found for found in newer if found.kind in (Kind.F_STRING, Kind.TEMPLATE)]
    begins = [found.begin for found in strings]

    def restored(node: Any) -> Any:
        """What stands in the tree for a node of the replaced text."""
        if isinstance(node, Generic) and (found := definitions.get(source.begin(node))):
            node.type_params = _type_parameters(found, source)  # type: ignore[union-attr]
        elif isinstance(node, ast.Assign) and (found := aliases.get(source.begin(node))):
            return _alias(node, found, source)
        elif isinstance(node, ast.Constant | ast.JoinedStr) and strings:
            first = bisect_left(begins, source.begin(node))
            last = bisect_left(begins, source.end(node))
            if first < last:
                return _formatted(node, strings[first:last])
        return node

    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, field, restored(value))
            elif isinstance(value, list):
                value[:] = map(restored, value)
        if not isinstance(node, ast.JoinedStr | TemplateStr):
            pending += ast.iter_child_nodes(node)


def _formatted(node: ast.Constant | ast.JoinedStr, strings: list[NewerSyntax]) -> ast.AST:
    """An f-string or t-string with the expressions of what was replaced in it."""
    values = list(node.values) if isinstance(node, ast.JoinedStr) else []
    values += [
        ast.FormattedValue(_expression(field), -1) for found in strings for field in found.fields
    ]
    template = any(found.kind is Kind.TEMPLATE for found in strings)
    made: ast.AST = (TemplateStr if template else ast.JoinedStr)(values=values)
    return ast.copy_location(made, node)


def _alias(node: ast.Assign, found: NewerSyntax, source: SourceText) -> ast.AST:
    target = node.targets[0]
    name = target.value if isinstance(target, ast.Subscript) else target
    assert isinstance(name, ast.Name)
    name = ast.copy_location(ast.Name(name.id, ast.Store()), name)
    parameters = _type_parameters(found, source)
    made: ast.AST = TypeAlias(name=name, type_params=parameters, value=node.value)
    return ast.copy_location(made, node)


def _type_parameters(found: NewerSyntax, source: SourceText) -> list[ast.AST]:
    return [_type_parameter(parameter, source) for parameter in found.parameters]


def _type_parameter(parameter: TypeParameter, source: SourceText) -> ast.AST:
    node: ast.AST = (TypeVar, TypeVarTuple, ParamSpec)[parameter.stars](name=parameter.name)
    if parameter.stars == 0:
        node.bound = _optional(parameter.bound)  # type: ignore[attr-defined]
    elif parameter.bound is not None:
        raise SyntaxError(f"cannot use bound with {parameter.name}")
    node.default_value = _optional(parameter.default)  # type: ignore[attr-defined]
    begin, end = source.place(parameter.begin), source.place(parameter.end)
    node.lineno, node.col_offset = begin  # type: ignore[attr-defined]
    node.end_lineno, node.end_col_offset = end  # type: ignore[attr-defined]
    return node


def _optional(code: bytes | None) -> ast.expr | None:
    return None if code is None else _expression(code)


def _expression(code: bytes) -> ast.expr:
    """The tree of an expression; its positions are not those of the file."""
    text = code.decode().strip()
    if not text:
        raise SyntaxError("a valid expression is required")
    comma = "," if text.startswith("*") else ""
    (statement,) = parse_newest(f"({text}\n{comma})").tree.body
    assert isinstance(statement, ast.Expr)
    return statement.value
