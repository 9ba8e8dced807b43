"""What a syntax tree tells of a file: which Python it is of, and counts for OpenCoder's rules."""

import ast
from dataclasses import dataclass

from transforms.lib.python.parsing import Rejected
from transforms.lib.python.unparsable import parse

PYTHON_2, NO_PYTHON = "2", "none"


@dataclass(frozen=True)
class Syntax:
    """The Python that a file is of, and counts in its tree; all are 0 where it has none.

    - python: "3", or the first version with its syntax if that is after 3.11, as in "3.12"; "2";
      or "none"
    - variables: names that are assigned to in any way, and parameters
    - simple_functions: functions with a `return` as their only statement
    - declarations: functions, classes, returns, and names that a class body assigns to
    """

    python: str
    variables: int = 0
    simple_functions: int = 0
    declarations: int = 0

    @property
    def is_python_3(self) -> bool:
        """Whether the file has a tree."""
        return self.python not in (PYTHON_2, NO_PYTHON)


def syntax(text: str) -> Syntax:
    r"""What the tree of a text tells; it has no tree if it is Python 2.

    >>> syntax("class A:\n    x = 1\n    def f(self):\n        return self.x\n")
    Syntax(python='3', variables=2, simple_functions=1, declarations=4)
    >>> syntax("print 'a'").python, syntax("type A = int").python, syntax("x = ").python
    ('2', '3.12', 'none')
    """
    try:
        newest = parse(text)
    except Rejected as rejected:
        return Syntax(PYTHON_2 if rejected.reason == "python_2" else NO_PYTHON)
    minor = max((found.minor for found in newest.newer), default=0)
    return Syntax(f"3.{minor}" if minor else "3", *_counts(newest.tree))


def _counts(tree: ast.Module) -> tuple[int, int, int]:
    variables = simple = declarations = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) or (
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ):
            variables += 1
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            simple += len(node.body) == 1 and isinstance(node.body[0], ast.Return)
            declarations += 1
        elif isinstance(node, ast.ClassDef):
            declarations += 1 + sum(map(_assigned, node.body))
        elif isinstance(node, ast.Return):
            declarations += 1
    return variables, simple, declarations


def _assigned(statement: ast.stmt) -> int:
    """How many names a statement of a class body assigns to."""
    if isinstance(statement, ast.Assign):
        return sum(isinstance(target, ast.Name) for target in statement.targets)
    return isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
