"""Workers on this machine: Beam's handle on processes forked from one server.

Beam would start each by a command and wait for ever for one that died; these start at once, and
the death of one fails what it was asked, in one line.
"""

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    ControlFuture,
    GrpcWorkerHandler,
    WorkerHandler,
)
from apache_beam.transforms import environments
from google.protobuf import json_format, text_format

from pipelines.running import fork_server

URN = "quire:env:forked:v1"
DIED = "a worker process died (out of memory?)"
CLOSED = "Channel closed prematurely."  # what Beam may notice of it first
NOTICE_SECONDS = 2
# Workers are processes: threads of a kernel's library would only wait for one another.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


_deaths: list[str] = []
_death = threading.Event()


class ForkServer:
    """A running fork server, as its launcher sees it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._pid = _start(theirs, self._channel)
        self._ends: dict[str, Callable[[int], None]] = {}
        self._gone = threading.Event()
        self._turn = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End it, and with it what workers it still has."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._gone.is_set()

    def load(self, module: str) -> None:
        """Have it import a module that workers are going to need."""
        self._send({"module": module})

    def kill(self, name: str) -> None:
        """End a worker, if it has not ended yet."""
        self._send({"kill": name})

    def _send(self, request: dict) -> None:
        with self._turn, contextlib.suppress(OSError):  # it is gone: `_listen` tells
            fork_server.send(self._channel, request, 2)

    def fork(
        self, name: str, module: str, environ: dict[str, str], ended: Callable[[int], None]
    ) -> None:
        """Ask for a worker that has imported `module`; `ended` is told its exit code."""
        self._ends[name] = ended
        self._send({"name": name, "module": module, "environ": environ, "folder": os.getcwd()})
        if self._gone.is_set():
            self._all_ended()

    def _listen(self) -> None:
        with contextlib.suppress(ConnectionResetError), self._channel.makefile() as lines:
            for line in lines:
                end = json.loads(line)
                self._ends.pop(end["name"])(end["status"])
        self._gone.set()
        self._all_ended()

    def _all_ended(self) -> None:
        """The server is gone, and so are its workers."""
        while self._ends:
            self._ends.popitem()[1](1)


def _start(theirs: socket.socket, ours: socket.socket) -> int:
    """Start the server; returns its process id.

    A fork of this process has Beam already, but only of one without threads is it safe.
    """
    if threading.active_count() > 1 or sys.platform != "linux":
        os.set_inheritable(theirs.fileno(), True)
        command = fork_server.command(theirs.fileno())
        return os.posix_spawn(command[0], command, os.environ | ONE_THREAD)
    if pid := os.fork():
        return pid
    ours.close()
    fork_server.serve(theirs)


_servers: list[ForkServer] = []  # the last one runs, and serves all stages of a build


def server() -> ForkServer:
    """The fork server of this process."""
    if not (_servers and _servers[-1].alive):
        _servers.append(ForkServer())
    return _servers[-1]


@environments.Environment.register_urn(URN, None)
class ForkedEnvironment(environments.Environment):
    """Where a pipeline's code runs: in forks of a process that has imported `module`."""

    def __init__(self, module: str) -> None:
        super().__init__(environments.python_sdk_capabilities())
        self._module = module

    def to_runner_api_parameter(self, context: Any) -> tuple[str, bytes]:
        """As Beam's graph holds it."""
        return URN, self._module.encode()

    @staticmethod
    def from_runner_api_parameter(payload: bytes, *_: Any) -> "ForkedEnvironment":
        """From what Beam's graph holds."""
        return ForkedEnvironment(payload.decode())


@WorkerHandler.register_environment(URN, bytes)
class ForkedWorker(GrpcWorkerHandler):
    """One worker, as Beam's runner handles it."""

    def __init__(self, module: bytes, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._module = module.decode()
        self._ended = threading.Event()

    def start_worker(self) -> None:
        """Have it forked; it connects by itself."""
        server().fork(self.worker_id, self._module, self._environ(), self._end)

    def _environ(self) -> dict[str, str]:
        describe = text_format.MessageToString
        options = self.provision_info.provision_info.pipeline_options
        return os.environ | {
            "WORKER_ID": self.worker_id,
            "PIPELINE_OPTIONS": json_format.MessageToJson(options),
            "CONTROL_API_SERVICE_DESCRIPTOR": describe(self.control_api_service_descriptor()),
            "LOGGING_API_SERVICE_DESCRIPTOR": describe(self.logging_api_service_descriptor()),
        }

    def _end(self, status: int) -> None:
        """Answer what it was asked, and will be, with a failure: Beam looks for no other sign."""
        self._ended.set()
        if status:
            _deaths.append(f"{DIED}: exit {status}")
            _death.set()
            push = self.control_conn.push
            self.control_conn.push = functools.partial(_refuse, push, status)
            for number, future in list(self.control_conn._futures_by_id.items()):
                future.set(_failure(number, status))

    def stop_worker(self) -> None:
        """Wait for its end, which closing the connection brings."""
        self._ended.wait()


def cause(error: Exception) -> Exception:
    """The death of a worker, if that is what an error of Beam's comes from."""
    if str(error) == CLOSED:
        _death.wait(NOTICE_SECONDS)
    return RuntimeError(_deaths[0]) if _deaths else error


def forget_deaths() -> None:
    """Before a run: what other runs died of is theirs."""
    _deaths.clear()
    _death.clear()


def _refuse(push: Callable[[Any], Any], status: int, request: Any) -> Any:
    """What a dead worker answers; that there is nothing more to ask goes its way."""
    if not isinstance(request, beam_fn_api_pb2.InstructionRequest):
        return push(request)
    return ControlFuture(request.instruction_id, _failure(request.instruction_id, status))


def _failure(number: str, status: int) -> beam_fn_api_pb2.InstructionResponse:
    error = f"{DIED}: exit {status}"
    return beam_fn_api_pb2.InstructionResponse(instruction_id=number, error=error)
