"""No process, folder or descriptor is left: after a run, a sandbox, or a quire that is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from transforms.lib.sandbox import Limits, Returned, Sandbox
from transforms.lib.sandbox.tiers import TIERS

ROOT = Path(__file__).parents[4]
ONE = "def f(): return 1"
TIER_NAMES = [tier.NAME for tier in TIERS]
KILLED_PROGRAM = """
import sys, threading
from transforms.lib.sandbox import Limits, Sandbox
sandbox = Sandbox(sys.argv[1])
LONG = Limits(wall=1000.0)
if sys.argv[2] == "command":
    command = ["sh", "-c", "setsid sleep 1000 & sleep 1000"]
    threading.Thread(target=sandbox.command, args=(command, sys.argv[3]), kwargs={"limits": LONG}).start()
elif sys.argv[2] == "program":
    sandbox.calls("import time\\ndef f(): time.sleep(1000)", "f", [()], LONG)
print("open", flush=True)
sys.stdin.read()
"""


def wait_for(condition: Any, seconds: float = 120.0) -> None:
    """Wait as long as a busy machine may need; only what never comes takes all of it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("work", ["program", "command", "nothing"])
@pytest.mark.parametrize("tier", TIER_NAMES)
def test_a_killed_quire_leaves_nothing(tier: str, work: str, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    # A place of its own for folders, for other tests make some in the usual one.
    (temporary := tmp_path / "temporary").mkdir()
    temporary.chmod(0o1777)
    (tree := tmp_path / "tree").mkdir()
    quire = subprocess.Popen(
        [sys.executable, "-c", KILLED_PROGRAM, tier, work, str(tree)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    count = {"program": 2, "command": 5, "nothing": 1}[work] + (tier == "bubblewrap")
    try:
        wait_for(lambda: len(psutil.Process(quire.pid).children(recursive=True)) >= count)
        started = psutil.Process(quire.pid).children(recursive=True)
    finally:
        os.kill(quire.pid, signal.SIGKILL)
        quire.communicate()
    wait_for(lambda: not [each for each in started if alive(each)])
    wait_for(lambda: not list(temporary.iterdir()))


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("tier", TIER_NAMES)
def test_a_lost_sandbox_is_reported_and_started_anew(tier: str) -> None:
    with Sandbox(tier) as sandbox:
        killer = threading.Thread(target=kill_at_work, args=(newest(),))
        killer.start()
        endless = "import time\ndef f(): time.sleep(1000)"
        got = sandbox.calls(endless, "f", [()], Limits(wall=1000.0))
        killer.join()
        assert (got.ending.exit_code, got.ending.limit, got.outcomes) == (None, None, ())
        assert str(got.ending) == "sandbox lost"
        assert sandbox.calls(ONE, "f", [()]).outcomes == (Returned(1),)
        newest().kill()
        wait_for(lambda: sandbox.calls(ONE, "f", [()]).outcomes == (Returned(1),))


def kill_at_work(server: psutil.Process) -> None:
    """Kill a server that has a program running."""
    wait_for(server.children)
    server.kill()


def newest() -> psutil.Process:
    """The descendant of this process that was started last: the server."""
    below = psutil.Process().children(recursive=True)
    return max(below, key=lambda process: (process.create_time(), process.pid))


@pytest.mark.parametrize("tier", TIER_NAMES)
def test_a_sandbox_lives_longer_than_the_thread_that_opened_it(tier: str) -> None:
    opened: list[Sandbox] = []
    thread = threading.Thread(target=lambda: opened.append(Sandbox(tier)))
    thread.start()
    thread.join()
    with opened[0] as sandbox:
        assert sandbox.calls(ONE, "f", [()]).outcomes == (Returned(1),)


@pytest.mark.parametrize("tier", TIER_NAMES)
def test_runs_leave_no_descriptor(tier: str, tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    with Sandbox(tier) as sandbox:
        opened = descriptors()
        for _ in range(20):
            sandbox.calls(ONE, "f", [()])
            sandbox.check(ONE, "f", "def check(c): assert c() == 1")
            sandbox.stdio("print(1)", "")
        sandbox.calls("def f():\n    while True: pass", "f", [()], Limits(wall=0.1))
        sandbox.command(["true"], str(tmp_path))
        assert descriptors() == opened
    assert descriptors() == before
