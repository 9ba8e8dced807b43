"""What every process gives up before it runs foreign code, under any tier.

- Against fork bombs and excess of memory, files and CPU: limits of the kernel, soft and hard the
  same, so that no signal of a soft limit can be caught or ignored.
- Against set-user-id programs: no new privileges.
- Against core dumps: a limit. Against being read from outside: the process is not dumpable (but
  under Landlock, where its own user, and no other sandbox, may see it).
- Against surviving the server: the kernel kills the process when the server dies.
- Against ptrace, sockets, signals, keyrings, io_uring, memfd, execve (which only commands may call)
  and whatever nobody has thought of: a seccomp filter that lists what is allowed, loaded last.
"""

import math
import os
import resource
import signal
from dataclasses import dataclass

from transforms.lib.sandbox.inside import kernel

PROGRAM_KIND, COMMAND_KIND = "program", "command"  # what a sandbox is started for
MAX_OPEN_FILES = {PROGRAM_KIND: 64, COMMAND_KIND: 1024}
DEVICE_FILES = ("/dev/null", "/dev/zero", "/dev/urandom")  # the devices that programs may use
FILE_BLOCK = 4096  # bytes: what the smallest file counts for, in every tier
FIXED_LIMITS = (
    (resource.RLIMIT_CORE, 1),  # which keeps a core from the programs of the host as well: core(5)
    (resource.RLIMIT_MEMLOCK, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    (resource.RLIMIT_SIGPENDING, 256),
)


@dataclass(frozen=True)
class Setting:
    """The setting that the server is started with; nothing in it is secret."""

    kind: str  # PROGRAM_KIND or COMMAND_KIND
    uid: int  # of the processes that run foreign code, if the server is root
    filter: bytes  # seccomp instructions
    folder: str  # the only folder that may be written in
    directory: str = ""  # below it, where runs begin
    path: tuple[str, ...] = ()  # what programs import from, after the standard library
    readable: tuple[str, ...] = ()  # paths that may be read; only Landlock needs them
    keep: tuple[int, ...] = ()  # descriptors that stay open


def lower(limit: int, maximum: int) -> None:
    """Set a limit (RLIMIT_…), soft and hard, to the maximum or to its present value if lower."""
    _, hard = resource.getrlimit(limit)
    maximum = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
    resource.setrlimit(limit, (maximum, maximum))


def give_up_privileges() -> None:
    """Give up what neither the server nor any of its children needs."""
    kernel.prctl(kernel.SET_DUMPABLE, 0)
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    for limit, maximum in FIXED_LIMITS:
        lower(limit, maximum)


def set_limits(limits: dict[str, int], kind: str, processes: int) -> None:
    """Limit this process and its children; `processes` counts threads too, and 0 sets no limit."""
    bounds = [
        (resource.RLIMIT_CPU, math.ceil(limits["cpu"])),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES[kind]),
    ]
    if processes:
        bounds.append((resource.RLIMIT_NPROC, processes))
    for limit, maximum in bounds:
        lower(limit, maximum)


def enter_folder(setting: Setting) -> None:
    """Go to the folder where runs begin, which is empty."""
    os.chdir(setting.folder)
    if setting.directory:
        os.makedirs(setting.directory, exist_ok=True)
        os.chdir(setting.directory)


def become(uid: int) -> None:
    """Become another user irrevocably, if this one is root; an ordinary user stays who it is."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def seal(seccomp_filter: kernel.Filter) -> None:
    """The last step of every confinement: death with the server, and the filter."""
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)  # after `become`, which would undo it
    kernel.load_filter(seccomp_filter)
