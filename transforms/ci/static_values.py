"""What expressions of Python give, strings and lists of them, as far as their syntax tells."""

import ast
from collections.abc import Callable, Mapping, Sequence

MOST_PARTS = 200  # of one list
MAX_TEXT = 20_000  # characters of one string


class NotKnown(Exception):
    """Only a run of the program can tell."""


class StaticValues:
    """The values of names; `assume` tells what an expression gives that only a run can tell.

    >>> values = StaticValues({"V": "5.0", "L": ["a"]})
    >>> [values.of(ast.parse(text, mode="eval").body) for text in ("f'x~={V}.0'", "[*L, 'b'] + L")]
    ['x~=5.0.0', ['a', 'b', 'a']]
    """

    def __init__(
        self,
        names: Mapping[str, str | list[str]],
        assume: Callable[[ast.expr], str | list[str] | None] = lambda node: None,
    ) -> None:
        self.names, self._assume = dict(names), assume

    def of(self, node: ast.expr) -> str | list[str]:
        """The value of an expression; raises NotKnown."""
        value = self._of(node)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise NotKnown("too long")
        return value

    def _of(self, node: ast.expr) -> str | list[str]:
        assumed = self._assume(node)
        if assumed is not None:
            return assumed
        match node:
            case ast.Constant(value=str() | int() | float() as value):
                return str(value)
            case ast.Constant(value=None):
                return []
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.JoinedStr(values=parts):
                return "".join(self.text(part) for part in parts)
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                return self.text(inner)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return self.texts(parts)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._sum(self.of(left), self.of(right))
            case ast.BoolOp(op=ast.Or(), values=values):
                return next((value for value in map(self.of, values) if value), [])
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.of(body if self.of(test) else other)
            case ast.Call(func=ast.Name(id="str" | "list" | "tuple"), args=[inner]):
                return self.of(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="split"), args=[]):
                return self.text(inner).split()
        raise NotKnown(ast.unparse(node)[:80])

    def text(self, node: ast.expr) -> str:
        """The value of an expression that gives one string; raises NotKnown."""
        value = self.of(node)
        if not isinstance(value, str):
            raise NotKnown(ast.unparse(node)[:80])
        return value

    def texts(self, nodes: Sequence[ast.expr]) -> list[str]:
        """The values of several expressions, and those of lists among them; no unknown ones."""
        found: list[str] = []
        for node in nodes[:MOST_PARTS]:
            try:
                value = self.of(node.value if isinstance(node, ast.Starred) else node)
            except NotKnown:
                continue
            found += [value] if isinstance(value, str) else value
        return found[:MOST_PARTS]

    @staticmethod
    def _sum(left: str | list[str], right: str | list[str]) -> str | list[str]:
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        parts = [[each] if isinstance(each, str) else each for each in (left, right)]
        return [*parts[0], *parts[1]][:MOST_PARTS]
