"""The fork server as a process of this host: started under a tier, and sent runs over a socket.

Orders and results are memory files whose descriptors are sent through the socket, so the server
never sees what is in them (`inside/server.py` says why). If quire is killed, the socket closes with
it; the server ends with the socket, and its processes end with the server.
"""

import contextlib
import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

from transforms.lib.sandbox.codec import NotData, decode, encode
from transforms.lib.sandbox.inside.confinement import Setting
from transforms.lib.sandbox.inside.landlock_rules import remove
from transforms.lib.sandbox.inside.program import ROLE_DESCRIPTORS
from transforms.lib.sandbox.shipment import PYTHON_FLAGS, SERVER_MODULES, memory_file, shipment

START_SECONDS = 30.0  # for the server to say that it is ready
# After a run's own limit: what the server needs to kill and to clean on a loaded machine.
GRACE_SECONDS = 60.0
MAX_REPORT_BYTES = 1 << 12
MAX_ERROR_BYTES = 1 << 16  # of the server's standard error that are read


class SandboxLost(Exception):
    """A server or machine that did not start, or died; the message is its last line of output."""


@dataclass(frozen=True)
class RunReport:
    """How a run ended: the limit that was hit (or ""), wall seconds, and each process's end.

    After one that is not `clean`, which left what could not be removed, no further run may begin.
    """

    hit: str
    seconds: float
    ends: list[tuple[int, float]]  # exit code (minus the number of a signal), CPU seconds
    clean: bool = True


class Starter(Protocol):
    """What starts the processes of runs, one run at a time, under the tier of this name."""

    tier: str

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run with a process for each role, which gets four of the descriptors.

        The run ends when its first process does.
        """

    def receive(self) -> RunReport:
        """Wait for the run to end; no process of it is left when this returns."""

    def close(self) -> None:
        """End everything that was started."""


@dataclass(frozen=True)
class Launch:
    """How a tier starts the server: a command that ends with the interpreter, and its setting."""

    tier: str
    confinement: str  # a name in CONFINEMENTS of `inside/server.py`
    setting: Setting
    command: Sequence[str]
    environment: Mapping[str, str]
    # That the server inherits, each clear_of_role_descriptors, and this process then closes.
    descriptors: Sequence[int] = ()
    folder: str = ""  # of this host, which the server makes and removes


def clear_of_role_descriptors(descriptor: int) -> int:
    """The descriptor, under another number if it has one of those that the server overwrites.

    A process with 200 open files gets these.
    """
    if descriptor not in ROLE_DESCRIPTORS:
        return descriptor
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(ROLE_DESCRIPTORS) + 1)
    os.close(descriptor)
    return moved


class ServerProcess:
    """A running fork server: a Starter whose processes are forked by the server."""

    def __init__(self, launch: Launch) -> None:
        self.tier, self._folder = launch.tier, launch.folder
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = open(os.memfd_create("errors"), "r+b", buffering=0)  # noqa: SIM115
        channel = clear_of_role_descriptors(theirs.detach())
        task = shipment(SERVER_MODULES, channel, launch.confinement, asdict(launch.setting))
        try:
            with memory_file(task) as file:
                inherited = (channel, file, *launch.descriptors)
                self._process = self._start(launch, f"/proc/self/fd/{file}", inherited)
        finally:
            for descriptor in (channel, *launch.descriptors):
                os.close(descriptor)
        self._control.settimeout(START_SECONDS)
        self._receive()

    def _start(self, launch: Launch, task: str, inherited: tuple[int, ...]) -> subprocess.Popen:
        try:
            return subprocess.Popen(
                [*launch.command, *PYTHON_FLAGS, task],
                env=dict(launch.environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=inherited,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxLost(str(error)) from error

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run, as Starter says; raises SandboxLost if the server is gone."""
        self._control.settimeout(limits["wall"] + GRACE_SECONDS)
        try:
            order = encode({"roles": list(roles), "limits": limits})
            socket.send_fds(self._control, [order], list(descriptors))
        except OSError as error:
            raise SandboxLost(self._last_words()) from error

    def receive(self) -> RunReport:
        """Wait for the run to end; raises SandboxLost if the server ends before it."""
        return RunReport(**self._receive())

    def _receive(self) -> Any:
        try:
            return decode(self._control.recv(MAX_REPORT_BYTES))
        except (OSError, NotData) as error:  # it sends nothing, or has closed its socket
            raise SandboxLost(self._last_words()) from error

    def _last_words(self) -> str:
        """End the server; returns the last line of its standard error, or its exit code."""
        self._end()
        errors = os.pread(self._errors.fileno(), MAX_ERROR_BYTES, 0).decode(errors="replace")
        self.close()
        lines = errors.strip().splitlines() or [f"exit {self._process.returncode}"]
        return lines[-1][:200]

    def _end(self) -> None:
        with contextlib.suppress(OSError):  # closed before, or by the server's end
            # Closing alone is not enough: a fork of this process may hold the socket, too.
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._folder and os.path.exists(self._folder):  # the server was killed, or could not
            place, name = os.path.split(self._folder)
            remove(place, [name], time.monotonic() + GRACE_SECONDS)

    def close(self) -> None:
        """End the server and all that it started."""
        self._end()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
