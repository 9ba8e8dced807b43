"""Functions with docstrings in a file's tree: only statements are walked, no expression."""

import ast
from dataclasses import dataclass

Definition = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Where statements stand in others: a function stands nowhere else.
BLOCKS: dict[type, tuple[str, ...]] = {
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
class Found:
    """A function that begins with a string: its node, its name, and whether a class has it."""

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


def find(tree: ast.Module) -> list[Found]:
    """Functions whose first statement is a string and no bytes or f-string, in the file's order."""
    found = []
    pending: list[tuple[list, str, bool]] = [(tree.body, "", False)]
    while pending:
        nodes, prefix, in_class = pending.pop()
        for node in nodes:
            blocks = BLOCKS.get(type(node))
            if blocks is None:
                continue
            inner, is_class = prefix, in_class
            if isinstance(node, ast.ClassDef):
                inner, is_class = f"{prefix}{node.name}.", True
            elif isinstance(node, DEFINITIONS):
                inner, is_class = f"{prefix}{node.name}.<locals>.", False
                if _begins_with_string(node):
                    found.append(Found(node, prefix + node.name, in_class))
            pending += [(getattr(node, name), inner, is_class) for name in blocks]
    return sorted(found, key=lambda each: each.node.lineno)


def _begins_with_string(node: Definition) -> bool:
    first = node.body[0]
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
