"""Worker processes on this machine, as Beam's local runner handles them.

Beam itself would start each worker by a command, and wait for ever for one that died. These are
forked from one server process, which has everything imported, so they start at once; and when one
dies, the request that it was working on fails with one clear line.
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
CLOSED = "Channel closed prematurely."  # the error by which Beam may notice a death first
NOTICE_SECONDS = 2  # in which the fork server reports a death that Beam has noticed
# There is a process for each core already: threads of BLAS or OpenMP would only compete with them.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


_deaths: list[str] = []
_death = threading.Event()


class ForkServer:
    """The launcher's side of a running fork server."""

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
        """End the server, and with it the workers that it still has."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    @property
    def alive(self) -> bool:
        """Whether the server takes requests."""
        return not self._gone.is_set()

    def load(self, module: str) -> None:
        """Let the server import a module that workers will need, and load its kernels."""
        self._send({"module": module})

    def kill(self, name: str) -> None:
        """End the worker of that name; does nothing if it has ended."""
        self._send({"kill": name})

    def _send(self, request: dict) -> None:
        with self._turn, contextlib.suppress(OSError):  # the server is gone: `_listen` reports it
            fork_server.send(self._channel, request, 2)

    def fork(
        self, name: str, module: str, environ: dict[str, str], ended: Callable[[int], None]
    ) -> None:
        """Fork a worker that has imported `module`; `ended` is called with its exit code."""
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
        """Report the end of all workers: they end with the server."""
        while self._ends:
            self._ends.popitem()[1](1)


def _start(theirs: socket.socket, ours: socket.socket) -> int:
    """Start the server; returns its process id.

    A fork of this process has Beam imported already, but a process with threads must not be forked:
    then the server is a new process, which imports Beam itself.
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
    """The fork server of this process; starts one if none is running."""
    if not (_servers and _servers[-1].alive):
        _servers.append(ForkServer())
    return _servers[-1]


@environments.Environment.register_urn(URN, None)
class ForkedEnvironment(environments.Environment):
    """The environment of a pipeline's code: forks of a process that has imported `module`."""

    def __init__(self, module: str) -> None:
        super().__init__(environments.python_sdk_capabilities())
        self._module = module

    def to_runner_api_parameter(self, context: Any) -> tuple[str, bytes]:
        """The environment as Beam's graph stores it."""
        return URN, self._module.encode()

    @staticmethod
    def from_runner_api_parameter(payload: bytes, *_: Any) -> "ForkedEnvironment":
        """The environment from what Beam's graph stores."""
        return ForkedEnvironment(payload.decode())


@WorkerHandler.register_environment(URN, bytes)
class ForkedWorker(GrpcWorkerHandler):
    """One worker process, with the methods that Beam's runner calls."""

    def __init__(self, module: bytes, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._module = module.decode()
        self._ended = threading.Event()

    def start_worker(self) -> None:
        """Fork the worker, which then connects to the runner by itself."""
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
        """Fail all requests to a worker that died: Beam looks for no other sign of its death."""
        self._ended.set()
        if status:
            _deaths.append(f"{DIED}: exit {status}")
            _death.set()
            push = self.control_conn.push
            self.control_conn.push = functools.partial(_refuse, push, status)
            for number, future in list(self.control_conn._futures_by_id.items()):
                future.set(_failure(number, status))

    def stop_worker(self) -> None:
        """Wait until the worker has ended, which it does when its connection closes."""
        self._ended.wait()


def cause(error: Exception) -> Exception:
    """The death of a worker, if it caused this error of Beam's; else the error itself."""
    if str(error) == CLOSED:
        _death.wait(NOTICE_SECONDS)
    return RuntimeError(_deaths[0]) if _deaths else error


def forget_deaths() -> None:
    """Forget the deaths of workers of earlier runs."""
    _deaths.clear()
    _death.clear()


def _refuse(push: Callable[[Any], Any], status: int, request: Any) -> Any:
    """Answer a request to a dead worker with a failure; pass on Beam's end-of-requests mark."""
    if not isinstance(request, beam_fn_api_pb2.InstructionRequest):
        return push(request)
    return ControlFuture(request.instruction_id, _failure(request.instruction_id, status))


def _failure(number: str, status: int) -> beam_fn_api_pb2.InstructionResponse:
    error = f"{DIED}: exit {status}"
    return beam_fn_api_pb2.InstructionResponse(instruction_id=number, error=error)
