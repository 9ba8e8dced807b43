"""Test suites that mean harm: each is bounded, has a cause, and leaves nothing behind."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.support.project_trees import tar_of, tree
from tests.transforms.ci.conftest import OWN, project_of
from transforms.ci import causes
from transforms.ci.attempt import Workshop
from transforms.ci.attempts import attempts
from transforms.ci.driver_results import Malformed, read_build, read_runs
from transforms.ci.interpreters import interpreters, readable_root
from transforms.ci.package_proxy import PackageProxy
from transforms.ci.project_sandbox import drive
from transforms.ci.recipe import Recipe
from transforms.ci.suite_runs import PLAIN, Suite, suite_order

# No other run of these tests on this machine has processes of this name.
NAME = f"hostile_{os.getpid()}.py"
SCRIPT = Recipe("travis", commands=(("python", NAME),))
GOOD = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"


@pytest.fixture(scope="module")
def environment(request) -> bytes:
    """An environment without packages."""
    workshop = request.getfixturevalue("module_workshop")
    recipe = Recipe("tox", commands=(("python", "-m", "unittest"),))
    (attempt,) = attempts(workshop, project_of({"test_a.py": GOOD}), [recipe])
    return attempt.environment


@pytest.fixture(scope="module")
def module_workshop(sandbox, index):
    with PackageProxy(index) as proxy:
        yield Workshop(sandbox, proxy, {OWN: interpreters()[OWN]})


def answered(sandbox, environment, texts, recipe=SCRIPT, seconds=2.5, runs=(PLAIN,)):
    suite = Suite(recipe, tree(texts), OWN)
    parts = {"tree": tar_of(texts), "environment": environment}
    return drive(
        sandbox,
        suite_order(suite, runs, seconds),
        parts,
        readable=[readable_root(interpreters()[OWN])],
        seconds=seconds * len(runs) + 30,
    )


def run_of(sandbox, environment, text, **settings):
    """The run of a hostile script, and how long it took; no process of it is left."""
    before, begin = processes(), time.monotonic()
    answer = answered(sandbox, environment, {NAME: text}, **settings)
    assert answer.failure is None
    assert time.monotonic() - begin < 60
    assert processes() <= before
    return read_runs(answer.result)[0]


def processes() -> set[str]:
    """The names of scripts that run on this machine."""
    found = set()
    for process in psutil.process_iter():
        try:
            found |= {word for word in process.cmdline() if word.endswith(NAME)}
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", "timeout"),
        ("import time\ntime.sleep(600)", "timeout"),
        ("import signal, time\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
         "    except (OSError, ValueError): pass\ntime.sleep(600)", "timeout"),
        ("while True: print('x' * 100000)", "output"),
        ("print(input())", "wants_input"),
        ("open('/dev/tty').read()", "command_fails"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "command_fails"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 8099), 3)", "command_fails"),
        ("import urllib.request\nurllib.request.urlopen('http://example.org')", "network"),
        ("open('/etc/shadow').read()", "command_fails"),
        ("import os\nos.mkdir('/quire-was-here')", "command_fails"),
    ],
)  # fmt: skip
def test_harm_is_bounded_and_has_a_cause(sandbox, environment, text, cause) -> None:
    found = causes.of_run(run_of(sandbox, environment, text))
    assert found is not None
    assert found.name == cause


def test_a_suite_that_fills_the_disk_does_not_fill_the_host(sandbox, environment) -> None:
    text = """
import os
with open(os.path.join(os.environ["TMPDIR"], "big"), "wb") as file:
    while True:
        file.write(b"x" * (1 << 20))
"""
    run = run_of(sandbox, environment, text, seconds=20.0)
    assert causes.of_run(run) is not None


def test_daemons_end_with_their_run(sandbox, environment) -> None:
    text = """
import os, sys, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
"""
    run = run_of(sandbox, environment, text)
    assert run.commands[0].left >= 3


def test_a_suite_that_kills_its_parents_ends_only_itself(sandbox, environment) -> None:
    text = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)"
    answer = answered(sandbox, environment, {NAME: text})
    assert answer.failure or causes.of_run(read_runs(answer.result)[0])
    assert answered(sandbox, environment, {NAME: "print('OK')"}).failure is None


def test_the_next_run_begins_with_a_fresh_tree_home_and_folder(sandbox, environment) -> None:
    text = """
