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
from tests.transforms.lib.sandbox.conftest import ORDINARY
from transforms.lib.sandbox import Limits, Returned
from transforms.verify.compare_answers import agree

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
    for folder in (home, *home.parents[:3]):
        if folder.owner() == home.owner():
            folder.chmod(0o777)
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
    if got.ending.limit != "disk":  # under Landlock, files are counted when they are there
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
