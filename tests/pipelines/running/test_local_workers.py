"""Workers that do not start, or lose a thread: one line and exit code 1, and no waiting for them."""

import resource
import subprocess
import sys

import pytest

from tests.support.inputs import many_units

PROGRAM = """
import os, sys, threading, time
from pipelines import cli
from pipelines.running import exhaustion, fork_server, local_workers, quick_imports
quick_imports.import_beam()
local_workers.TICK_SECONDS, local_workers.START_TICKS = 0.1, 10
FAILURE = RuntimeError("can't start new thread")
def fail(*_):
    raise FAILURE
{fault}
sys.exit(cli.main(sys.argv[1:]))
"""
HARNESS = "sys.modules[fork_server.HARNESS].main"
START = """
start = threading.Thread.start
def attempt(thread):
    if thread.name.startswith({name!r}):
        fail()
    start(thread)
threading.Thread.start = attempt
"""
FAULTS = {
    "it ends": (f"{HARNESS} = fail", "a worker could not start"),
    "it is killed": (f"{HARNESS} = lambda _: os.kill(os.getpid(), 9)", "a worker process died"),
    "it never asks for work": (
        f"{HARNESS} = lambda _: time.sleep(600)",
        "a worker could not start (limits on memory, processes or open files?): "
        "it did not ask for work in time",
    ),
    "no fork": (
        "FAILURE = BlockingIOError(11, 'Resource temporarily unavailable')\n"
        "fork_server._fork = fail",
        "no more processes or threads can start",
    ),
    "no thread here": (
        START.format(name="beam_control_read"),
        "no more processes or threads can start",
    ),
    "no thread of a server": (
        START.format(name="Thread-"),
        "no more processes or threads can start",
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return many_units(tmp_path_factory.mktemp("in"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server is not a fork")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_that_does_not_start(tmp_path, files, fault):
    setting, line = FAULTS[fault]
    command = [sys.executable, "-c", PROGRAM.format(fault=setting)]
    command += ["corpus", str(tmp_path / "data"), f"--files={files}", "--workers=2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"quire: corpus failed: {line}")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "data" / "_work" / "corpus" / "log.txt").stat().st_size > 0


@pytest.mark.parametrize("limit", [8, 14])
def test_too_few_open_files(tmp_path, files, limit):
    command = [sys.executable, "-m", "pipelines.cli", "corpus", str(tmp_path / "data")]
    done = subprocess.run(
        [*command, f"--files={files}", "--workers=2"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("quire: ") and "open files" in done.stderr
    assert done.stderr.count("\n") == 1
