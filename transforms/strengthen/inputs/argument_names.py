"""The names of arguments, and which of them are trees or linked lists."""

import ast
from dataclasses import dataclass

from transforms.lib.python.modules import class_named, function_named, methods, parameters
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.trials.candidate import Candidate


@dataclass(frozen=True)
class Arguments:
    """The parameters of a function or method.

    trees, lists: those that the harness makes binary trees and linked lists of.
    """

    names: tuple[str, ...]
    trees: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    @property
    def roots(self) -> frozenset[str]:
        """The parameters that are made of nodes."""
        return self.trees | self.lists


def function_arguments(problem: Candidate, signature: str | None) -> Arguments | None:
    """The parameters of the function of a problem; None if they cannot be read."""
    function = _header(signature, problem.entry_point) or _defined(problem)
    try:
        return _arguments(function, problem.harness) if function else None
    except Rejected:
        return None


def step_arguments(problem: Candidate) -> dict[str, Arguments]:
    """The parameters of each method of the class of a problem; of its `__init__` by its own name."""
    try:
        node = class_named(parse(problem.reference), problem.entry_point)
    except Rejected:
        return {}
    found = dict[str, Arguments]()
    for method in methods(node) if node else ():
        try:
            name = problem.entry_point if method.name == "__init__" else method.name
            found[name] = _arguments(method, "")
        except Rejected:
            continue
    return found


def _header(signature: str | None, entry: str) -> ast.FunctionDef | None:
    if not signature:
        return None
    try:
        return function_named(parse(f"{signature.rstrip().rstrip(':')}: pass\n"), entry)
    except Rejected:
        return None


def _defined(problem: Candidate) -> ast.FunctionDef | None:
    try:
        return function_named(parse(problem.reference), problem.entry_point)
    except Rejected:
        return None


def _arguments(function: ast.FunctionDef, harness: str) -> Arguments:
    names = tuple(parameter.arg for parameter in parameters(function))
    call = harness.rpartition("def call(")[2]
    trees = {name for name in names if f" {name} = _tree({name})" in call}
    lists = {name for name in names if f" {name} = _list_node({name})" in call}
    return Arguments(names, frozenset(trees), frozenset(lists))
