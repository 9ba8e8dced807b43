"""The system calls that foreign code may make, as seccomp filters that allow nothing else.

Not allowed, because not listed: ptrace and process_vm_writev, keyctl, bpf, perf, io_uring,
userfaultfd, mount, unshare, setns, memfd, System V and POSIX queues, handles of files, signals to
other processes, and, for a program, fork and execve. A call that is not listed fails with ENOSYS,
so that the C library falls back on an older one (from clone3 to clone, whose flags a filter sees).
Only a program's fork fails with EAGAIN instead, as `program_filter` explains, and `fallocate` with
EOPNOTSUPP, upon which the C library writes to each block: a disk that is shared with the host would
otherwise be full sooner than anybody looks.
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
EQUAL, MASKED = 4, 7  # comparisons of libseccomp: SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ
BINARY_TREE = 2  # the kernel loads such a filter in a third less time, in every process
NAMESPACE_FLAGS = 0x7E020000  # of clone: every CLONE_NEW…
THREAD_FLAG = 0x00010000  # of clone: CLONE_THREAD
# And CLONE_FILES: a thread with descriptors of its own could hold files that nobody counts.
THREAD_FLAGS = THREAD_FLAG | 0x00000400

FILE_CALLS = """
    access chdir close close_range creat dup dup2 dup3 faccessat faccessat2 fchdir fstat fstatfs
    ftruncate getcwd getdents getdents64 lseek lstat newfstatat pipe pipe2 pread64 preadv preadv2
    pwrite64 pwritev pwritev2 read readlink readlinkat readv rename renameat renameat2 rmdir stat
    statx unlink unlinkat write writev
"""
MEMORY_CALLS = "brk madvise mmap mprotect mremap msync munmap"
THREAD_CALLS = """
    arch_prctl exit exit_group futex futex_waitv get_robust_list gettid restart_syscall rseq
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam
    sched_getscheduler sched_yield set_robust_list set_tid_address
"""
SIGNAL_CALLS = """
    alarm getitimer pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend
    rt_sigtimedwait setitimer sigaltstack
"""
WAITING_CALLS = """
    clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait
    epoll_pwait2 epoll_wait eventfd eventfd2 getpeername getsockname getsockopt gettimeofday
    nanosleep poll ppoll pselect6 recvfrom select setsockopt shutdown time
"""
IDENTITY_CALLS = """
    getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getrandom
    getresgid getresuid getrlimit getrusage getsid getuid sysinfo times uname
"""
PROGRAM_CALLS = " ".join(
    (FILE_CALLS, MEMORY_CALLS, THREAD_CALLS, SIGNAL_CALLS, WAITING_CALLS, IDENTITY_CALLS)
)
# For commands besides: the tests of a project start processes, link files, and use timers.
COMMAND_CALLS = """
    copy_file_range execve fdatasync flistxattr flock fsync link linkat listxattr llistxattr
    membarrier mkdir mkdirat mlock munlock pidfd_open recvmmsg recvmsg sendfile sendmmsg sendmsg
    setpgid setsid signalfd signalfd4 splice statfs symlink symlinkat sync_file_range tee
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
    timerfd_gettime timerfd_settime umask vfork wait4 waitid
"""
# Only for commands whose user has nothing else on this host, as Landlock's rules do not cover them.
OWN_USER_CALLS = """
    chmod fchmod fchmodat fchmodat2 fgetxattr futimesat getxattr kill lgetxattr pidfd_send_signal
    setpriority tgkill tkill truncate utime utimensat utimes
"""
# Only in namespaces of one's own: elsewhere they reach sockets of the host, and watch its files.
OWN_NAMESPACES_CALLS = """
    accept accept4 bind connect inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
    listen sendto
