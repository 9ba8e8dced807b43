"""The process from which workers are forked: it has imported Beam and loaded the kernels.

A worker that started by itself would need a second or two for that, and the memory for both; a fork
has them at once. The server takes requests from its launcher alone, over an inherited socket. It
ends when the launcher ends, even by kill -9, and its workers end when it does.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from pipelines.running import quick_imports

HEADER = struct.Struct("!I")  # length of a request, which is JSON
HARNESS = "apache_beam.runners.worker.sdk_worker_main"
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
    _run_and_exit(_serve, channel)


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


def _serve(channel: socket.socket) -> None:
    quick_imports.import_beam()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the launcher answers Ctrl-C
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive = os.pipe()  # nothing is written: workers see its end when this process ends
    workers: dict[int, str] = {}
    while True:
        ready, _, _ = select.select([channel.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        if channel.fileno() in ready:
            if (request := receive(channel)) is None:
                break
            if module := request.get("module"):
                _load(module)
            if "name" in request:
                pid = _fork(request, alive, [channel.fileno(), woken, wake])
                workers[pid] = request["name"]
            _kill([pid for pid, name in workers.items() if name == request.get("kill")])
            os.close(request["stderr"])
        _report_ends(channel, workers)
    _kill(list(workers))
    for pid in workers:
        os.waitpid(pid, 0)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def receive(channel: socket.socket) -> dict | None:
    """The next request, with the descriptor for its worker's standard error; None at the end."""
    header, descriptors, _, _ = socket.recv_fds(channel, HEADER.size, 1)
    if not header:
        return None
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
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    for descriptor in (alive[1], *server_only):
        os.close(descriptor)
    os.dup2(request["stderr"], 2)
    threading.Thread(target=_end_with_server, args=(alive[0],), daemon=True).start()
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["folder"])
    sys.modules[HARNESS].main([])


def _load(name: str) -> None:
    """Import a module that workers need, and load its kernels."""
    if name not in _loaded:
        quick_imports.load_kernels(quick_imports.import_stage(name))
        _loaded.add(name)


def _end_with_server(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _report_ends(channel: socket.socket, workers: dict[int, str]) -> None:
    while workers:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        end = {"name": workers.pop(pid), "status": os.waitstatus_to_exitcode(status)}
        channel.sendall(json.dumps(end).encode() + b"\n")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
