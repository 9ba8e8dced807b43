"""The fork server: starts the processes of one run after another, each from the same clean state.

It never reads an order or a result: the descriptors of both come with a run and are closed with
it. A process starts as a copy of the server's memory, so it cannot find there an earlier program,
what was expected of it, or what a right one returned.
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
from transforms.lib.sandbox.inside.landlock_rules import LandlockRules
from transforms.lib.sandbox.inside.namespaces import Namespaces
from transforms.lib.sandbox.inside.process import perform
from transforms.lib.sandbox.inside.program import ROLE_DESCRIPTORS

MAX_ORDER_BYTES, MAX_DESCRIPTORS = 1 << 12, 16  # of one message
ServerConfinement = Namespaces | LandlockRules
CONFINEMENTS: dict[str, type[ServerConfinement]] = {
    "namespaces": Namespaces,
    "landlock": LandlockRules,
}
# Of a process's clocks (linux/posix-timers.h): CPUCLOCK_PROF, by which the kernel applies its
# limit, and CPUCLOCK_SCHED, the exact one. On a busy machine they differ by a fifth and more.
LIMIT_CLOCK, SCHEDULER_CLOCK = 0, 2
MOMENT_MILLISECONDS = 500
PAUSES_PER_LOOK = 3  # a pause is at least so many times as long as the look before it
REHEARSALS = 20  # more than CPython needs to specialise the bytecode of a function
# Modules that contest programs import, loaded once for all processes. Not `threading`, nor what
# imports it: each process would begin by repairing its locks after the fork.
PRELOADED_MODULES = (
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
    """Serve runs until quire closes the socket, whose descriptor is `channel`.

    `fields` are those of Setting.
    """
    for name in PRELOADED_MODULES:
        importlib.import_module(name)
    control, setting = socket.socket(fileno=channel), Setting(**fields)
    sys.path.extend(setting.path)
    server_confinement = CONFINEMENTS[confinement](setting)
    try:
        server_confinement.enter()
        rehearse()
        gc.collect()
        gc.freeze()  # or each process would touch, and so copy, objects that it does not need
        control.send(encode("ready"))
        serve(control, server_confinement)
    except BrokenPipeError:  # quire has ended meanwhile
        pass
    finally:
        server_confinement.leave()


def serve(control: socket.socket, confinement: ServerConfinement) -> None:
    """Run one order after another, until the socket is closed."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, MAX_ORDER_BYTES, MAX_DESCRIPTORS)
        if not order:
            return
        control.send(encode(run(decode(order), descriptors, control, confinement)))


def rehearse() -> None:
    """Perform roles on trusted input, so that processes start with warm interpreter caches."""
    source = "from typing import List\ndef f(x: List[int]) -> object:\n    return [x, {'a': 1.5}]\n"
    text = "def check(candidate):\n    for n in range(8):\n        assert candidate([n])\n"
    marked = text.replace("assert", "with __test__(0): assert")
    calls = [([1, 2],)] * 8
    rehearsals: list[tuple[Callable[[], None], list[Any], list[Any]]] = [
        (program.calls, [(source, "f", False), *calls], []),
        (peer.check, [(text, "", "f", False)], [("returned", [1, {"a": 1.5}], {})] * 8),
        (peer.check, [(marked, "", "f", False), ""], [("returned", [1, {"a": 1.5}], {})] * 8),
        (peer.candidate, [(source, "f", False, ())], [("call", 0, each, {}) for each in calls]),
    ]
    for role, order, input_ in rehearsals * REHEARSALS:
        messages: tuple[list[Any], ...] = order, [], input_, []
        for target, values in zip(ROLE_DESCRIPTORS, messages, strict=True):
            descriptor = os.memfd_create("rehearsal")
            os.pwrite(descriptor, b"".join(frame(encode(value)) for value in values), 0)
            os.dup2(descriptor, target)
            os.close(descriptor)
        role()
    for name in ("program", "check"):
        del sys.modules[name]
    gc.disable()


def run(
    order: dict[str, Any],
    descriptors: list[int],
    control: socket.socket,
    confinement: ServerConfinement,
) -> dict[str, Any]:
    """Start the processes of one run, wait for the first to end, and end all of them.

    Returns the fields of RunReport.
    """
    begin, limits, pids = time.monotonic(), order["limits"], []
    for number, role in enumerate(order["roles"]):
        own = descriptors[number * len(ROLE_DESCRIPTORS) :][: len(ROLE_DESCRIPTORS)]
        pid = kernel.clone(confinement.clone_flags)
        pids.append(pid or perform(role, own, limits, confinement))
    for descriptor in descriptors:
        os.close(descriptor)
    deadline = begin + limits["wall"]
    hit = wait(pids, control, deadline, limits, confinement)
    for pid in () if hit else pids[1:]:
        let_end(pid, limits["cpu"])
    ends, counted = [], []
    for pid in pids:
        code, cpu, by_limit_clock = end(pid)
        ends.append((code, cpu))
        counted.append(code == -signal.SIGKILL and by_limit_clock >= limits["cpu"])
    hit = hit or ("cpu" if any(counted) else "")
    ended = time.monotonic()
    clean = confinement.clean(deadline - ended)
    now = time.monotonic()
    if ended < deadline < now:  # what it left took the rest of its time to remove
        hit = hit or "wall"
    return {"hit": hit, "seconds": now - begin, "ends": ends, "clean": clean}


def wait(
    pids: list[int],
    control: socket.socket,
    deadline: float,
    limits: dict[str, int],
    confinement: ServerConfinement,
) -> str:
    """Wait for the first process to end; returns the limit that was hit, or an empty text."""
    ended = os.pidfd_open(pids[0])
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)  # readable once quire has closed it
    pause = confinement.watch_seconds
    try:
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(1000 * min(left, pause or left)):
                return ""
            begin = time.monotonic()
            if hit := confinement.exceeded(limits, pids):
                return hit
            if pause:  # a look may take long, and the server shall not do little else
                pause = max(
                    confinement.watch_seconds or 0, PAUSES_PER_LOOK * (time.monotonic() - begin)
                )
        return "wall"
    finally:
        os.close(ended)


def let_end(pid: int, cpu: float) -> None:
    """Give a process that has used much of its CPU time a moment to end by itself.

    It may just be ended by the kernel, and its exit code must tell that from the server's own kill.
    """
    if seconds_of(pid, SCHEDULER_CLOCK) > cpu / 2:
        ended = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.poll(MOMENT_MILLISECONDS)
        os.close(ended)


def end(pid: int) -> tuple[int, float, float]:
    """Kill a process unless it has ended; its exit code (minus a signal) and CPU seconds.

    The last are the CPU seconds by the clock of the kernel's limit.
    """
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and still has its clocks
    by_limit_clock = seconds_of(pid, LIMIT_CLOCK)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, by_limit_clock


def seconds_of(pid: int, clock: int) -> float:
    """The CPU seconds of a process by one of its clocks."""
    return time.clock_gettime((~pid << 3) | clock)