"""

# The name of a call, and the conditions on its arguments, all of which must hold: (index of an
# argument, EQUAL, value) or (index, MASKED, mask, value of the masked bits).
SyscallRule = tuple[str, tuple[tuple[int, ...], ...]]
COMMON_RULES: tuple[SyscallRule, ...] = (
    # A file that is opened to be read may not be emptied: an old Landlock would allow it.
    *((name, ((at, MASKED, os.O_TRUNC, 0),)) for name, at in (("open", 1), ("openat", 2))),
    *(
        (name, ((at, MASKED, os.O_ACCMODE, mode),))
        for name, at in (("open", 1), ("openat", 2))
        for mode in (os.O_WRONLY, os.O_RDWR)
    ),
    ("clone", ((0, MASKED, THREAD_FLAGS | NAMESPACE_FLAGS, THREAD_FLAGS),)),
    ("prctl", ((0, EQUAL, 15),)),  # PR_SET_NAME
    ("prctl", ((0, EQUAL, 16),)),  # PR_GET_NAME
    ("prlimit64", ((0, EQUAL, 0),)),  # the limits of the process itself
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, locks, F_DUPFD_CLOEXEC. Not F_SETOWN and
    # F_SETSIG, by which a descriptor can be made to send any signal to any process of the user.
    *(("fcntl", ((1, EQUAL, request),)) for request in (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)),
    # Stream sockets only: a datagram could be sent from a pair to any socket of the host.
    ("socketpair", ((0, EQUAL, socket.AF_UNIX), (1, MASKED, 0xF, socket.SOCK_STREAM))),
    ("sendto", ((4, EQUAL, 0),)),  # without an address: only to the other end
    # Those that Python itself makes: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
    *(
        ("ioctl", ((1, EQUAL, request),))
        for request in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
    ),
)
FORK_RULES: tuple[SyscallRule, ...] = (
    ("clone", ((0, MASKED, THREAD_FLAG | NAMESPACE_FLAGS, 0),)),
    ("fork", ()),
)
FIFO_RULES: tuple[SyscallRule, ...] = (
    ("mknod", ((1, MASKED, 0o170000, stat.S_IFIFO),)),
    ("mknodat", ((2, MASKED, 0o170000, stat.S_IFIFO),)),
)
# A program may make no folder that its owner cannot look into: the server must count what is there.
FOLDER_RULES: tuple[SyscallRule, ...] = (
    ("mkdir", ((1, MASKED, 0o500, 0o500),)),
    ("mkdirat", ((2, MASKED, 0o500, 0o500),)),
    ("umask", ((0, MASKED, 0o500, 0),)),
)
NOT_SUPPORTED: tuple[SyscallRule, ...] = (("fallocate", ()),)
SOCKET_RULES: tuple[SyscallRule, ...] = tuple(
    ("socket", ((0, EQUAL, family),))
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
)


@functools.cache
def program_filter() -> bytes:
    """The filter of a process that runs a program: it may start threads, and no other process.

    A fork fails as it does where there are too many processes (EAGAIN), so that the verdict can
    name the limit.
    """
    forks: list[SyscallRule] = [
        ("clone", ((0, MASKED, THREAD_FLAG, 0),)),
        ("fork", ()),
        ("vfork", ()),
    ]
    allowed = [*_without_conditions(PROGRAM_CALLS), *COMMON_RULES, *FOLDER_RULES]
    return _instructions(allowed, forks)


@functools.cache
def command_filter(own_user: bool, own_namespaces: bool) -> bytes:
    """The filter of a command and its processes.

    `own_user` says that no other process or file of this host belongs to their user,
    `own_namespaces` that network and files of the host are out of their reach.
    """
    names = f"{PROGRAM_CALLS} {COMMAND_CALLS}"
    rules = [*COMMON_RULES, *FORK_RULES]
    if own_user:
        names += OWN_USER_CALLS
        rules += FIFO_RULES
    if own_namespaces:
        names += OWN_NAMESPACES_CALLS
        rules = [*(rule for rule in rules if rule[0] != "sendto"), *SOCKET_RULES]
    return _instructions([*_without_conditions(names), *rules], ())


def _without_conditions(names: str) -> list[SyscallRule]:
    return [(name, ()) for name in names.split()]


def _instructions(allowed: Iterable[SyscallRule], forks: Iterable[SyscallRule]) -> bytes:
    """The filter as the kernel loads it, for the architecture of this machine.

    `forks` fail with EAGAIN, NOT_SUPPORTED with EOPNOTSUPP, and all calls that are nowhere listed
    with ENOSYS.
    """
    library = libseccomp()
    seccomp_filter = library.SyscallFilter(library.ERRNO(errno.ENOSYS))
    seccomp_filter.set_attr(library.Attr.CTL_OPTIMIZE, BINARY_TREE)
    for action, rules in (
        (library.ALLOW, allowed),
        (library.ERRNO(errno.EAGAIN), forks),
        (library.ERRNO(errno.EOPNOTSUPP), NOT_SUPPORTED),
    ):
        for name, conditions in rules:
            number = library.resolve_syscall(library.Arch.NATIVE, name)
            if number >= 0:  # what this architecture or library does not know is not allowed
                arguments = [library.Arg(*condition) for condition in conditions]
                seccomp_filter.add_rule(action, number, *arguments)
    with tempfile.TemporaryFile() as file:
        seccomp_filter.export_bpf(file)
        file.seek(0)
        return file.read()


def libseccomp() -> ModuleType:
    """The library that makes filters.

    Raises PipelineError if it is not installed, or does not know the architecture of this machine.
    """
    if platform.machine() not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        raise PipelineError(f"no sandbox on {platform.machine()}: only {known} are known")
    try:
        return importlib.import_module("pyseccomp")
    except RuntimeError as error:
        raise PipelineError("no sandbox: apt-get install libseccomp2") from error
