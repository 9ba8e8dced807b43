"""Columns to select functions by, after the conventions of CodeSearchNet and The Stack v2."""

import ast
import re

from transforms.functions.documented_functions import DEFINITIONS, STATEMENT_FIELDS, Definition
from transforms.lib.python.paths_of_tests import is_test_path

# CodeSearchNet drops functions with "test" in their name. Here it must be a word: not `latest`.
TEST_NAME = re.compile(
    r"(?:(?:^|_)(?:[Tt]ests?|TESTS?)|(?<=[A-Za-z0-9])Tests?)(?=_|[A-Z0-9]|$)",
)
DUNDER = re.compile(r"__.+__")


def is_test(qualname: str, path: str | None) -> bool:
    """Whether a function is a test, or is defined in one, in a test class or in a test file.

    >>> is_test("TestA.setup", "a.py"), is_test("run", "tests/a.py"), is_test("latest", "a.py")
    (True, True, False)
    """
    parts = qualname.split(".")
    return any(map(TEST_NAME.search, parts)) or bool(path and is_test_path(path))


def is_dunder(name: str) -> bool:
    """Whether a name is __like_this__."""
    return DUNDER.fullmatch(name) is not None


def has_return(function: Definition) -> bool:
    """Whether a function returns a value that is not written None; inner functions do not count."""
    pending = [*function.body]
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.Return):
            if not _is_none(statement.value):
                return True
        elif not isinstance(statement, (*DEFINITIONS, ast.ClassDef)):
            for name in STATEMENT_FIELDS.get(type(statement), ()):
                pending += getattr(statement, name)
    return False


def is_stub(function: Definition) -> bool:
    """Whether nothing follows a docstring but pass, bare constants (...), return None, or raise
    NotImplementedError."""
    return all(map(_does_nothing, function.body[1:]))


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    if isinstance(statement, ast.Return):
        return _is_none(statement.value)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)
