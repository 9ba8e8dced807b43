"""Hostile programs under every tier, opened by root and by an ordinary user: none succeeds."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.lib.sandbox import attacks
from tests.transforms.lib.sandbox.conftest import ORDINARY, USERS, show_to_all
from transforms.lib.sandbox import Limits, Returned
from transforms.lib.trials.compare_answers import agree

SHORT = Limits(wall=0.15, cpu=2)
LIMITS = Limits(wall=0.4, cpu=1)
RIGHT = "the right answer"
CHECK = f"def check(candidate):\n    assert candidate({{}}) == {RIGHT!r}"
WELL = "def well(number):\n    import os\n    return number + 1, sorted(os.listdir('.'))"


@dataclass
class Host:
    """What an attacker could reach for on this host, and whether one did."""

    facts: dict[str, Any]
    listeners: list[socket.socket]
    secret: Path

    def untouched(self) -> bool:
        """Whether nobody connected, nothing was written and no file was changed."""
        for listener in self.listeners:
            with pytest.raises(BlockingIOError):
                listener.accept() if listener.type == socket.SOCK_STREAM else listener.recv(1)
        state = self.secret.stat()
        same = (state.st_mode & 0o777, state.st_mtime, state.st_size) == (0o644, 1000, 6)
        return same and os.listdir(self.secret.parent) == ["secret"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    home = tmp_path_factory.mktemp("home")
    show_to_all(home, 0o777)
    secret = home / "secret"
    secret.write_text("secret")
    secret.chmod(0o644)
    os.utime(secret, (1000, 1000))
    if os.getuid() == 0:
        os.chown(secret, ORDINARY, ORDINARY)
    listeners = [
        socket.socket(*kind)
        for kind in (
            (socket.AF_INET, socket.SOCK_STREAM),
            (socket.AF_INET, socket.SOCK_DGRAM),
            (socket.AF_UNIX, socket.SOCK_DGRAM),
        )
    ]
    listeners[0].bind(("127.0.0.1", 0))
    port = listeners[0].getsockname()[1]
    listeners[1].bind(("127.0.0.1", port))
    name = f"quire-{os.getpid()}"
    listeners[2].bind("\0" + name)
    listeners[0].listen()
    for listener in listeners:
        listener.setblocking(False)
    facts = {
        "parent": os.getpid(),
        "port": port,
        "socket": name,
        "home": str(home),
        "secret": str(secret),
    }
    yield Host(facts, listeners, secret)
    for listener in listeners:
        listener.close()


def processes() -> set[int]:
    """Ids of all descendants of this process, of whichever user."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            parents[int(place.name)] = int(parent)
    found, new = set(), {os.getpid()}
    while new := {pid for pid, parent in parents.items() if parent in new}:
        found |= new
    return found


@pytest.fixture(autouse=True)
def nothing_stays(sandbox: Any) -> Iterator[None]:
    """After each attack no new process is left, and the next program finds an empty folder."""
    before = processes()
    yield
    assert processes() == before
    assert sandbox.calls(WELL, "well", [(1,)]).outcomes == (Returned((2, [])),)


@pytest.mark.parametrize("name", attacks.ENDLESS)
def test_the_endless_are_ended(sandbox: Any, host: Host, name: str) -> None:
    begin = time.monotonic()
    got = sandbox.calls(attacks.ENDLESS[name], "attack", [(host.facts,)], SHORT)
    assert (got.ending.limit, got.outcomes) == ("wall", ())
    # They would go on for 1000 seconds; the rest of a minute is for a busy machine.
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize("name", attacks.GREEDY)
def test_the_greedy_get_nothing(sandbox: Any, host: Host, name: str) -> None:
    got = sandbox.calls(attacks.GREEDY[name], "attack", [(host.facts,)], Limits(disk=8 << 20))
    assert host.untouched()
    # Under Landlock, files and threads are counted when they are there.
    if got.ending.limit not in ("disk", "processes") or got.outcomes:
        assert len(got.outcomes) == 1, got
        assert not any(isinstance(each, Returned) and each.value for each in got.outcomes), got


@pytest.mark.parametrize("name", attacks.FORGED)
def test_the_forgers_do_not_pass(sandbox: Any, name: str) -> None:
    got = sandbox.calls(attacks.FORGED[name], "attack", [({},)], LIMITS)
    assert not any(agree(Returned(RIGHT), outcome) for outcome in got.outcomes)
    assert len(got.outcomes) <= 1


@pytest.mark.parametrize("name", attacks.FORGED)
def test_the_forgers_do_not_pass_a_check(sandbox: Any, name: str) -> None:
    for objects in (False, True):
        got = sandbox.check(attacks.FORGED[name], "attack", CHECK, LIMITS, objects=objects)
        assert not got.passed
        assert got.why


HOLDS_MUCH = """
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_long] * 4
def f(how):
    held = []
    for _ in range(64):
        descriptor = os.open('u', os.O_RDWR | os.O_CREAT)
        os.unlink('u')
        if how == 'allocated':
            os.posix_fallocate(descriptor, 0, 8 << 20)
        else:
            os.write(descriptor, bytes(8 << 20))
        held.append(how == 'open' and descriptor)
        if how != 'open':
            libc.mmap(None, 4096, 3, 1, descriptor, 0)
            os.close(descriptor)
    time.sleep(1)
"""


@pytest.mark.parametrize("how", ["mapped", "allocated", "open"])
@pytest.mark.parametrize("user", USERS)
def test_files_without_a_name_count(opened: Any, user: str, how: str) -> None:
    limits = Limits(disk=16 << 20)
    got = opened("landlock", user).calls(HOLDS_MUCH, "f", [(how,)], limits)
    assert (got.ending.limit, got.outcomes) == ("disk", ())


FOLDERS = {
    "not to be looked into": "os.mkdir('d', {mode})",
    "of a mask": "os.umask({mode}); os.mkdir('d')",
    "without end": "[(os.mkdir('x' * 200), os.chdir('x' * 200)) for _ in range(50)]",
    "with long names": "[open('x' * 250 + str(n), 'w').close() for n in range(1000)]",
    "not to be written into": "os.mkdir('d', 0o555)",
}


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("mode", [0o300, 0])
def test_no_folder_outlives_its_run(sandbox: Any, name: str, mode: int) -> None:
    """`nothing_stays` looks; neither may the size of the folder tell what was in it."""
    look = "import os\ndef f(): return os.listdir('.'), os.stat('.').st_size"
    (before,) = sandbox.calls(look, "f", [()]).outcomes
    program = f"import os\ndef f():\n    {FOLDERS[name].format(mode=mode)}"
    sandbox.calls(program, "f", [()])
    assert sandbox.calls(look, "f", [()]).outcomes == (before,)
