"""How many steps a program takes: loop rounds, rounds of comprehensions, and calls of functions.

A step is counted by a call that stands in the program's own tree, so that every interpreter counts
the same. Past a budget each further step raises StepLimit, also in a program that catches it.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

STEP, REACH = "_quire_step", "_quire_reach"  # the names of the functions that are called
COUNTS = "_quire_counts"  # marks a node that counts and is no part of the program


class StepLimit(BaseException):
    """A program has taken all steps that it has."""


class StepCounter:
    """The steps left to a program, and the branches that it has reached since `start`."""

    def __init__(self) -> None:
        self.reached: set[int] = set()
        self.start, self.left, self._step = _closures()

    def names(self) -> dict[str, Callable[..., Any]]:
        """The functions that a counted tree calls, by name."""
        reached = self.reached

        def reach(branch: int) -> bool:
            reached.add(branch)
            return True

        return {STEP: self._step, REACH: reach}


def _closures() -> tuple[Callable[[int], None], Callable[[], int], Callable[[], bool]]:
    """Functions that set, return and take from a number of steps; closures are the fastest."""
    left = 0

    def start(budget: int) -> None:
        nonlocal left
        left = budget

    def steps_left() -> int:
        return left

    def step() -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise StepLimit
        return True

    return start, steps_left, step


def counted(tree: ast.Module, branches: bool = False) -> ast.Module:
    """The same tree, changed in place so that it counts its steps; and its branches if asked to.

    Branches are numbered in the order of the source.
    """
    numbers = iter(range(1 << 30)) if branches else None
    for node in list(_walk(tree)):
        _count(node)
        if numbers is not None:
            _count_branches(node, numbers)
    return tree


def counts(node: ast.AST) -> bool:
    """Whether a node was added by `counted`."""
    return hasattr(node, COUNTS)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it in the order of the source, without recursion."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _call(name: str, at: ast.AST, *values: int) -> ast.Call:
    arguments: list[ast.expr] = [ast.Constant(value) for value in values]
    made: ast.Call = _marked(ast.Call(ast.Name(name, ast.Load()), arguments, []), at)
    return made


def _marked(node: Any, at: ast.AST) -> Any:
    setattr(node, COUNTS, True)
    return ast.fix_missing_locations(ast.copy_location(node, at))


def _statement(name: str, at: ast.AST, *values: int) -> ast.Expr:
    made: ast.Expr = _marked(ast.Expr(_call(name, at, *values)), at)
    return made


def _count(node: ast.AST) -> None:
    """Make a function, a loop or a comprehension count its steps."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            node.body.insert(_after_docstring(node.body), _statement(STEP, node.body[0]))
        case ast.For() | ast.AsyncFor() | ast.While():
            node.body.insert(0, _statement(STEP, node.body[0]))
        case ast.Lambda():
            node.body = _both(_call(STEP, node.body), node.body)
        case ast.comprehension():
            node.ifs.insert(0, _call(STEP, node.iter))


def _count_branches(node: ast.AST, numbers: Iterator[int]) -> None:
    """Make both sides of a condition, loop bodies and handlers say that they were reached."""
    match node:
        case ast.If():
            node.body.insert(0, _statement(REACH, node.body[0], next(numbers)))
            node.orelse.insert(0, _statement(REACH, node, next(numbers)))
        case ast.For() | ast.AsyncFor() | ast.While() | ast.ExceptHandler():
            node.body.insert(0, _statement(REACH, node.body[0], next(numbers)))
        case ast.match_case():
            node.body.insert(0, _statement(REACH, node.body[0], next(numbers)))
        case ast.IfExp():
            node.body = _both(_call(REACH, node.body, next(numbers)), node.body)
            node.orelse = _both(_call(REACH, node.orelse, next(numbers)), node.orelse)


def _both(call: ast.expr, value: ast.expr) -> ast.BoolOp:
    """A value after a call that returns True."""
    made: ast.BoolOp = _marked(ast.BoolOp(ast.And(), [call, value]), value)
    return made


def _after_docstring(body: list[ast.stmt]) -> int:
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            return 1
    return 0
