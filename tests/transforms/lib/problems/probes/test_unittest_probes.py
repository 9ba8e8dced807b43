"""unittest to probes: what unittest says of right and wrong solutions, probes say too."""

import io
import sys
import types
import unittest

import pytest

from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.probe_harness import direct_tests
from transforms.lib.problems.probes.unittest_modules import probes_of, read_tests, used_by
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected, parse

TESTS = """
import unittest
import pytest
from math import floor
try:
    from shelf import Shelf, Full, price, LIMIT as MOST
except ImportError as error:
    raise ImportError("no shelf") from None
from shelf_data import GOODS

PRICES = {"pen": 2, "ink": 5}

def doubled(value):
    return price(value) * 2

class ShelfTest(unittest.TestCase):
    maxDiff = None
    GREETING = "shelf"

    def setUp(self):
        self.shelf = Shelf(2)

    def assertHolds(self, *items):
        for item in items:
            self.assertIn(item, self.shelf.items())

    def assertRaisesWithMessage(self, kind):
        return self.assertRaisesRegex(kind, r".+")

    def test_starts_empty(self):
        self.assertEqual(self.shelf.items(), [])
        self.assertIs(self.shelf.full(), False)
        self.assertIsNone(self.shelf.last())

    def test_keeps_order(self):
        seen = self.shelf.items()
        self.shelf.put("b")
        self.shelf.put("a")
        self.assertEqual(["b", "a"], self.shelf.items(), msg="in order")
        self.assertCountEqual(self.shelf.items(), ["a", "b"])
        self.assertTrue(self.shelf.full())
        self.assertHolds("a", "b")
        self.assertNotEqual(self.shelf.last(), self.GREETING)

    def test_is_full(self):
        for item in ("a", "b"):
            self.shelf.put(item)
        with self.assertRaises(Full) as err:
            self.shelf.put("c")
        self.assertEqual(type(err.exception), Full)
        self.assertEqual(err.exception.args[0], f"over {2}")
        with self.assertRaisesWithMessage(Full):
            self.shelf.put("d")
        self.assertRaises(Full, self.shelf.put, "e")

    @pytest.mark.task(taskno=1)
    def test_prices(self):
        for variant, (name, expected) in enumerate(PRICES.items(), start=1):
            with self.subTest(f"variation {variant}", name=name):
                actual = price(name)
                error_msg = f"Called price({name}), expected {expected}, got {actual}"
                self.assertEqual(actual, expected, msg=error_msg)
        self.assertAlmostEqual(price("nib"), 0.3333, places=3)
        self.assertEqual(floor(doubled("pen")), 4)

    def test_goods(self):
        for good in GOODS:
            self.assertGreater(price(good), 0)
        if MOST > 1:
            self.assertEqual(price("pen"), 2)
"""
DATA = "GOODS = ['pen', 'ink']\n"
RIGHT = """
LIMIT = 2

class Full(Exception):
    pass

class Shelf:
    def __init__(self, size):
        self.size, self.things = size, []
    def put(self, thing):
        if self.full():
            raise Full(f"over {self.size}")
        self.things.append(thing)
    def items(self): return self.things
    def last(self): return self.things[-1] if self.things else None
    def full(self): return len(self.things) >= self.size

def price(name):
    return {"pen": 2, "ink": 5}.get(name, 1 / 3)
"""
WRONG = [
    RIGHT.replace("self.things.append(thing)", "self.things.insert(0, thing)"),
    RIGHT.replace("self.things.append(thing)", "pass"),
    RIGHT.replace('f"over {self.size}"', "'too many'"),
    RIGHT.replace("raise Full", "raise ValueError"),
    RIGHT.replace("raise Full(", "print("),
    RIGHT.replace("class Full(Exception)", "class Full(ValueError)").replace(
        "raise Full(", "return ("
    ),
    RIGHT.replace('"ink": 5', '"ink": 6'),
    RIGHT.replace("1 / 3", "0.3"),
    RIGHT.replace(">= self.size", "> self.size"),
    RIGHT.replace(" if self.things else None", " if self.things else 0"),
    RIGHT.replace("get(name, 1 / 3)", "get(name)"),
]


