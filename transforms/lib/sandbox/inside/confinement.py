"""What a process gives up before it runs foreign code, whatever the tier.

Against fork bombs, floods of memory, files and CPU: limits of the kernel, soft and hard alike, so
that there is nothing to catch or to ignore. Against set-user-id programs: no new privileges.
Against core dumps and a look at this process from outside: it is not dumpable. Against surviving
the server: death with it. Against ptrace, sockets, signals, keyrings, io_uring, memfd, execve and
all that nobody has thought of: a seccomp filter that lists what is allowed, loaded last.
"""

import os
import resource
import signal
from dataclasses import dataclass

from transforms.lib.sandbox.inside import kernel

PROGRAM, COMMAND = "program", "command"
MAX_DESCRIPTORS = {PROGRAM: 64, COMMAND: 1024}

SETTLED = (
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_MEMLOCK, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    (resource.RLIMIT_SIGPENDING, 256),
)


@dataclass(frozen=True)
class Setting:
    """What the server is told when it starts; nothing of it is secret."""

    kind: str  # PROGRAM or COMMAND
    uid: int  # of the process that runs foreign code, if the server is root
    filter: bytes  # seccomp instructions
    folder: str  # the one folder to write in
    directory: str = ""  # below it, where runs begin
    path: tuple[str, ...] = ()  # folders of libraries, after the standard one
    read: tuple[str, ...] = ()  # Landlock: what may be read
    keep: tuple[int, ...] = ()  # descriptors that stay open


def lower(which: int, most: int) -> None:
    """Set a limit, soft and hard, if the one that this process came with is not lower."""
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def settle() -> None:
    """What the server gives up at once, and its children never have."""
    kernel.prctl(kernel.SET_DUMPABLE, 0)
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    for which, most in SETTLED:
        lower(which, most)


def set_limits(limits: dict[str, int], kind: str, processes: int) -> None:
    """Limits of this process and its children; `processes` counts threads too, 0 is as before."""
    bounds = [
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS[kind]),
    ]
    if processes:
        bounds.append((resource.RLIMIT_NPROC, processes))
    for which, most in bounds:
        lower(which, most)


def enter_folder(setting: Setting) -> None:
    """Where runs begin; they find it empty."""
    os.chdir(setting.folder)
    if setting.directory:
        os.makedirs(setting.directory, exist_ok=True)
        os.chdir(setting.directory)


def become(uid: int) -> None:
    """Another user for good, where this one is root; others stay who they are."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def seal(made: kernel.Filter) -> None:
    """What every confinement ends with: death with the server, and the filter."""
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)  # after `become`, which would undo it
    kernel.load_filter(made)
