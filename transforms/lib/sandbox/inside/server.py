"""The fork server: starts the processes of one run after another, each from the same clean state.

It never reads an order or a result: descriptors of both come with a run and go with it. So no
process can find in its memory, a copy of the server's, what an earlier program was, what was
expected of it or what a right one returned.
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from transforms.lib.sandbox.codec import decode, encode, frame
from transforms.lib.sandbox.inside import kernel, peer, program
from transforms.lib.sandbox.inside.confinement import Setting
from transforms.lib.sandbox.inside.landlock import Landlock
from transforms.lib.sandbox.inside.namespaces import Namespaces
from transforms.lib.sandbox.inside.process import PLACES, perform

MAX_ORDER, MAX_DESCRIPTORS = 1 << 12, 16
Confinement = Namespaces | Landlock
CONFINEMENTS: dict[str, type[Confinement]] = {"namespaces": Namespaces, "landlock": Landlock}
REHEARSALS = 20  # more than the interpreter needs to specialise a function
# What programs of contests import: loaded once, and not by each of them. Not `threading`, nor what
# needs it: each process would begin with its repairs after a fork.
PRELOADED = (
    "array",
    "bisect",
    "cmath",
    "collections",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "io",
    "itertools",
    "json",
    "math",
    "numbers",
    "operator",
    "random",
    "re",
    "statistics",
    "string",
    "textwrap",
    "typing",
)


def main(channel: int, confinement: str, fields: dict[str, Any]) -> None:
    """Answer orders until the other side is gone; `fields` are those of Setting."""
    for name in PRELOADED:
        importlib.import_module(name)
    control, setting = socket.socket(fileno=channel), Setting(**fields)
    sys.path.extend(setting.path)
    held = CONFINEMENTS[confinement](setting)
    try:
        held.enter()
        rehearse()
        gc.collect()
        gc.freeze()  # no process touches, and so copies, what it does not need
        control.send(encode("ready"))
        serve(control, held)
    except BrokenPipeError:  # nobody is there any more to be told
        pass
    finally:
        held.leave()


def serve(control: socket.socket, held: Confinement) -> None:
    """One run after another."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, MAX_ORDER, MAX_DESCRIPTORS)
        if not order:
            return
        control.send(encode(run(decode(order), descriptors, control, held)))


def rehearse() -> None:
    """Play each role with words of our own, so that processes begin with their caches filled."""
    source = "from typing import List\ndef f(x: List[int]) -> object:\n    return [x, {'a': 1.5}]\n"
    text = "def check(candidate):\n    for n in range(8):\n        assert candidate([n])\n"
    calls = [([1, 2],)] * 8
    plays: list[tuple[Callable[[], None], list[Any], list[Any]]] = [
        (program.calls, [(source, "f", False), *calls], []),
        (peer.check, [(text, "", "f", False)], [("returned", [1, {"a": 1.5}], {})] * 8),
        (peer.candidate, [(source, "f", False)], [("call", 0, each, {}) for each in calls]),
    ]
    for play, order, given in plays * REHEARSALS:
        for where, words in zip(PLACES, (order, [], given, []), strict=True):
            made = os.memfd_create("rehearsal")
            os.pwrite(made, b"".join(frame(encode(each)) for each in words), 0)
            os.dup2(made, where)
            os.close(made)
        play()
    for name in ("program", "check"):
        del sys.modules[name]
    gc.disable()


def run(
    order: dict[str, Any], descriptors: list[int], control: socket.socket, held: Confinement
) -> dict[str, Any]:
    """Start the processes of one run, wait for the first, and leave nothing of any."""
    begin, limits, pids = time.monotonic(), order["limits"], []
    for number, role in enumerate(order["roles"]):
        own = descriptors[number * len(PLACES) :][: len(PLACES)]
        pid = kernel.clone(held.clone_flags)
        pids.append(pid or perform(role, own, limits, held))
    for descriptor in descriptors:
        os.close(descriptor)
    hit = wait(pids[0], control, begin + limits["wall"], limits, held)
    ends = [end(pid) for pid in pids]
    held.clean()
    return {"hit": hit, "seconds": time.monotonic() - begin, "ends": ends}


def wait(
    pid: int, control: socket.socket, deadline: float, limits: dict[str, int], held: Confinement
) -> str:
    """Wait for a process to end; the limit that ended the wait, or nothing."""
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)  # its end: nobody waits for us any more
    try:
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(1000 * min(left, held.watch_seconds or left)):
                return ""
            if held.exceeds(limits):
                return "disk"
        return "wall"
    finally:
        os.close(ended)


def end(pid: int) -> tuple[int, float]:
    """Kill a process if it has not ended; its exit code (minus a signal) and CPU seconds."""
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