def by_unittest(program):
    """Whether unittest itself accepts a program."""
    modules = {"shelf": program, "shelf_data": DATA, "pytest": MARK, "shelf_test": TESTS}
    kept = {name: sys.modules.pop(name, None) for name in modules}
    try:
        for name, text in modules.items():
            sys.modules[name] = types.ModuleType(name)
            exec(text, sys.modules[name].__dict__)
        suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["shelf_test"])
        return unittest.TextTestRunner(io.StringIO()).run(suite).wasSuccessful()
    finally:
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


MARK = "class mark:\n    @staticmethod\n    def task(taskno):\n        return lambda f: f\n"


def close(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(close, a, b))
    return a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 0.0005)


def by_probes(program, entry="Shelf"):
    module = read_tests(Module(TESTS), "shelf", {"shelf_data": Module(DATA)})
    made = probes_of(module, module.tests, entry)
    assert made.unused == 0 and len(made.probes) == 5
    names: dict = {}
    exec(program + made.harness(), names)
    for probe in made.probes:
        try:
            seen = names["call"](names[entry], (probe.name,))
        except Exception:  # noqa: BLE001  # of whatever a wrong program raises
            return False
        if not close(seen, probe.expected):
            return False
    return True


@pytest.mark.parametrize("program", [RIGHT, *WRONG], ids=range(len(WRONG) + 1))
def test_probes_judge_as_unittest_does(program):
    verdict = by_unittest(program)
    assert verdict == (program is RIGHT)
    assert by_probes(program) == verdict


def test_what_is_expected_is_not_in_the_harness():
    module = read_tests(Module(TESTS), "shelf", {"shelf_data": Module(DATA)})
    made = probes_of(module, module.tests, "price")
    text = made.harness()
    for secret in ("0.3333", "in order", "expected", "'ink': 5", "over "):
        assert secret not in text
    assert [2, 5, 0.3333, 4] in [probe.expected for probe in made.probes]


def test_what_only_the_expected_needed_goes_too():
    tests = (
        "import unittest\nfrom m import f\nclass T(unittest.TestCase):\n    def test(self):\n        rows = ['a secret', 'b']\n"
        "        expected = '\\n'.join(rows)\n        size = f(2)\n        self.assertEqual(f(size), expected)\n"
    )
    module = read_tests(Module(tests), "m", {})
    made = probes_of(module, module.tests, "f")
    assert [probe.expected for probe in made.probes] == [["a secret\nb"]]
    assert "secret" not in made.harness() and "size = candidate(2)" in made.harness()


def test_who_uses_what():
    module = read_tests(Module(TESTS), "shelf", {"shelf_data": Module(DATA)})
    assert module.exported == {"Shelf", "Full", "price", "LIMIT"}
    uses = {method.name: used_by(module, node, method) for node, method in module.tests}
    assert uses["test_prices"] == {"Shelf", "price"}
    assert uses["test_is_full"] == {"Shelf", "Full"}


SIMPLE = """
import unittest
from m import f

class T(unittest.TestCase):
    def test_one(self):
        self.assertEqual(f(1, b=[2]), 3)

    def test_more(self):
        data = [((1, [2]), 3), ((4, [5]), 9)]
        for (a, b), expected in data:
            got = f(a, b)
            self.assertEqual(got, expected)

    def test_state(self):
        x = [1]
        f(1, x)
        self.assertEqual(x, [1])

    def test_not_yet(self):
        self.skipTest("later")

    @mock.patch("m.open")
    def test_mocked(self, opened):
        self.assertEqual(f(1, 2), 3)
"""


