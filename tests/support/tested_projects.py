"""Small projects with tests of their own, and an index on loopback to test them with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.loopback_index import LoopbackIndex
from tests.support.tiny_wheels import TinyIndex, installed_wheel, wheel
from transforms.ci.package_proxy import distribution

TINY = "def spelled(text):\n    letters = sorted(text)\n    return '-'.join(letters)\n"
SHAPES = '''"""Shapes."""

import math

from tiny import spelled

PRIMES = {}


class Box:
    """A box."""

    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self, scale):
        """Return the area at a scale."""
        wide = self.width * scale
        return wide * self.height * scale


def hypotenuse(a, b):
    """Return the longest side."""
    total = a * a + b * b
    return math.isqrt(total)


def initials(names):
    """Return the first letters, spelled."""
    firsts = [name[0] for name in names]
    return spelled(firsts)


def clipped(value, low, high):
    """Return the value within limits."""
    if low > high:
        raise ValueError("low is above high")
    return max(low, min(value, high))


def is_prime(n):
    """Whether n is prime, remembered."""
    if n not in PRIMES:
        PRIMES[n] = n > 1 and all(n % d for d in range(2, n))
    return PRIMES[n]


def answer():
    """Return a constant."""
    return 42
'''
TESTS = """
import pytest
from shapes import Box, answer, clipped, hypotenuse, initials, is_prime


@pytest.mark.parametrize("a, b, c", [(3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17)])
def test_hypotenuse(a, b, c):
    assert hypotenuse(a, b) == c


def test_box():
    assert Box(2, 3).area(2) == 24
    assert Box(1, 3).area(3) == 27
    assert Box(5, 5).area(1) == 25


def test_initials():
    assert initials(["b", "a"]) == "a-b"
    assert initials(["zoe", "yan", "xi"]) == "x-y-z"
    assert initials(["solo"]) == "s"


def test_clipped():
    assert [clipped(n, 0, 5) for n in (-1, 3, 9)] == [0, 3, 5]
    with pytest.raises(ValueError):
        clipped(1, 2, 0)


def test_primes():
    assert [n for n in range(8) if is_prime(n)] == [2, 3, 5, 7]
    assert answer() == 42
"""
SETUP = "from setuptools import setup\nsetup(name='shapes', version='1.0', py_modules=['shapes'])\n"
TOX = "[tox]\nenvlist = py3\nskipsdist = true\n[testenv]\ndeps =\n    pytest\n    tiny\ncommands = pytest -q {posargs}\n"
# The projects by name: their files.
PROJECTS: dict[str, dict[str, str]] = {
    "shapes": {"shapes.py": SHAPES, "test_shapes.py": TESTS, "tox.ini": TOX},
    "failing": {
        "code_of.py": "def one():\n    return 1\n",
        "test_one.py": "from code_of import one\n\ndef test_one():\n    assert one() == 2\n",
        ".travis.yml": "language: python\npython: [3.11]\ninstall: []\nscript: pytest\n",
    },
    "untested": {"code_of.py": "def one():\n    return 1\n", ".travis.yml": "a: [\n"},
}


def write_projects(folder: Path) -> list[str]:
    """The projects as folders; returns their sources for a crawl."""
    for name, files in PROJECTS.items():
        for path, text in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
    return [f"dir:{folder / name}" for name in PROJECTS]


def tiny_index() -> TinyIndex:
    """What every environment begins with, pytest as it is installed here, and `tiny`."""
    made = TinyIndex()
    for name in ("pip", "setuptools", "wheel", "nose", "flake8"):
        made.add(name)
    made.add("mock", "4.0")
    for name, requires in (
        ("pytest", "pluggy,iniconfig,packaging,pygments"),
        *((name, "") for name in ("pluggy", "iniconfig", "packaging", "pygments")),
    ):
        filename, content = installed_wheel(name, requires)
        made.files[filename] = content
    _, content = installed_wheel("pytest", "pluggy,iniconfig,packaging,pygments", "8.9")
    made.files["pytest-8.9-py3-none-any.whl"] = content
    made.files["tiny-1.0-py3-none-any.whl"] = wheel("tiny", "1.0", {"tiny.py": TINY.encode()})
    return made


@contextmanager
def served() -> Iterator[LoopbackIndex]:
    """The tiny index on loopback, as pip would be told of it."""
    with LoopbackIndex() as index:
        for filename, content in tiny_index().files.items():
            index.add_file(distribution(filename)[0], filename, content)
        yield index


@contextmanager
def indexed() -> Iterator[LoopbackIndex]:
    """The tiny index, with pip told of it."""
    with pytest.MonkeyPatch.context() as patch, served() as index:
        patch.setenv("PIP_INDEX_URL", index.url)
        yield index
