"""Programs with holes where their strings are, to compare all else."""

import ast
from typing import Any


def without_texts(source: str) -> str:
    """The syntax tree without the values of strings and bytes, and without positions."""
    return ast.dump(_Holes().visit(ast.parse(source)))


class _Holes(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> Any:
        is_text = isinstance(node.value, str | bytes)
        return ast.Constant(type(node.value).__name__) if is_text else node
