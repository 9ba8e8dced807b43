"""The process from which workers are forked: it has imported Beam and loaded the kernels.

A worker that started by itself would need a second or two for that, and the memory for both; a fork
has them at once. The server takes requests from its launcher alone, over an inherited socket. It
ends when the launcher ends, even by kill -9, and its workers end when it does.
"""

import contextlib
import ctypes
import errno
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from pipelines.running import interruption, quick_imports
from pipelines.running.exhaustion import exhausted, lost_threads
from pipelines.running.process_costs import KILOBYTE

HEADER = struct.Struct("!I")  # length of a request, which is JSON
HARNESS = "apache_beam.runners.worker.sdk_worker_main"
CHANNELS = "apache_beam.runners.worker.channel_factory"
# Of <linux/prctl.h>: the signal at the end of the parent, and who gets processes that lose theirs.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
EXHAUSTED = 75  # the exit code of a worker without memory or threads: sysexits' EX_TEMPFAIL
# Nobody is far away: a peer that ended has closed its socket, and one that does not answer is
# suspended or busy. So nothing runs out of time, and no proxy stands between.
DAY = 86_400_000  # milliseconds
PATIENT = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", 2**31 - 1),
    ("grpc.http2.ping_timeout_ms", 2**31 - 1),
    ("grpc.http2.settings_timeout", 2**31 - 1),
    ("grpc.server_handshake_timeout_ms", DAY),
    ("grpc.min_reconnect_backoff_ms", DAY),  # in truth: how long an attempt to connect may take
)
_loaded: set[str] = set()


def command(channel: int) -> list[str]:
    """The command that starts a server whose socket is the descriptor `channel`.

    With -P, because the user's folder may have a `transforms` of its own.
    """
    return [sys.executable, "-P", "-m", __name__, str(channel)]


def serve(channel: socket.socket) -> NoReturn:
    """Answer requests and report the ends of workers, until the launcher is gone.

    A request names a module to import, and perhaps a worker to fork after that; or a worker to end.
    """
    _run_and_exit(_serve_or_say_why_not, channel)


def _run_and_exit(function: Callable[..., None], *arguments: Any) -> NoReturn:
    """Call a function, then end this process.

    After a fork the callers on the stack are code of the parent, which must not go on here.
    """
    code = 1
    try:
        function(*arguments)
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)  # skips what the interpreter does at exit, which takes long


def _serve_or_say_why_not(channel: socket.socket) -> None:
    interruption.ignore()  # the launcher answers them
    try:
        _serve(channel)
    except Exception as error:
        _say(channel, error=f"{type(error).__name__}: {error}".splitlines()[0])
        raise


def _serve(channel: socket.socket) -> None:
    quick_imports.import_beam()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    if sys.platform == "linux":  # else nobody would know what they have cost
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    alive = os.pipe()  # nothing is written: workers see its end when this process ends
    workers: dict[int, str] = {}
    leaves: set[str] = set()  # folders of a launcher that was killed
    while True:
        ready, _, _ = select.select([channel.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        if channel.fileno() in ready:
            if (request := receive(channel)) is None:
                break
            os.dup2(request["stderr"], 2)
            if module := request.get("module"):
                _load(module)
            if "name" in request:
                pid = _fork(request, alive, [channel.fileno(), woken, wake])
                workers[pid] = request["name"]
                _say(channel, name=request["name"])
                leaves.add(request["leaves"])
            _kill([pid for pid, name in workers.items() if name == request.get("kill")])
            os.close(request["stderr"])
        _report_ends(channel, workers)
    _kill(list(workers))
    for pid in workers:
        os.waitpid(pid, 0)
    for folder in filter(None, leaves):
        shutil.rmtree(folder, ignore_errors=True)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def receive(channel: socket.socket) -> dict | None:
    """The next request, with the descriptor for its worker's standard error; None at the end."""
    header, descriptors, _, _ = socket.recv_fds(channel, HEADER.size, 1)
    if not header:
        return None
    if not descriptors:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    left, parts = HEADER.unpack(header)[0], []
    while left:
        parts.append(channel.recv(left))
        left -= len(parts[-1])
    return {**json.loads(b"".join(parts)), "stderr": descriptors[0]}


def send(channel: socket.socket, request: dict, stderr: int) -> None:
    """Send a request, with a descriptor for the worker's standard error, to `receive`."""
    content = json.dumps(request).encode()
    socket.send_fds(channel, [HEADER.pack(len(content))], [stderr])
    channel.sendall(content)


def _fork(request: dict, alive: tuple[int, int], server_only: list[int]) -> int:
    if pid := os.fork():
        return pid
    _run_and_exit(_work, request, alive, server_only)


def _work(request: dict, alive: tuple[int, int], server_only: list[int]) -> None:
    """Run Beam's worker until the runner ends it."""
    if sys.platform == "linux":  # where at once: a thread, see below, must wait for kernels to end
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (alive[1], *server_only):
        os.close(descriptor)
    with lost_threads(_end_if_exhausted):
        _work_for(request, alive[0])


def _work_for(request: dict, alive: int) -> None:
    threading.Thread(target=_end_with_server, args=(alive,), daemon=True).start()
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["folder"])
    _never_out_of_time()
    sys.modules[HARNESS].main([])


def _never_out_of_time() -> None:
    """Have Beam's worker wait for its runner, which may be suspended; see `PATIENT`."""
    sys.modules[CHANNELS].GRPCChannelFactory.DEFAULT_OPTIONS = list(PATIENT)
    grpc: Any = sys.modules["grpc"]
    ready = grpc.channel_ready_future
    grpc.channel_ready_future = lambda channel: _Untimed(ready(channel))


class _Untimed:
    """A future whose `result` is awaited without a limit: the launcher has one of its own."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self, timeout: float) -> Any:  # noqa: ARG002
        """The result, however long it takes."""
        return self._future.result()


def _end_if_exhausted(error: BaseException | None) -> None:
    """End the worker that has lost a thread for want of something: others would wait for it."""
    if exhausted(error):
        traceback.print_exception(error)
        os._exit(EXHAUSTED)


def _load(name: str) -> None:
    """Import a module that workers need, and load its kernels."""
    if name not in _loaded:
        quick_imports.load_kernels(quick_imports.import_stage(name))
        _loaded.add(name)


def _end_with_server(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _report_ends(channel: socket.socket, workers: dict[int, str]) -> None:
    """Wait for all that has ended: workers, and processes that a worker has left behind."""
    with contextlib.suppress(ChildProcessError):  # none is left
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            if name := workers.pop(pid, None):
                code, memory = os.waitstatus_to_exitcode(status), usage.ru_maxrss * KILOBYTE
                _say(channel, name=name, status=code, memory=memory)


def _say(channel: socket.socket, **message: Any) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
