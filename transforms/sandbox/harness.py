"""The fork server as seen from outside: started under a tier, sent orders, ended with its channel.

Orders and results are memory files whose descriptors go through the channel, so the server never
sees what is in them (why: `inside/server.py`). Against a killed quire: the channel closes with
this process, however it ends, and the server ends with the channel, and its processes with it.
"""

import contextlib
import marshal
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from transforms.sandbox.codec import NotData, decode, encode
from transforms.sandbox.inside.confinement import Setting

START_SECONDS = 30.0
# Past a run's own limit: what the server needs to kill and to clean on a loaded machine.
GRACE_SECONDS = 60.0
MAX_REPORT = 1 << 12
# In the order of their imports; a package is but a name there.
PACKAGES = ("transforms", "transforms.sandbox", "transforms.sandbox.inside")
MODULES = ("codec", "inside.kernel", "inside.confinement", "inside.namespaces", "inside.landlock",
           "inside.program", "inside.remote", "inside.peer", "inside.command", "inside.process",
           "inside.server")  # fmt: skip
BOOT = """
import marshal, sys, types
with open(int(sys.argv[1]), "rb") as file:
    modules, arguments = marshal.load(file)
for name, code in modules:
    sys.modules[name] = module = types.ModuleType(name)
    exec(code, module.__dict__)
for name, code in modules:
    del sys.modules[name]
module.main(*arguments)
"""
# No site, no user folder, no script's folder on the path, no bytecode written, UTF-8. But not
# isolated (-I): the hash seed comes from the environment, which holds nothing that we did not set.
FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8", "-c", BOOT)


class Lost(Exception):
    """The server did not start, or died; the message says what it last said."""


@dataclass(frozen=True)
class Launch:
    """How a tier starts the server: a command before the interpreter's, and what it confines."""

    tier: str
    confinement: str
    setting: Setting
    command: Sequence[str]  # ends with the interpreter
    environment: Mapping[str, str]
    descriptors: Sequence[int] = ()  # that the server inherits; closed here then


@dataclass(frozen=True)
class Report:
    """What the server says of a run: the limit it saw, wall seconds, and each process's end."""

    hit: str
    seconds: float
    ends: list[tuple[int, float]]  # exit code (minus a signal), CPU seconds


class Harness:
    """A running fork server; a context manager."""

    def __init__(self, launch: Launch) -> None:
        self.tier = launch.tier
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = os.memfd_create("errors")
        with memory_file(self._program(launch, theirs.fileno())) as program:
            inherited = (theirs.fileno(), program, *launch.descriptors)
            self._process = subprocess.Popen(
                [*launch.command, *FLAGS, str(program)], env=dict(launch.environment), cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors,
                pass_fds=inherited, start_new_session=True,
            )  # fmt: skip
        theirs.close()
        for descriptor in launch.descriptors:
            os.close(descriptor)
        self._control.settimeout(START_SECONDS)
        self._receive()

    @staticmethod
    def _program(launch: Launch, channel: int) -> bytes:
        """The harness's modules, compiled, and what its main function is called with."""
        folder = Path(__file__).parent
        modules = [(name, compile("", name, "exec")) for name in PACKAGES]
        for name in MODULES:
            path = folder / f"{name.replace('.', '/')}.py"
            code = compile(path.read_text(), f"<{name}>", "exec", dont_inherit=True)
            modules.append((f"{PACKAGES[1]}.{name}", code))
        return marshal.dumps((modules, (channel, launch.confinement, asdict(launch.setting))))

    def send(
        self, roles: Sequence[str], descriptors: Sequence[int], limits: Mapping[str, Any]
    ) -> None:
        """Begin a run of a process in each role, with four descriptors each; the first counts."""
        order = encode({"roles": list(roles), "limits": dict(limits)})
        self._control.settimeout(limits["wall"] + GRACE_SECONDS)
        try:
            socket.send_fds(self._control, [order], list(descriptors))
        except OSError as error:
            raise Lost(self._last_words()) from error

    def receive(self) -> Report:
        """Wait for the run to end."""
        return Report(**self._receive())

    def _receive(self) -> Any:
        try:
            return decode(self._control.recv(MAX_REPORT))
        except (OSError, NotData) as error:  # it says nothing, or its channel is closed
            raise Lost(self._last_words()) from error

    def _last_words(self) -> str:
        self.close()
        lines = os.pread(self._errors, 1 << 16, 0).decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else f"exit {self._process.returncode}"

    def close(self) -> None:
        """End the server and all that it started."""
        self._control.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextlib.contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """A descriptor of a file in memory."""
    descriptor = os.memfd_create("quire")
    try:
        if content:
            os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
