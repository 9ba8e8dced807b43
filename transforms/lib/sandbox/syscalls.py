"""The system calls that foreign code may make: a list of what is allowed; no other exists for it.

By being absent the list answers ptrace and process_vm_writev, keyctl, bpf, perf, io_uring,
userfaultfd, mount, unshare, setns, memfd, System V and POSIX queues, handles of files, signals to
other processes, and, for a program, fork and execve. What is absent answers ENOSYS, so that the C
library falls back on what is known (clone3 on clone, whose flags can be seen here).
"""

import errno
import functools
import importlib
import os
import platform
import socket
import stat
import tempfile
from collections.abc import Iterable
from types import ModuleType

from transforms.lib.errors import PipelineError

ARCHITECTURES = ("x86_64", "aarch64")
EQUAL, MASKED = 4, 7  # comparisons of libseccomp
BINARY_TREE = 2  # takes the kernel a third less time to load, in every process
NAMESPACES = 0x7E020000  # of clone's flags
THREAD = 0x00010000

FILES = """
    access chdir close close_range creat dup dup2 dup3 faccessat faccessat2 fallocate fchdir fstat
    ftruncate getcwd getdents getdents64 lseek lstat mkdir mkdirat newfstatat pipe pipe2 pread64
    preadv preadv2 pwrite64 pwritev pwritev2 read readlink readlinkat readv rename renameat
    renameat2 rmdir stat statx umask unlink unlinkat write writev
"""
MEMORY = "brk madvise mmap mprotect mremap msync munmap"
THREADS = """
    arch_prctl exit exit_group futex futex_waitv get_robust_list gettid restart_syscall rseq
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam
    sched_getscheduler sched_yield set_robust_list set_tid_address
"""
SIGNALS = """
    alarm getitimer pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend
    rt_sigtimedwait setitimer sigaltstack
"""
WAITING = """
    clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait
    epoll_pwait2 epoll_wait eventfd eventfd2 getpeername getsockname getsockopt gettimeofday
    nanosleep poll ppoll pselect6 recvfrom select setsockopt shutdown time
"""
ABOUT_ITSELF = """
    getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getrandom
    getresgid getresuid getrlimit getrusage getsid getuid sysinfo times uname
"""
PROGRAM = f"{FILES} {MEMORY} {THREADS} {SIGNALS} {WAITING} {ABOUT_ITSELF}"
# A project's tests start processes, and have a network of their own where there is one.
COMMAND = """
    copy_file_range execve fdatasync flistxattr flock fstatfs fsync link linkat listxattr
    llistxattr membarrier mlock munlock pidfd_open recvmmsg recvmsg sendfile sendmmsg sendmsg
    setpgid setsid signalfd signalfd4 splice statfs symlink symlinkat sync_file_range tee
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
    timerfd_gettime timerfd_settime vfork wait4 waitid
"""
# What only a process whose user is its own may do: Landlock's rules do not see these.
OWN_USER = """
    chmod fchmod fchmodat fchmodat2 fgetxattr futimesat getxattr kill lgetxattr pidfd_send_signal
    setpriority tgkill tkill truncate utime utimensat utimes
"""
# What needs namespaces of its own: sockets, abstract ones included, and a look at others' files.
OWN_NAMESPACES = """
    accept accept4 bind connect inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
    listen sendto
"""

# Rules with conditions on arguments: (index, comparison, value) or (index, MASKED, mask, value).
Rule = tuple[str, tuple[tuple[int, ...], ...]]
FORK_FLAGS = THREAD | NAMESPACES
BOTH: tuple[Rule, ...] = (
    # Opened to read only, a file may not be emptied: old Landlock would not see it.
    *((name, ((at, MASKED, os.O_TRUNC, 0),)) for name, at in (("open", 1), ("openat", 2))),
    *(
        (name, ((at, MASKED, os.O_ACCMODE, mode),))
        for name, at in (("open", 1), ("openat", 2))
        for mode in (os.O_WRONLY, os.O_RDWR)
    ),
    ("clone", ((0, MASKED, FORK_FLAGS, THREAD),)),
    ("prctl", ((0, EQUAL, 15),)),  # PR_SET_NAME
    ("prctl", ((0, EQUAL, 16),)),  # PR_GET_NAME
    ("prlimit64", ((0, EQUAL, 0),)),  # of itself
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, locks, F_DUPFD_CLOEXEC; not F_SETOWN and
    # F_SETSIG, by which a descriptor sends any signal to any process of the user.
    *(("fcntl", ((1, EQUAL, request),)) for request in (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)),
    # A datagram could be sent from a pair to any socket of the host.
    ("socketpair", ((0, EQUAL, socket.AF_UNIX), (1, MASKED, 0xF, socket.SOCK_STREAM))),
    ("sendto", ((4, EQUAL, 0),)),  # to nobody but the other end
    # What Python asks: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
    *(
        ("ioctl", ((1, EQUAL, request),))
        for request in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
    ),
)
FORKS: tuple[Rule, ...] = (("clone", ((0, MASKED, FORK_FLAGS, 0),)), ("fork", ()))
FIFOS: tuple[Rule, ...] = (
    ("mknod", ((1, MASKED, 0o170000, stat.S_IFIFO),)),
    ("mknodat", ((2, MASKED, 0o170000, stat.S_IFIFO),)),
)
SOCKETS: tuple[Rule, ...] = tuple(
    ("socket", ((0, EQUAL, family),))
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
)


@functools.cache
def program_filter() -> bytes:
    """Instructions for a process that runs a program: threads, and no other process.

    To fork fails as it does where there are too many processes, so that a verdict can name it.
    """
    refused = [("clone", ((0, MASKED, THREAD, 0),)), ("fork", ()), ("vfork", ())]
    return _instructions([*_plain(PROGRAM), *BOTH], refused)


@functools.cache
def command_filter(own_user: bool, own_namespaces: bool) -> bytes:
    """Instructions for a command and its processes, by what of the host is kept from them."""
    names = f"{PROGRAM} {COMMAND}"
    rules = [*BOTH, *FORKS]
    if own_user:
        names += OWN_USER
        rules += FIFOS
    if own_namespaces:
        names += OWN_NAMESPACES
        rules = [*(rule for rule in rules if rule[0] != "sendto"), *SOCKETS]
    return _instructions([*_plain(names), *rules], [])


def _plain(names: str) -> list[Rule]:
    return [(name, ()) for name in names.split()]


def _instructions(allowed: Iterable[Rule], refused: Iterable[Rule]) -> bytes:
    """The filter as the kernel takes it, for the architecture of this machine."""
    library = libseccomp()
    made = library.SyscallFilter(library.ERRNO(errno.ENOSYS))
    made.set_attr(library.Attr.CTL_OPTIMIZE, BINARY_TREE)
    for action, rules in ((library.ALLOW, allowed), (library.ERRNO(errno.EAGAIN), refused)):
        for name, conditions in rules:
            number = library.resolve_syscall(library.Arch.NATIVE, name)
            if number >= 0:  # what this architecture or library does not know is not allowed
                arguments = [library.Arg(*condition) for condition in conditions]
                made.add_rule(action, number, *arguments)
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def libseccomp() -> ModuleType:
    """The library that makes filters; PipelineError if it or the architecture is not there."""
    if platform.machine() not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        raise PipelineError(f"no sandbox on {platform.machine()}: only {known} are known")
    try:
        return importlib.import_module("pyseccomp")
    except RuntimeError as error:
        raise PipelineError("no sandbox: apt-get install libseccomp2") from error
