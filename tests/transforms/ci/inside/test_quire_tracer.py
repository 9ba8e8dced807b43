"""The tracer in every interpreter that is here: what it records, and that nobody notices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.ci.interpreters import interpreters
from transforms.ci.project_sandbox import INSIDE

INTERPRETERS = interpreters()
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
PROJECT = '''
import asyncio

class Shape(object):
    kind = "square"

    def __init__(self, side):
        self.side = side

    def area(self, scale=1):
        return self.side * self.side * scale

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def name(number):
        return "n%d" % number

class Wild(object):
    """Everything that touches it ends the program."""

    def __init__(self):
        self.value = 1

    def _end(self, *arguments):
        raise SystemExit("touched")

    __eq__ = __hash__ = __repr__ = __str__ = __reduce_ex__ = __bool__ = __len__ = _end

def halved(number):
    if number % 2:
        raise ValueError("odd", number)
    return number // 2

def counting(number):
    for each in range(number):
        yield each * 2

def extended(items, mapping):
    items.append(len(items))
    mapping["new"] = 1

def keyed(first, *rest, key=None, **more):
    return first

def nested(number):
    def inner(x):
        return x + number
    return inner(1)

def kept(wild):
    return 1

async def waited(number):
    return number + 1

def run():
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(waited(4))
    finally:
        loop.close()
'''
PROGRAM = """
import project
from project import *
Shape(3).area(); Shape(3).area(scale=2); Shape.unit(); Shape.name(4)
for number in (1, 2, 4):
    try:
        halved(number)
    except ValueError:
        pass
list(counting(2))
extended([5], {})
keyed(1, 2, 3, key="k", other=[4])
nested(2)
kept(Wild())
run()
"""


def traced(python: str, folder: Path, program: str, **settings) -> list[dict]:
    """The records of a program, by all processes that it starts."""
    out = folder / "out"
    for place in (out, folder / "site"):
        place.mkdir(exist_ok=True)
    (folder / "project.py").write_text(PROJECT)
    (folder / "program.py").write_text(program)
    (folder / "site" / "sitecustomize.py").write_text("import quire_tracer, quire_reports")
    common = {"calls": 10, "tries": 200, "library_tries": 5}
    given = {"out": str(out), "roots": [f"{folder}/"], **common, **settings}
    env = {
        "QUIRE_TRACER": json.dumps(given),
        "PYTHONPATH": f"{INSIDE}:{folder / 'site'}:{folder}",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [python, "program.py"], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for path in sorted(out.iterdir()) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def of(records: list[dict], name: str) -> list[dict]:
    """The records of a function, without the class that it is in: older ones do not tell it."""
    return [each for each in records if each["name"].rpartition(".")[2] == name]


@pytest.fixture(params=INTERPRETERS, scope="module")
def records(request, tmp_path_factory) -> list[dict]:
    folder = tmp_path_factory.mktemp("traced")
    found = traced(INTERPRETERS[request.param], folder, PROGRAM)
    return [each for each in found if each["file"].endswith("project.py")]


def test_calls_have_their_arguments_and_results(records) -> None:
    first, second = of(records, "area")
    assert first["arguments"][1:] == ["1"]
    assert (first["value"], second["value"]) == ("9", "18")
    assert [name for name, _ in second["names"]] == ["self", "scale"]
    assert "'side': 3" in first["arguments"][0]
    assert of(records, "name")[0]["value"] == "'n4'"
    assert "'side': 1" in of(records, "unit")[0]["value"]


def test_roles_of_arguments(records) -> None:
    (call,) = of(records, "keyed")
    assert [name for name, _ in call["names"]] == ["first", "key", "rest", "more"]
    assert call["arguments"] == ["1", "'k'", "(2, 3)", "{'other': [4]}"]


def test_what_is_raised(records) -> None:
    calls = of(records, "halved")
    outcomes = {call["arguments"][0]: call["outcome"] for call in calls}
    assert outcomes == {"1": "raise", "2": "return", "4": "return"}
    (error,) = [call for call in calls if call["outcome"] == "raise"]
    # sys.setprofile does not tell which one.
    assert error["value"] in ("builtins:ValueError ('odd', 1)", "?")


def test_generators_and_coroutines(records) -> None:
    (generator,) = of(records, "counting")
    assert [text for text, _ in generator["yields"]] == ["0", "2"]
    assert generator["flags"] == 0x20
    (coroutine,) = of(records, "waited")
    assert (coroutine["flags"], coroutine["value"]) == (0x80, "5")


def test_changed_arguments_have_both_values(records) -> None:
    (call,) = of(records, "extended")
    assert call["arguments"] == ["[5]", "{}"]
    assert call["after"] == {"0": "[5, 1]", "1": "{'new': 1}"}


def test_objects_are_never_touched(records) -> None:
    (call,) = of(records, "kept")
    assert call["value"] == "1"
    assert "'value': 1" in call["arguments"][0]


def test_bodies_of_modules_and_classes_are_no_calls(records) -> None:
    assert not {each["name"] for each in records} & {"<module>", "Shape", "Wild"}


# The oldest, the newest, and the newest without sys.monitoring.
FEW = sorted({min(INTERPRETERS, key=len), *list(INTERPRETERS)[-1:], OWN})


@pytest.mark.parametrize("version", FEW)
def test_children_have_files_of_their_own(version, tmp_path) -> None:
    program = """