def test_calls_with_literals_are_plain_tests():
    module = read_tests(Module(SIMPLE), "m", {})
    made = probes_of(module, module.tests, "f")
    assert made.unused == 2
    plain = {probe.name: direct_tests(probe, ["a", "b"]) for probe in made.probes}
    assert plain["test_one"] == [((1, [2]), 3)]
    assert plain["test_more"] == [((1, [2]), 3), ((4, [5]), 9)]
    assert plain["test_state"] is None, "what is looked at is not what the call gave back"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[a, (1, b)]", [[1], (1, "x")]),
        ("list(zip(a, 'y'))", [(1, "y")]),
        ("sorted({3, 1, 2})", [1, 2, 3]),
        ("'-'.join([b, 'y'])", "x-y"),
        ("range(3)", [0, 1, 2]),
        ("{'k': a}['k'][0]", 1),
        ("[1] + [2]", [1, 2]),
        ("[1, 2, 3][::2]", [1, 3]),
        ("3 * 4 / 2", 6.0),
        ("[1] * 3", None),
        ("1 / 0", None),
        ("a.append(2)", None),
        ("range(10**9)", None),
        ("open('x')", None),
        ("a[5]", None),
        ("unknown", None),
        ("1 << 9999", None),
    ],
)
def test_folding(text, value):
    node = parse(text).body[0].value  # type: ignore[attr-defined]
    known = {"a": [1], "b": "x"}
    if value is None:
        with pytest.raises(Rejected):
            fold(node, known)
    else:
        assert literal_text(fold(node, known)) == literal_text(value)


def test_tests_that_grow_without_bound_are_given_up():
    grow = "".join("        a = [a, a]\n" for _ in range(100)) + "        b = 'x' * 2\n"
    grow += "".join("        b = b + b\n" for _ in range(100))
    loops = "".join(f"{'    ' * (2 + n)}for i{n} in range(100):\n" for n in range(6))
    text = f"""
import unittest
from m import f
class T(unittest.TestCase):
    def test_grow(self):
        a = b = []
{grow}
        self.assertEqual(f(a), a)
    def test_loops(self):
{loops}{"    " * 8}self.assertEqual(f(i0), i1)
"""
    module = read_tests(Module(text), "m", {})
    assert len(probes_of(module, module.tests, "f").harness()) < 1_000_000


def seen_by(tests, entry="f"):
    """What the probes of a test class expect to see, by their names."""
    text = "import unittest\nfrom collections import OrderedDict\nfrom m import f, g\n" + tests
    module = read_tests(Module(text), "m", {})
    return {probe.name: probe.expected for probe in probes_of(module, module.tests, entry).probes}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("data = (1, 2, 'x')\na, b, want = data\nself.assertEqual(f(a, b), want)", ["x"]),
        ("a = [1]\ngot = f(a)\nself.assertEqual(got, a)", ["== a"]),
        ("a = [1]\nself.assertEqual(f(a), a)", ["== a"]),
        ("a = [1]\na.append(2)\nself.assertEqual(f(1), a)", ["== a"]),
        ("a = (1, 'b')\nself.assertEqual(f(a), a)", [(1, "b")]),
        ("self.assertEqual(f(1), g(2))", ["== g(2)"]),
        ("self.assertTrue(f(1))\nself.assertFalse(f(2))", [True, False]),
        ("self.assertTrue(f(1) > 3)\nself.assertFalse(f(2) == 3)", ["> 3", "not == 3"]),
        ("self.assertIn(1, f())\nself.assertNotIn(f(), g())", ["1 in", "not in g()"]),
        ("self.assertIsInstance(f(), list)", ["issubclass list"]),
        ("self.assertIsInstance(f(), g)", ["isinstance g"]),
        ("self.assertIsNotNone(f())", ["is not None"]),
        (
            "want = {'a': 1}\nself.assertEqual(OrderedDict(f()), OrderedDict(want))",
            [[("a", 1)]],
        ),
        (
            "for a in g():\n    self.assertEqual(f(a), a)",
            ["for a in g()"],
        ),
        ("self.holds(f(1))\nself.helps(f(1))", ["holds"]),
    ],
)
def test_what_is_seen(body, expected):
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    tests = (
        "class T(unittest.TestCase):\n    def helps(self, a):\n        return a\n"
        "    def deep(self, a):\n        self.assertEqual(a, [a][0])\n"
        f"    def holds(self, a):\n        self.deep(a)\n    def test(self):\n{lines}"
    )
    assert seen_by(tests) == {"test": expected}


def test_methods_of_one_name_in_two_classes():
    body = "    def test(self):\n        self.assertEqual(f({0}), {0})\n"
    tests = f"class A(unittest.TestCase):\n{body.format(1)}class B(unittest.TestCase):\n{body.format(2)}"
    assert seen_by(tests) == {"test": [1], "B_test": [2]}
