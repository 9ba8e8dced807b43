"""The bank of trivial programs: what each returns, and for which functions it stands."""

import ast
from typing import Any

import pytest

from transforms.lib.trials.trivial_bodies import STDIO_PROGRAMS, trivial_body, trivial_names


def body(head: str, name: str, is_class: bool = False) -> str | None:
    function: Any = ast.parse(f"{head}: pass").body[0]
    return trivial_body(function, name, is_class)


def result(name: str, *arguments: Any) -> Any:
    names = ", ".join("abc"[: len(arguments)])
    namespace: dict[str, Any] = {}
    exec(f"def f({names}):\n    {body(f'def f({names})', name)}", namespace)
    return namespace["f"](*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("first_argument", (3, 4), 3),
        ("last_argument", (3, 4), 4),
        ("length", ([5, 5],), 2),
        ("distinct", ([5, 5],), 1),
        ("reversed", ("ab",), "ba"),
        ("middle_item", ([1, 2, 3],), 2),
        ("is_odd", (3,), True),
        ("added", (3, 4), 7),
        ("contains", ("abc", "b"), True),
        ("is_palindrome", ("aba",), True),
    ],
)
def test_results(name: str, arguments: tuple, expected: Any) -> None:
    assert result(name, *arguments) == expected


def test_every_body_is_one_of_its_function() -> None:
    for name in trivial_names(is_class=False):
        assert ast.parse(body("def f(a, b)", name) or "").body
    for name in trivial_names(is_class=True):
        assert ast.parse(body("def f(self, a)", name, is_class=True) or "").body
    for text in STDIO_PROGRAMS.values():
        ast.parse(text)


def test_bodies_without_their_parameters() -> None:
    assert body("def f()", "length") is None and body("def f(a)", "added") is None
    assert body("def f(self)", "last_argument", is_class=True) == "return None"
    assert body("def __init__(self, a)", "zero", is_class=True) == "self._given = locals()"
