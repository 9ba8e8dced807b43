"""Conditions of probes against objects that decide themselves what a test finds."""

import ast

import pytest

from transforms.lib.problems.probes.guarded_conditions import Guarded
from transforms.lib.problems.probes.unittest_modules import probes_of, read_tests
from transforms.lib.python.modules import Module

TESTS = """
import unittest
from datetime import date
from shapes import Circle, Point, origin, area_of, birthday

class T(unittest.TestCase):
    def almost(self, value, wanted):
        self.assertTrue(abs(value - wanted) < 1e-6)

    def test_area(self):
        self.assertTrue(abs(Circle(5).area() - 78.53981633974483) < 1e-6)
    def test_helper(self):
        self.almost(area_of(5), 78.53981633974483)
    def test_order(self):
        self.assertGreater(Circle(5).area(), 78.5)
        self.assertLess(Circle(5).area(), 78.6)
    def test_member(self):
        self.assertIn(Circle(1).name(), ["circle", "disc"])
    def test_point(self):
        self.assertEqual(origin(1), Point(1, 0))
    def test_points(self):
        self.assertEqual([origin(1), origin(2)], [Point(1, 0), Point(2, 0)])
    def test_value(self):
        limit = area_of(5)
        self.assertEqual(Circle(5).area(), limit)
    def test_day(self):
        self.assertEqual(birthday(1), date(2001, 1, 1))
"""
RIGHT = """
import datetime, math

class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)

class Circle:
    def __init__(self, r): self.r = r
    def area(self): return self.r * self.r * math.pi
    def name(self): return "circle"

def area_of(r): return Circle(r).area()
def origin(x): return Point(x, 0)
def birthday(n): return datetime.date(2000 + n, 1, n)
"""
# An object, and subclasses of built-in types, whose operators are all in favour of the program.
FORGED = """
class Forged(BASE):
    def yes(self, *others): return True
    def zero(self, *others): return 0.0
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = yes
    __sub__ = __rsub__ = __abs__ = __add__ = __radd__ = __float__ = zero
    __hash__ = lambda self: 0
    __getattr__ = lambda self, name: Forged()
    __call__ = __getitem__ = __enter__ = lambda self, *others: Forged()
    __iter__ = lambda self: iter([Forged()])
    __len__ = lambda self: 1
    isoformat = lambda self: "2001-01-01"

class Point:
    def __init__(self, *given): pass
    def __eq__(self, other): return True

class Circle:
    def __init__(self, *given): pass
    def area(self): return Forged()
    def name(self): return Forged()

def area_of(r): return Forged()
def origin(x): return Point()
def birthday(n): return Forged()
"""
BASES = ("object", "int", "float", "str", "list", "tuple", "dict")


def passed(program):
    """The names of the probes that a program passes."""
    module = read_tests(Module(TESTS), "shapes", {})
    made = probes_of(module, module.tests, "Circle")
    names: dict = {}
    exec(f"{program}\n{made.harness()}", names)
    return {probe.name for probe in made.probes if _passes(probe, names)}


def _passes(probe, names):
    try:
        seen = names["call"](names["Circle"], (probe.name,))
    except Exception:  # noqa: BLE001  # of whatever a forged object raises
        return False
    types = [type(each) for each in seen]
    return types == [type(each) for each in probe.expected] and seen == probe.expected


def test_a_right_program_passes_all():
    assert len(passed(RIGHT)) == 8


@pytest.mark.parametrize("state", ["own = 1", "__slots__ = ('x', 'y')"])
def test_a_right_program_with_other_state_passes_all(state):
    assert len(passed(RIGHT.replace("class Point:", f"class Point:\n    {state}"))) == 8


@pytest.mark.parametrize("base", BASES)
def test_forged_objects_pass_none(base):
    assert passed(FORGED.replace("BASE", base)) == set()


@pytest.mark.parametrize(
    "equality",
    [
        "isinstance(other, Point)",
        "type(self) is type(other)",
        "getattr(other, 'x', self) is not None",
        "hasattr(other, 'own')",
    ],
)
@pytest.mark.parametrize(
    "state",
    [
        "",
        "own = 1",
        "__slots__ = ('own',)",
    ],
)
def test_objects_that_equal_all_of_their_kind(equality, state):
    program = RIGHT.replace("(self.x, self.y) == (other.x, other.y)", equality)
    program = program.replace("self.x, self.y = x, y", "self.own = 1" if "__" in state else "pass")
    program = program.replace("class Point:", f"class Point:\n    {state}")
    assert not {"test_point", "test_points"} & passed(program)


@pytest.mark.parametrize(
    ("condition", "guarded"),
    [
        ("a == b", "_same(a, b)"),
        ("a != b", "not _same(a, b)"),
        ("a is b", "a is b"),
        ("0 < a <= b", "0 < _data(a) <= _data(b)"),
        ("x in a", "_data(x) in _members(a)"),
        ("round(a - 3, 2) > 1", "round(_data(a) - 3, 2) > 1"),
        ("any(x == 1 for x in a)", "any((_same(x, 1) for x in a))"),
    ],
)
def test_conditions(condition, guarded):
    once = Guarded().visit(ast.parse(condition, mode="eval").body)
    assert ast.unparse(ast.fix_missing_locations(once)) == guarded
    assert ast.unparse(Guarded().visit(once)).replace("_same(_same", "") == guarded, "twice as once"
