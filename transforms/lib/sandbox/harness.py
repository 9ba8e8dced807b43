"""The fork server as seen from outside: started under a tier, sent orders, ended with its channel.

Orders and results are memory files whose descriptors go through the channel, so the server never
sees what is in them (why: `inside/server.py`). Against a killed quire: the channel closes with
this process, however it ends, and the server ends with the channel, and its processes with it.
"""

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

from transforms.lib.sandbox.codec import NotData, decode, encode
from transforms.lib.sandbox.inside.confinement import Setting
from transforms.lib.sandbox.shipment import FLAGS, SERVER, memory_file, shipment

START_SECONDS = 30.0
# Past a run's own limit: what the server needs to kill and to clean on a loaded machine.
GRACE_SECONDS = 60.0
MAX_REPORT = 1 << 12
MAX_WORDS = 1 << 16


class Lost(Exception):
    """What starts processes did not start itself, or died; the message says what it last said."""


@dataclass(frozen=True)
class Report:
    """What is told of a run: the limit that was seen, wall seconds, and each process's end."""

    hit: str
    seconds: float
    ends: list[tuple[int, float]]  # exit code (minus a signal), CPU seconds


class Starter(Protocol):
    """What starts the processes of runs, one run at a time, under the tier of this name."""

    tier: str

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run of a process in each role, with four descriptors each; the first counts."""

    def receive(self) -> Report:
        """Wait for the run to end; nothing of it is left then."""

    def close(self) -> None:
        """End everything that was started."""


@dataclass(frozen=True)
class Launch:
    """How a tier starts the server: a command that ends with the interpreter, and its task."""

    tier: str
    confinement: str
    setting: Setting
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: Sequence[int] = ()  # that the server inherits; closed here then
    folder: str = ""  # of this host, that the server makes and removes


class Harness:
    """A running fork server."""

    def __init__(self, launch: Launch) -> None:
        self.tier, self._folder = launch.tier, launch.folder
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = open(os.memfd_create("errors"), "r+b", buffering=0)  # noqa: SIM115
        task = shipment(SERVER, theirs.fileno(), launch.confinement, asdict(launch.setting))
        try:
            with memory_file(task) as file:
                inherited = (theirs.fileno(), file, *launch.descriptors)
                self._process = self._start(launch, f"/proc/self/fd/{file}", inherited)
        finally:
            theirs.close()
            for descriptor in launch.descriptors:
                os.close(descriptor)
        self._control.settimeout(START_SECONDS)
        self._receive()

    def _start(self, launch: Launch, task: str, inherited: tuple[int, ...]) -> subprocess.Popen:
        try:
            return subprocess.Popen(
                [*launch.command, *FLAGS, task],
                env=dict(launch.environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=inherited,
                start_new_session=True,
            )
        except OSError as error:
            raise Lost(str(error)) from error

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run; Lost if there is no server any more."""
        self._control.settimeout(limits["wall"] + GRACE_SECONDS)
        try:
            order = encode({"roles": list(roles), "limits": limits})
            socket.send_fds(self._control, [order], list(descriptors))
        except OSError as error:
            raise Lost(self._last_words()) from error

    def receive(self) -> Report:
        """Wait for the run to end; Lost if the server does before."""
        return Report(**self._receive())

    def _receive(self) -> Any:
        try:
            return decode(self._control.recv(MAX_REPORT))
        except (OSError, NotData) as error:  # it says nothing, or its channel is closed
            raise Lost(self._last_words()) from error

    def _last_words(self) -> str:
        self._end()
        said = os.pread(self._errors.fileno(), MAX_WORDS, 0).decode(errors="replace")
        self.close()
        lines = said.strip().splitlines() or [f"exit {self._process.returncode}"]
        return lines[-1][:200]

    def _end(self) -> None:
        self._control.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._folder and os.path.exists(self._folder):  # the server was killed
            subprocess.run(["rm", "-rf", "--", self._folder])

    def close(self) -> None:
        """End the server and all that it started."""
        self._end()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