import os, subprocess, sys, project
project.halved(2)
subprocess.check_call([sys.executable, "-c", "import project; project.halved(4)"])
pid = os.fork()
if pid == 0:
    project.halved(8)
    os._exit(0)
os.waitpid(pid, 0)
"""
    found = of(traced(INTERPRETERS[version], tmp_path, program), "halved")
    assert sorted(each["arguments"][0] for each in found) == ["2", "4", "8"]
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_patched_libraries_and_builtins_change_nothing(tmp_path) -> None:
    program = """
import builtins, json, os
from unittest import mock
import project
def no(*arguments, **named):
    raise SystemExit("called")
names = ["json.dumps", "json.JSONEncoder.default", "os.open", "os.write", "os.getpid", "os.path.join",
         "builtins.open", "builtins.repr", "builtins.sorted", "builtins.any", "builtins.zip"]
patches = [mock.patch(name, no) for name in names]
for each in patches: each.start()
with mock.patch.dict(os.environ, clear=True):
    project.halved(2)
for each in patches: each.stop()
"""
    (call,) = of(traced(INTERPRETERS[OWN], tmp_path, program), "halved")
    assert call["value"] == "1"


def test_few_calls_of_a_function_are_kept(tmp_path) -> None:
    program = "import project\nfor n in range(0, 4000, 2): project.halved(n // 8 * 2)\n"
    found = of(traced(INTERPRETERS[OWN], tmp_path, program, calls=3), "halved")
    assert [each["arguments"][0] for each in found] == ["0", "2", "4"]


def test_functions_of_libraries_are_recorded_where_the_project_calls_them(tmp_path) -> None:
    program = "import textwrap\ntextwrap.dedent('  x')\n"
    found = traced(INTERPRETERS[OWN], tmp_path, program)
    (call,) = of(found, "dedent")
    assert (call["library"], call["value"]) == (True, "'x'")


def test_workers_of_pytest_are_followed(tmp_path) -> None:
    test = "import project\nimport pytest\n@pytest.mark.parametrize('n', range(0, 8, 2))\n"
    (tmp_path / "test_it.py").write_text(test + "def test(n): project.halved(n)\n")
    program = """
import sys, pytest
sys.exit(pytest.main(["-q", "-n", "2", "-p", "no:cacheprovider", "test_it.py"]))
"""
    found = of(traced(sys.executable, tmp_path, program), "halved")
    assert {each["arguments"][0] for each in found} == {"0", "2", "4", "6"}
    assert all(each["test"].startswith("test_it.py::test[") for each in found)


@pytest.mark.parametrize("version", FEW)
def test_equal_functions_of_two_files_are_two(version, tmp_path) -> None:
    text = "def same(x):\n    return x\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(text)
    found = of(
        traced(INTERPRETERS[version], tmp_path, "import one, two\none.same(1); two.same(1)"), "same"
    )
    assert sorted(Path(each["file"]).name for each in found) == ["one.py", "two.py"]


def test_what_libraries_call_themselves_is_not_recorded(tmp_path) -> None:
    program = "import json, textwrap\nfor n in range(9): textwrap.indent('x', 'y')\njson.loads('1')"
    found = traced(INTERPRETERS[OWN], tmp_path, program)
    assert {each["name"].rpartition(".")[2] for each in found if each["library"]} == {
        "indent",
        "loads",
    }


def test_functions_that_are_replaced_in_every_module_change_nothing(tmp_path) -> None:
    program = """
import os, sys, project
def no(*arguments, **named):
    raise SystemExit("called")
real = {os.open, os.write, os.getpid, os.path.join, open}
for module in list(sys.modules.values()):
    for name, value in list(vars(module).items()) if hasattr(module, "__dict__") else ():
        if module is not os and callable(value) and type(value).__name__ != "type":
            try:
                if value in real: setattr(module, name, no)
            except TypeError: pass
project.halved(2)
"""
    (call,) = of(traced(INTERPRETERS[OWN], tmp_path, program), "halved")
    assert call["value"] == "1"
