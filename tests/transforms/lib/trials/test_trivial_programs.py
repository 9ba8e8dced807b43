"""Trivial programs, made from a solution."""

import pytest

from transforms.lib.trials.trivial_programs import trivial_programs


def test_trivial_programs() -> None:
    program = "LIMIT = 5\ndef help(): return 1\ndef f(x):\n    'doc'\n    return x\n"
    assert trivial_programs(program, "f", False) == {
        "pass": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    pass\n",
        "stub": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    raise NotImplementedError\n",
    }
    methods = (
        "class F:\n    n = 1\n    def __init__(self): self.n = 2\n    async def g(self): return 3\n"
    )
    assert trivial_programs(methods, "F", False)["pass"] == (
        "class F:\n    n = 1\n\n    def __init__(self):\n        pass\n\n    async def g(self):\n        pass\n"
    )
    assert trivial_programs("print(1)", "", True)["pass"] == ""


CLASS = """\
class Circle:
    @property
    def area(self):
        return 1

    @area.setter
    def area(self, value):
        return 2

    @area.deleter
    def area(self):
        return 3

    @staticmethod
    def of(x):
        return 4

    def __secret(self):
        return 5

    if True:
        def in_branch(self):
            return 6


class Other:
    def area(self):
        return 7


if True:
    def f():
        return 8
else:
    try:
        pass
    except E:
        def f():
            return 9
"""


@pytest.mark.parametrize(
    ("entry_point", "replaced"),
    [
        ("Circle.area.fget", {1}),
        ("Circle.area.func", {1}),
        ("Circle.area.fset", {2}),
        ("Circle.area.fdel", {3}),
        ("Circle.of", {4}),
        ("Circle._Circle__secret", {5}),
        ("Circle.in_branch", {6}),
        ("Other.area", {7}),
        ("f", {8, 9}),
        ("Circle.none", set()),
    ],
)
def test_the_body_of_a_method_or_of_what_a_property_holds(entry_point: str, replaced: set[int]):
    text = trivial_programs(CLASS, entry_point, False)["stub"]
    assert {n for n in range(1, 10) if f"return {n}\n" not in text} == replaced
