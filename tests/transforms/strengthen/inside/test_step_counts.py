"""Steps of a program: counted in its tree, and limited."""

import ast
from typing import Any

import pytest

from transforms.strengthen.inside.step_counts import StepCounter, StepLimit, counted


def steps(text: str, budget: int = 1000, branches: bool = False) -> tuple[int, set[int]]:
    """The steps that a program takes, and the branches that it reaches."""
    counter = StepCounter()
    names: dict[str, Any] = counter.names()
    counter.start(budget)
    exec(compile(counted(ast.parse(text), branches), "<text>", "exec"), names)
    return budget - counter.left(), counter.reached


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1", 0),
        ("for i in range(5): pass", 5),
        ("i = 3\nwhile i: i -= 1", 3),
        ("x = [i for i in range(5) if i > 2]", 5),
        ("x = {i: j for i in range(2) for j in range(3)}", 8),
        ("x = sum(i for i in range(4))", 4),
        ("f = lambda x: x\nf(f(2))", 2),
        ("f = lambda: 0\nassert f() == 0", 1),
        ("def f():\n    'text'\n    return 1\nf()\nassert f.__doc__ == 'text'", 1),
        ("def f():\n    yield 1\n    yield 2\nlist(f())", 1),
        ("class A:\n    def __init__(self): self.__x = [i for i in 'ab']\nA()", 3),
        ("def f(n): return n and f(n - 1)\nf(9)", 10),
        ("async def f():\n    return [i async for i in g()]", 0),
    ],
)
def test_steps(text: str, count: int) -> None:
    assert steps(text) == (count, set())


def test_branches() -> None:
    text = "for i in range(3):\n    if i == 7: pass\n    try: 1 / i\n    except ValueError: pass\n    except ArithmeticError: pass\nx = 1 if i else 2\n"
    assert steps(text, branches=True) == (3, {0, 2, 4, 5})
    assert steps("match 3:\n    case 2: pass\n    case _: pass", branches=True) == (0, {1})


def test_a_limit_holds_where_it_is_caught() -> None:
    endless = "    while True: pass\n"
    with pytest.raises(StepLimit):
        steps(f"try:\n{endless}finally: pass\n")
    with pytest.raises(StepLimit):
        steps(f"try:\n{endless}except BaseException: pass\nfor i in 'ab': pass\n")