import os, pathlib
places = [pathlib.Path.cwd(), pathlib.Path.home(), pathlib.Path(os.environ["TMPDIR"])]
assert not [p for p in places if (p / "mark").exists()]
for place in places:
    (place / "mark").mkdir()
    (place / "mark").chmod(0)
print("OK")
"""
    answer = answered(sandbox, environment, {NAME: text}, runs=(PLAIN, PLAIN))
    assert [causes.of_run(run) for run in read_runs(answer.result)] == [None, None]


def test_what_looks_like_a_report_or_a_trace_is_read_strictly(sandbox, environment) -> None:
    text = """
import json, os
folder = os.environ["QUIRE_REPORTS"]
lines = ["[]", "{", '["a", "passed"]', '["b", "perfect"]', '[["x"], "passed"]', "[" * 5000]
with open(os.path.join(folder, "9.jsonl"), "w") as file:
    file.write("\\n".join(lines))
os.symlink("/etc/passwd", os.path.join(folder, "8.jsonl"))
os.mkdir(os.path.join(folder, "7.jsonl"))
os.mkfifo("/sandbox/traces/1.jsonl")
os.symlink("/etc/passwd", "/sandbox/traces/2.jsonl")
open("/sandbox/result.json", "w").write('{"runs": []}')
print('{"runs": [], "result": "green"}')
"""
    answer = answered(sandbox, environment, {NAME: text})
    run = read_runs(answer.result)[0]
    assert run.tests == {"a": "passed", "['x']": "passed"}
    assert not answer.files


def test_no_secret_and_no_file_of_the_host_is_seen(sandbox, environment, monkeypatch) -> None:
    monkeypatch.setenv("QUIRE_TEST_SECRET", "swordfish")
    text = """
import glob, os
seen = [os.environ]
for path in glob.glob("/proc/[0-9]*/environ"):
    try: seen.append(open(path, "rb").read())
    except OSError: pass
assert "swordfish" not in repr(seen)
assert os.getuid() == 65534
assert not os.path.exists("/root/.ssh") and not os.listdir("/home") if os.path.exists("/home") else 1
print("OK")
"""
    assert causes.of_run(run_of(sandbox, environment, text)) is None


def test_nothing_is_left_in_the_folder_for_temporary_files(sandbox, environment, tmp_path) -> None:
    before = set(os.listdir("/tmp"))
    run_of(sandbox, environment, "print('OK')")
    left = {name for name in set(os.listdir("/tmp")) - before if "quire" in name}
    assert not {name for name in left if Path("/tmp", name).is_file()}


def test_an_installation_that_means_harm_is_bounded(module_workshop, monkeypatch) -> None:
    monkeypatch.setattr("transforms.ci.attempts.LEAST_SECONDS", 0.0)
    texts = {
        "setup.py": "import os, time\nwhile True:\n    os.fork() or time.sleep(600)\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]',
        "b.py": "import time\ntime.sleep(600)\n",
        "test_a.py": GOOD,
    }
    recipe = Recipe("tox", project="install", commands=(("python", "-m", "unittest"),))
    quick = replace(module_workshop, seconds=4.0, attempts=1)
    begin = time.monotonic()
    (attempt,) = attempts(quick, project_of(texts), [recipe])
    assert time.monotonic() - begin < 90
    assert attempt.cause is not None
    assert attempt.cause.name == "timeout"


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"runs": 3},
        {"runs": [3]},
        {"runs": [{"tests": [], "commands": [], "log": ""}]},
        {"runs": [{"tests": {}, "commands": [{"exit": "0"}], "log": ""}]},
        {"runs": [{"tests": {}, "commands": [], "log": None}]},
    ],
)
def test_an_answer_of_another_form_is_refused(result) -> None:
    with pytest.raises(Malformed):
        read_runs(json.loads(json.dumps(result)))
    with pytest.raises(Malformed):
        read_build(result)
