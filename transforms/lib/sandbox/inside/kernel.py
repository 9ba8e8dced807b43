"""System calls that Python has no functions for: namespaces, capabilities, Landlock, seccomp.

Each raises OSError if the kernel refuses. Numbers are those of the kernel's own headers.
"""

import contextlib
import ctypes
import os
import platform
import signal
from collections.abc import Iterator
from ctypes import c_char_p, c_int, c_uint32, c_uint64, c_ulong

# PyDLL keeps the interpreter's lock, so that a clone is as safe as a fork. Functions are looked up
# once, here: looking them up anew would cost each new process time.
LIBC = ctypes.PyDLL(None, use_errno=True)
PRCTL, MOUNT, UNSHARE, CAPSET = LIBC.prctl, LIBC.mount, LIBC.unshare, LIBC.capset
SYSCALL = LIBC.syscall
BEFORE_FORK = ctypes.pythonapi.PyOS_BeforeFork
IN_CHILD, IN_PARENT = ctypes.pythonapi.PyOS_AfterFork_Child, ctypes.pythonapi.PyOS_AfterFork_Parent
CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # of Landlock, on every architecture

NEW_MOUNTS, NEW_USER, NEW_PIDS = 0x00020000, 0x10000000, 0x20000000
READ_ONLY, NO_SUID, NO_DEVICES = 1, 2, 4
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, SET_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
SECCOMP_FILTER = 2
CAPABILITY_VERSION = 0x20080522


class Filter(ctypes.Structure):
    """A seccomp filter (struct sock_fprog): how many instructions it has, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", c_char_p))

    @classmethod
    def of(cls, instructions: bytes) -> "Filter":
        """The filter with these instructions, of eight bytes each."""
        return cls(len(instructions) // 8, instructions)


NO_CAPABILITIES = (c_uint32 * 2)(CAPABILITY_VERSION, 0), (c_uint32 * 6)()  # header, three sets


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, *values: int) -> None:
    """Call prctl(2) with numbers as arguments."""
    _checked(PRCTL(option, *(c_ulong(v) for v in (*values, 0, 0, 0, 0)[:4])))


def clone(flags: int) -> int:
    """Fork into new namespaces; returns 0 in the child. Only for a process with one thread."""
    BEFORE_FORK()
    pid: int = SYSCALL(CLONE, c_ulong(flags | signal.SIGCHLD), None, None, None, None)
    if pid == 0:
        IN_CHILD()
        return 0
    IN_PARENT()
    return _checked(pid)


def unshare(flags: int) -> None:
    """Put this process into new namespaces, by unshare(2)."""
    _checked(UNSHARE(c_int(flags)))


def mount_tmpfs(folder: str, options: str, flags: int = 0) -> None:
    """Mount an empty file system in memory over a folder."""
    flags |= NO_SUID | NO_DEVICES
    arguments = (b"tmpfs", folder.encode(), b"tmpfs", c_ulong(flags), options.encode())
    _checked(MOUNT(*arguments))


def drop_capabilities() -> None:
    """Give up every capability, also those that children would inherit."""
    _checked(CAPSET(*NO_CAPABILITIES))


def load_filter(seccomp_filter: Filter) -> None:
    """Load a seccomp filter for this process and its children; it cannot be removed."""
    _checked(PRCTL(SET_SECCOMP, c_ulong(SECCOMP_FILTER), ctypes.byref(seccomp_filter), 0, 0))


@contextlib.contextmanager
def file_access_of(uid: int) -> Iterator[None]:
    """Within `with`, root sees the files of /proc as another user does, whose group is the same.

    It may lack the capability to see them as root. An ordinary user stays who it is.
    """
    own = os.getuid() == 0
    if own:
        LIBC.setfsgid(uid), LIBC.setfsuid(uid)
    try:
        yield
    finally:
        if own:
            LIBC.setfsuid(0), LIBC.setfsgid(0)


def landlock_abi() -> int:
    """The version of Landlock's interface; raises OSError if the kernel has none."""
    return _checked(SYSCALL(CREATE_RULESET, None, c_ulong(0), c_uint32(1)))


def landlock_ruleset(files: int, network: int, scopes: int) -> int:
    """A descriptor of a ruleset that forbids these rights, but for what is allowed later."""
    sizes = {0: 8, 1: 16, 2: 24}[2 if scopes else 1 if network else 0]
    attributes = (c_uint64 * 3)(files, network, scopes)
    return _checked(SYSCALL(CREATE_RULESET, attributes, c_ulong(sizes), c_uint32(0)))


def landlock_allow(ruleset: int, path: str, rights: int) -> None:
    """Allow `rights` on a file or below a folder."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = rights.to_bytes(8, "little") + descriptor.to_bytes(4, "little")  # packed
    _checked(SYSCALL(ADD_RULE, c_int(ruleset), c_int(1), rule, c_uint32(0)))
    os.close(descriptor)


def landlock_restrict(ruleset: int) -> None:
    """Hold this process and its children to a ruleset; they cannot leave it."""
    _checked(SYSCALL(RESTRICT_SELF, c_int(ruleset), c_uint32(0)))
