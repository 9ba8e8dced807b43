"""No process, folder or descriptor is left: after a run, a sandbox, or a quire that is killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.transforms.lib.sandbox.conftest import show_to_all
from transforms.lib.sandbox import Limits, Returned, Sandbox, tiers
from transforms.lib.sandbox.inside.landlock_rules import remove
from transforms.lib.sandbox.runs import Role, Runs
from transforms.lib.sandbox.server_process import RunReport
from transforms.lib.sandbox.tiers import TIERS
from transforms.lib.sandbox.tiers.needs import SandboxNeeds

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
    show_to_all(tmp_path)
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


FILES = """
import os, time
def f(seconds):
    os.makedirs('a/b')
    open('a/b/left', 'w').close()
    time.sleep(seconds)
"""
LOOK = "import os\ndef f(): return os.listdir('.')"


def set_immutable(path: Path, value: bool) -> bool:
    """Whether root could set or unset the flag by which nobody can remove a file."""
    command = ["chattr", "+i" if value else "-i", str(path)]
    return not subprocess.run(command, capture_output=True).returncode


def test_a_folder_that_cannot_be_emptied_is_never_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_to_all(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Sandbox("landlock") as sandbox:
        (folder,) = tmp_path.iterdir()
        left = folder / "a/b/left"
        holds: list[bool] = []
        holder = threading.Thread(
            target=lambda: (wait_for(left.exists), holds.append(set_immutable(left, True)))
        )
        holder.start()
        got = sandbox.calls(FILES, "f", [(2,)])
        holder.join()
        if holds == [False]:
            pytest.skip("no file can be made immutable here")
        try:
            assert got.outcomes == (Returned(None),)
            assert sandbox.calls(LOOK, "f", [()]).outcomes == (Returned([]),)
            assert left.exists() and len(list(tmp_path.iterdir())) == 2
        finally:
            set_immutable(left, False)


def test_after_a_run_that_left_something_the_server_is_started_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Starter:
        tier, closed = "landlock", False

        def send(self, *order: object) -> None:
            pass

        def receive(self) -> RunReport:
            return RunReport("", 0.1, [(0, 0.1)], clean=False)

        def close(self) -> None:
            self.closed = True

    started: list[Starter] = []

    def start(*needs: object) -> Starter:
        started.append(Starter())
        return started[-1]

    monkeypatch.setattr(tiers, "start", start)
    runs = Runs(SandboxNeeds(), None)
    for count in (1, 2):
        ending, _ = runs.run([Role("calls", [])], Limits())
        assert ending.exit_code == 0
        assert [each.closed for each in started] == [True] * count


def test_removing_ends_in_time(tmp_path: Path) -> None:
    (tmp_path / "d/e").mkdir(parents=True)
    begin = time.monotonic()
    remove(str(tmp_path), ["d"], begin - 1)
    assert time.monotonic() - begin < 10
    remove(str(tmp_path), ["d"], begin + 60)
    assert not list(tmp_path.iterdir())


def test_removing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir(mode=0o500)
    (tmp_path / "run/d").mkdir(parents=True)
    (tmp_path / "run/link").symlink_to(tmp_path / "outside")
    (tmp_path / "run/d/link").symlink_to(tmp_path / "outside")
    remove(str(tmp_path / "run"), ["d", "link"], time.monotonic() + 60)
    assert os.listdir(tmp_path / "run") == []
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o500
