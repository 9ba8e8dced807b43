"""Finds the functions with docstrings in a file's tree; walks statements only, no expressions."""

import ast
from dataclasses import dataclass

Definition = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# The fields of a statement that hold other statements: functions are nowhere else.
STATEMENT_FIELDS: dict[type, tuple[str, ...]] = {
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.ClassDef: ("body",),
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}


@dataclass(frozen=True)
class DocumentedFunction:
    """A function whose first statement is a string: its node, its __qualname__, and its kind."""

    node: Definition
    qualname: str
    is_method: bool

    @property
    def docstring(self) -> ast.Expr:
        """The statement that is the docstring."""
        statement = self.node.body[0]
        assert isinstance(statement, ast.Expr)
        return statement

    @property
    def kind(self) -> str:
        """function, method, async_function or async_method."""
        kind = "method" if self.is_method else "function"
        return f"async_{kind}" if isinstance(self.node, ast.AsyncFunctionDef) else kind


def documented_functions(tree: ast.Module) -> list[DocumentedFunction]:
    r"""The functions of a tree whose first statement is a string, in the order of the file.

    Bytes and f-strings do not count.

    >>> tree = ast.parse("class A:\n  def f(self):\n    'Do.'\n    def g(): pass\n")
    >>> [(function.qualname, function.kind) for function in documented_functions(tree)]
    [('A.f', 'method')]
    """
    functions = []
    pending: list[tuple[list, str, bool]] = [(tree.body, "", False)]
    while pending:
        nodes, prefix, in_class = pending.pop()
        for node in nodes:
            fields = STATEMENT_FIELDS.get(type(node))
            if fields is None:
                continue
            inner, is_class = prefix, in_class
            if isinstance(node, ast.ClassDef):
                inner, is_class = f"{prefix}{node.name}.", True
            elif isinstance(node, DEFINITIONS):
                inner, is_class = f"{prefix}{node.name}.<locals>.", False
                if _begins_with_string(node):
                    functions.append(DocumentedFunction(node, prefix + node.name, in_class))
            pending += [(getattr(node, name), inner, is_class) for name in fields]
    return sorted(functions, key=lambda function: function.node.lineno)


def _begins_with_string(node: Definition) -> bool:
    first = node.body[0]
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
