"""Where a program defines what a task asks for: as asked, or in a class, or out of it."""

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.python.syntax_trees import Function, bare_string

CLASS_WRAPPER = "class wrapper"  # the evidence that something was moved into a class or out of it


@dataclass(frozen=True)
class EntryDefinition:
    """The statement that defines the entry point, by its number in the module.

    suffix: the code that makes it the entry point, where it is not already.
    """

    number: int
    suffix: str = ""


def entry_definition(
    body: Sequence[ast.stmt], task: RunnableTask, *, first: bool = False
) -> EntryDefinition | None:
    """The last definition of the entry point (or the first), or None.

    One that has no body yet, as prompts have it, is none.
    """
    numbers = range(len(body)) if first else reversed(range(len(body)))
    found = [(number, body[number]) for number in numbers]
    for number, statement in found:
        if _defines(statement, task):
            return EntryDefinition(number)
    for number, statement in found:
        if suffix := _adapted(statement, task):
            return EntryDefinition(number, suffix)
    return None


def _defines(statement: ast.stmt, task: RunnableTask) -> bool:
    name, _, method = task.entry_point.partition(".")
    if isinstance(statement, ast.Assign):
        return not method and name in _targets(statement)
    if isinstance(statement, ast.AnnAssign):
        return not method and getattr(statement.target, "id", "") == name and bool(statement.value)
    if isinstance(statement, ast.If | ast.Try):
        return any(_defines(each, task) for each in statement.body)
    if getattr(statement, "name", None) != name:
        return False
    if isinstance(statement, ast.ClassDef):
        methods = _methods(statement, method.partition(".")[0])
        return bool(methods) if method else not _is_stub(statement)
    return isinstance(statement, Function) and not task.is_class and not _is_stub(statement)


def _targets(statement: ast.Assign) -> list[str]:
    return [target.id for target in statement.targets if isinstance(target, ast.Name)]


def _methods(statement: ast.stmt, name: str) -> list[Function]:
    """The methods of that name of a class, without those that have no body."""
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    return [
        each
        for each in body
        if isinstance(each, Function) and each.name == name and not _is_stub(each)
    ]


def _is_stub(definition: Function | ast.ClassDef) -> bool:
    """Whether a definition has no body: docstring, imports, `pass`, `...`, NotImplementedError."""
    return all(map(_does_nothing, definition.body))


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.Pass()
            | ast.Import()
            | ast.ImportFrom()
            | ast.Expr(ast.Constant(value=builtins.Ellipsis))
        ):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_stub(statement)
    return bare_string(statement) is not None


def _adapted(statement: ast.stmt, task: RunnableTask) -> str:
    """The code after a statement that makes its class or function the entry point; else empty."""
    name, _, method = task.entry_point.partition(".")
    if not method:
        if task.is_class or not _methods(statement, name):
            return ""
        return f"\n{name} = {getattr(statement, 'name', '')}().{name}\n"
    if "." in method:
        return ""
    if _methods(statement, method):
        return f"\n{name} = {getattr(statement, 'name', '')}\n"
    if isinstance(statement, Function) and statement.name == method and not _is_stub(statement):
        value = method if _takes_self(statement) else f"staticmethod({method})"
        return f"\nclass {name}(globals().get({name!r}, object)):\n    {method} = {value}\n"
    return ""


def _takes_self(function: Function) -> bool:
    return [argument.arg for argument in function.args.args[:1]] in (["self"], ["cls"])
