"""Worker processes on this machine, as Beam's local runner handles them.

Beam itself would start each worker by a command, and wait for ever for one that died or never came.
These are forked from one server process, which has everything imported, so they start at once; and
when one dies, or does not start, the request that it was given fails with one clear line.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    BeamFnControlServicer,
    ControlFuture,
    GrpcWorkerHandler,
    WorkerHandler,
)
from apache_beam.transforms import environments
from google.protobuf import json_format, text_format

from pipelines.running import fork_server, interruption, local_server, process_costs
from pipelines.running.exhaustion import exhausted, lost_threads
from pipelines.running.quick_imports import ONE_THREAD

URN = "quire:env:forked:v1"
DIED = "a worker process died"
NOT_STARTED = "a worker could not start"
LIMITS = "limits on memory, processes or open files?"
CLOSED = "Channel closed prematurely."  # the error by which Beam may notice a death first
NOTICE_SECONDS = 2  # in which the fork server reports a death that Beam has noticed
# A tick is a second in which this process ran: the time in which it was suspended does not count.
TICK_SECONDS = 1.0
LOAD_TICKS = 600  # for imports, and kernels that may have to be compiled first
START_TICKS = 60  # from the fork until the worker asks for work; some hundredths where all is well
END_TICKS = 10  # for a worker without work


_deaths: list[str] = []
_death = threading.Event()


@dataclass
class _Watched:
    """A worker, as the fork server's listener sees it."""

    ended: Callable[[str], None]  # called once, with what to say; "" if it ended well
    started: Callable[[], bool]
    ticks: int = LOAD_TICKS  # left, until it must have come further
    ending: bool = False


