"""From a traced run of this interpreter to problems: calls of every kind, encoded and made again."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from transforms.ci import inside
from transforms.ci.call_records import read_traces
from transforms.ci.project_sources import ProjectSources
from transforms.ci.replay import ReplaySandboxes, replay_draft
from transforms.ci.traced_problems import draft_problems

PROJECT = '''\
"""A project."""
import abc
import collections
import dataclasses


class Shape(abc.ABC):
    """With a metaclass."""

    __slots__ = ("side",)

    def __init__(self, side):
        self.side = side

    def area(self, scale=1):
        """How large it is."""
        return self.side**2 * scale


class Bag(dict):
    def total(self):
        return sum(self.values())


class Odd(ValueError):
    def __init__(self, number):
        super().__init__(number)
        self.number = number

    def text(self):
        return f"{self.number} is odd"


@dataclasses.dataclass
class Pair:
    left: int
    right: int = 0

    @property
    def sum(self):
        return self.left + self.right

    @classmethod
    def twice(cls, number):
        return cls(number, number)

    @staticmethod
    def larger(one, other):
        return max(one, other)


def halved(number, *rest, key=None, **more):
    """Half of an even number."""
    if number % 2:
        raise Odd(number)
    return number // 2, rest, key, more


def counted(words):
    return collections.Counter(words)


def counting(number):
    for each in range(number):
        yield each * 2


def extended(items):
    items.append(len(items))


def shown(file):
    return file.read()


def remembered(x, seen=[]):
    seen.append(x)
    return len(seen)
'''
TEST = """\
import io
from project import *
for number in (1, 2, 3, 4):
    shape = Shape(number); shape.area(); shape.area(scale=2)
    Bag(a=number).total()
    Odd(number).text()
    Pair(number, 2).sum; Pair.twice(number); Pair.larger(number, 2)
    try:
        halved(number, 5, key="k", other=[number])
    except Odd:
        pass
    counted("ab" * number); list(counting(number)); extended([0] * number); shown(io.StringIO("x"))
for x in (5, 5, 6, 7):
    remembered(x)
next(counting(3))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
def test_what_is_called_becomes_problems(tmp_path: Path) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    for folder in (tree, out):
        folder.mkdir()
    (tree / "project.py").write_text(PROJECT)
    (tree / "run.py").write_text(TEST)
    settings = {
        "out": str(out),
        "roots": [f"{tree}/"],
        "calls": 10,
        "tries": 200,
        "library_tries": 5,
    }
    variables = os.environ | {
        "QUIRE_TRACER": json.dumps(settings),
        "PYTHONPATH": os.path.dirname(inside.__file__),
        "PYTHONHASHSEED": "0",
    }
    command = [sys.executable, "-c", "import quire_tracer, runpy; runpy.run_path('run.py')"]
    subprocess.run(command, cwd=tree, env=variables, check=True)
    files = [p.read_bytes().replace(str(tree).encode(), b"/sandbox/tree") for p in out.iterdir()]
    sources = ProjectSources.of({"project.py": PROJECT, "run.py": TEST})
    reading = read_traces(
        files, sources.paths, repo="p", commit=None, python="3", kinds=sources.method_kinds()
    )
    assert not reading.dropped
    drafts = draft_problems(reading.rows, sources)
    with ReplaySandboxes() as sandboxes:
        replayed = {d.columns["qualname"]: replay_draft(d, sandboxes) for d in drafts.kept}
    kept = {name: result.row["n_tests"] for name, result in replayed.items() if result.row}
    assert kept == {
        "Shape.__init__": 4,
        "Shape.area": 8,
        "Bag.total": 4,
        "Odd.__init__": 4,
        "Odd.text": 4,
        "Pair.sum": 4,
        "Pair.twice": 4,
        "Pair.larger": 4,
        "halved": 4 if hasattr(sys, "monitoring") else 2,  # sys.setprofile names no exception
        "counted": 4,
        "counting": 4,
        "extended": 4,
        "remembered": 4,  # its default is an argument too
    }
    reasons = Counter({name: r.reason for name, r in replayed.items() if r.row is None}.values())
    reasons += Counter(reject["reason"] for reject in drafts.rejects)
    del reasons["no_source"]  # functions of libraries, whose texts are not given here
    assert reasons == {"opaque_argument": 1}
