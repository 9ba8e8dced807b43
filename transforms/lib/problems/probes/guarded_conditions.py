"""Conditions of tests, written so that no object of a program sees what is expected of it.

An object decides itself what `==`, `-` and `<` with it are: one whose difference with anything is 0
would pass `abs(area - 78.5) < 1e-6`. So what a condition computes with must be plain data, whose
type is exactly a built-in one; else the condition fails. Two objects of the program may be compared
with each other, unless one is equal to what is none of its kind.
"""

import ast

# Built-in functions that return data where their arguments are data.
OF_DATA = {"abs", "round", "sum", "min", "max", "divmod", "float", "int"}
IDENTITY = ast.Is | ast.IsNot
EQUALITY = ast.Eq | ast.NotEq
MEMBERSHIP = ast.In | ast.NotIn


class Guarded(ast.NodeTransformer):
    """Rewrites comparisons to calls of functions of the harness.

    >>> condition = ast.parse("abs(c.area() - 78.5) < 0.1 and f(1) == g", mode="eval").body
    >>> print(ast.unparse(Guarded().visit(condition)))
    abs(_data(c.area()) - 78.5) < 0.1 and _same(f(1), g)
    """

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """The comparison, with operands of `<`, `in` and of chains that must be data."""
        if all(isinstance(op, IDENTITY) for op in node.ops):
            self.generic_visit(node)
            return node
        if len(node.ops) == 1 and isinstance(node.ops[0], EQUALITY):
            operands = [self.visit(node.left), self.visit(node.comparators[0])]
            same = ast.Call(ast.Name("_same", ast.Load()), operands, [])
            return same if isinstance(node.ops[0], ast.Eq) else ast.UnaryOp(ast.Not(), same)
        pairs = zip(node.ops, node.comparators, strict=True)
        comparators = [
            self._members(each) if isinstance(op, MEMBERSHIP) else self._data(each)
            for op, each in pairs
        ]
        return ast.Compare(self._data(node.left), node.ops, comparators)

    def _members(self, node: ast.expr) -> ast.expr:
        return self._called("_members", node)

    def _called(self, name: str, node: ast.expr) -> ast.expr:
        """A call of a function of the harness; a node that is one stays as it is."""
        match node:
            case ast.Call(func=ast.Name(id=same)) if same == name:
                return node
        return ast.Call(ast.Name(name, ast.Load()), [self.visit(node)], [])

    def _data(self, node: ast.expr) -> ast.expr:
        """An operand that must be data; arithmetic is done on operands that must be."""
        match node:
            case ast.Constant():
                return node
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(self._data(left), op, self._data(right))
            case ast.UnaryOp(op=sign, operand=operand) if not isinstance(sign, ast.Not):
                return ast.UnaryOp(sign, self._data(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in OF_DATA:
                return ast.Call(node.func, [*map(self._data, arguments)], [])
        return self._called("_data", node)


def stated(condition: ast.expr) -> str | None:
    """What a condition asks of a value, without the value: `> 3` of `f(2) > 3`; None if it is no
    comparison.

    >>> [stated(ast.parse(text, mode="eval").body) for text in ("f(2) > 3", "f(2)", "1 in f()")]
    ['> 3', None, '1 in']
    """
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = stated(operand)
            return inner and f"not {inner}"
        case ast.BoolOp(values=values):
            parts = [stated(value) for value in values]
            word = " and " if isinstance(condition.op, ast.And) else " or "
            return word.join(part for part in parts if part) or None
        case ast.Compare(left=left, ops=[_], comparators=[right]) if _says_more(left, right):
            whole = ast.unparse(condition)
            return whole.removesuffix(ast.unparse(right)).strip()
        case ast.Compare(left=left):
            return ast.unparse(condition).removeprefix(ast.unparse(left)).strip()
    return None


def _says_more(left: ast.expr, right: ast.expr) -> bool:
    """Whether what is expected stands on the left of an operator."""
    return _is_fixed(left) and not _is_fixed(right)


def _is_fixed(node: ast.expr) -> bool:
    """Whether an expression has no names and calls in it."""
    return not any(isinstance(inner, ast.Name | ast.Call) for inner in ast.walk(node))