class ForkServer:
    """The launcher's side of a running fork server."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._pid = _start(theirs, self._channel)
        self._watched: dict[str, _Watched] = {}
        self._stopped, self._gone = False, threading.Event()
        self._failure = DIED
        self._turn = threading.Lock()
        interruption.at_end(self.stop)
        atexit.register(self.stop)
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self, failure: str = "") -> None:
        """End the server, and with it the workers that it still has; `failure` says why."""
        if self._stopped:
            return
        self._stopped, self._failure = True, failure or self._failure
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

    def await_end(self, name: str) -> None:
        """Expect the worker to end by itself, and soon."""
        if watched := self._watched.get(name):
            watched.ticks, watched.ending = END_TICKS, True

    def _send(self, request: dict) -> None:
        with self._turn, contextlib.suppress(OSError):  # the server is gone: `_listen` reports it
            fork_server.send(self._channel, request, 2)

    def fork(
        self,
        name: str,
        module: str,
        environ: dict[str, str],
        ended: Callable[[str], None],
        started: Callable[[], bool] = lambda: True,
        leaves: str = "",
    ) -> None:
        """Fork a worker that has imported `module`.

        `ended` is called with what to say of its end, which is nothing if all was well. A worker
        that has not `started` in time is ended. `leaves` is a folder that the server removes if
        this process is killed.
        """
        self._watched[name] = _Watched(ended, started)
        what = {"name": name, "module": module, "environ": environ, "leaves": leaves}
        self._send({**what, "folder": os.getcwd()})
        if self._gone.is_set():
            self._all_ended()

    def _listen(self) -> None:
        try:
            self._take_messages()
        except ConnectionResetError:
            pass
        finally:
            self._gone.set()
            self._all_ended()

    def _take_messages(self) -> None:
        waiting = b""
        while True:
            if not select.select([self._channel], [], [], TICK_SECONDS)[0]:
                self._tick()
            elif received := self._channel.recv(65536):
                *lines, waiting = (waiting + received).split(b"\n")
                for line in lines:
                    self._note(**json.loads(line))
            else:
                return

    def _note(
        self, name: str = "", status: int | None = None, memory: int = 0, error: str = ""
    ) -> None:
        """Take a message: the server failed, or it has forked a worker, or a worker has ended."""
        if error:
            self._failure = f"{NOT_STARTED}: {error}"
        elif status is None:
            self._watched[name].ticks = START_TICKS
        elif watched := self._watched.pop(name, None):
            process_costs.note_worker(memory)
            died = died_of(status, watched.started())
            if status and not watched.started():  # nor could the others: they are not waited for
                self.stop(died)
            watched.ended(died if status else "")

    def _tick(self) -> None:
        for name, watched in list(self._watched.items()):
            if watched.started() and not watched.ending:
                continue
            watched.ticks -= 1
            if watched.ticks == 0 and watched.ending:
                self.kill(name)
            elif watched.ticks == 0:
                self.stop(f"{NOT_STARTED} ({LIMITS}): it did not ask for work in time")

    def _all_ended(self) -> None:
        """Report the end of all workers: they end with the server."""
        while self._watched:
            self._watched.popitem()[1].ended(self._failure)


def died_of(status: int, started: bool) -> str:
    """What is said of a worker that ended with this exit code.

    >>> died_of(-9, True)
    'a worker process died (out of memory?): exit -9'
    """
    if status == -signal.SIGKILL:  # by the kernel, most likely
        return f"{DIED} (out of memory?): exit {status}"
    if started and status != fork_server.EXHAUSTED:
        return f"{DIED}: exit {status}"
    return f"{DIED if started else NOT_STARTED} ({LIMITS}): exit {status}"


def _start(theirs: socket.socket, ours: socket.socket) -> int:
    """Start the server; returns its process id.

    A fork of this process has Beam imported already, but a process with threads must not be forked:
    then the server is a new process, which imports Beam itself.
    """
    with interruption.deferred():
        if threading.active_count() > 1 or sys.platform != "linux":
            os.set_inheritable(theirs.fileno(), True)
            command = fork_server.command(theirs.fileno())
            return os.posix_spawn(command[0], command, {**ONE_THREAD, **os.environ})
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
        self._server: ForkServer | None = None
        self._ended = threading.Event()
        self._failure = ""
        self._closing = False
        self._turn = threading.Lock()
        self._push = self.control_conn.push
        self.control_conn.push = self._push_or_refuse

    def host_from_worker(self) -> str:
        """What stands before the path of the socket in an address."""
        return local_server.SCHEME

    def start_worker(self) -> None:
        """Fork the worker, which then connects to the runner by itself."""
        self._server = server()
        folder = os.path.dirname(self._grpc_server.control_port)
        self._server.fork(
            self.worker_id, self._module, self._environ(), self._end, self._has_started, folder
        )

    def _environ(self) -> dict[str, str]:
        """What Beam's worker reads. Without an address for its log it writes to standard error."""
        describe = text_format.MessageToString
        options = self.provision_info.provision_info.pipeline_options
        return os.environ | {
            "WORKER_ID": self.worker_id,
            "PIPELINE_OPTIONS": json_format.MessageToJson(options),
            "CONTROL_API_SERVICE_DESCRIPTOR": describe(self.control_api_service_descriptor()),
        }

    def _has_started(self) -> bool:
        """Whether the worker has asked for work."""
        return bool(self.control_conn._state != BeamFnControlServicer.UNSTARTED_STATE)

    def _push_or_refuse(self, request: Any) -> Any:
        """Send a request, or answer for a worker that has ended; pass on Beam's end of requests."""
        if not isinstance(request, beam_fn_api_pb2.InstructionRequest):
            return self._push(request)
        with self._turn:
            if not self._ended.is_set():
                return self._push(request)
        return ControlFuture(request.instruction_id, self._answer(request.instruction_id))

    def _end(self, failure: str) -> None:
        """Fail all requests to a worker that died: Beam looks for no other sign of its death."""
        with self._turn:
            asked = list(self.control_conn._futures_by_id.items())
            self._failure = failure or f"{DIED}: exit 0"  # if it is asked after its end
            self._ended.set()
        if (failure or asked) and not self._closing:
            _deaths.append(self._failure)
            _death.set()
        for number, future in asked:
            future.set(self._answer(number))

    def _answer(self, number: str) -> beam_fn_api_pb2.InstructionResponse:
        return beam_fn_api_pb2.InstructionResponse(instruction_id=number, error=self._failure)

    def close(self) -> None:
        """End the worker: by itself if it has no work, else at once, for the run has failed."""
        self._closing = True
        if not self._server:
            return
        if (
            self._has_started()
            and not self._ended.is_set()
            and not self.control_conn._futures_by_id
        ):
            self._server.await_end(self.worker_id)
            super().close()
            return
        # Nothing that Beam would wait for is sure to come.
        self._server.kill(self.worker_id)
        self._push(BeamFnControlServicer._DONE_MARKER)
        self.data_conn.close()
        self.stop_worker()

    def stop_worker(self) -> None:
        """Wait until the worker has ended, which it does when its connection closes."""
        self._ended.wait()


@contextlib.contextmanager
def without_lost_threads() -> Iterator[None]:
    """End the workers when a thread of this process cannot start, or has no more memory.

    It would have served them: they would wait for its answer, and the run for theirs.
    """

    def end_workers(error: BaseException | None) -> None:
        if _servers and (limit := exhausted(error)):
            _servers[-1].stop(limit)

    with lost_threads(end_workers):
        yield


def cause(error: Exception) -> Exception:
    """The death of a worker, if it caused this error of Beam's; else the error itself."""
    if str(error) == CLOSED:
        _death.wait(NOTICE_SECONDS)
    return RuntimeError(_deaths[0]) if _deaths else error


def forget_deaths() -> None:
    """Forget the deaths of workers of earlier runs."""
    _deaths.clear()
    _death.clear()
