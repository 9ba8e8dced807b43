"""Confinement where namespaces are refused: Landlock's rules on the host's own files.

Against reading and writing the host's files: rules that allow the interpreter and one folder.
Against survivors: no program may fork, and the descendants of a command come to the server, their
subreaper, to be stopped first and killed then. Against files that outlive a run: the folder is
emptied after each. Against the network, and signals to others of the same user: the seccomp
filter, and Landlock's own rules where the kernel is new enough.

What this tier leaves open: `stat` shows names and sizes outside; and a program's files may take
more disk than the limit until the next look at the folder.
"""

import contextlib
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import (
    COMMAND,
    Setting,
    become,
    enter_folder,
    seal,
    set_limits,
    settle,
)

# Rights on files by the version of the interface that knows them (linux/landlock.h).
HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHARACTER, MAKE_SOCKET, MAKE_BLOCK, TRUNCATE = 1 << 6, 1 << 9, 1 << 11, 1 << 14
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
NETWORK_SINCE, BIND_CONNECT = 4, 0b11
SCOPES_SINCE, SOCKETS_SIGNALS = 6, 0b11
NAMES = 1000  # in one command
BLOCK, MAX_PATH = 4096, 2000
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


class Landlock:
    """A server on the host, and rules for what it starts."""

    clone_flags = 0
    watch_seconds = 0.05  # between two looks at the size of the folder

    def __init__(self, setting: Setting) -> None:
        self._setting, self._filter = setting, kernel.Filter.of(setting.filter)
        self._command = setting.kind == COMMAND
        self._rules = -1
        self.keep = setting.keep

    def enter(self) -> None:
        """Make the rules, once for all runs; the server itself keeps to nothing but its task."""
        os.chdir("/")
        os.mkdir(self._setting.folder, 0o700)
        if os.getuid() == 0:
            os.chown(self._setting.folder, self._setting.uid, self._setting.uid)
        settle()
        kernel.prctl(kernel.SET_SUBREAPER, 1)
        version = kernel.landlock_abi()
        files = HANDLED[max(known for known in HANDLED if known <= version)]
        network = BIND_CONNECT if version >= NETWORK_SINCE else 0
        scopes = SOCKETS_SIGNALS if version >= SCOPES_SINCE else 0
        self._rules = kernel.landlock_ruleset(files, network, scopes)
        self.keep += (self._rules,)
        rights = READ_FILE | READ_DIR | (EXECUTE if self._command else 0)
        for place in self._setting.read:
            self._allow(place, rights)
        for place in DEVICES:
            self._allow(place, files & (READ_FILE | WRITE_FILE | TRUNCATE))
        made = MAKE_CHARACTER | MAKE_SOCKET | MAKE_BLOCK
        self._allow(self._setting.folder, files & ~made)

    def _allow(self, place: str, rights: int) -> None:
        if os.path.exists(place):
            rights &= -1 if os.path.isdir(place) else ON_FILES
            kernel.landlock_allow(self._rules, place, rights)

    def confine(self, limits: dict[str, int]) -> None:
        """The folder, the limits, an ordinary user, the rules, the filter."""
        set_limits(limits, self._setting.kind, self._processes(limits["processes"]))
        become(self._setting.uid)
        enter_folder(self._setting)
        kernel.landlock_restrict(self._rules)
        os.close(self._rules)
        seal(self._filter)

    def _processes(self, most: int) -> int:
        """The limit that the kernel is told: it counts what the user has anywhere."""
        if os.getuid() == 0:  # the user will be this sandbox's own
            return most
        return most + _of_this_user() if self._command else 0  # programs cannot fork anyway

    def exceeds(self, limits: dict[str, int]) -> bool:
        """Whether the files of the run take more disk than they may, or hide from being counted."""
        total = 0.0
        for size in _sizes(self._setting.folder):
            total += size
            if total > limits["disk"]:
                return True
        return False

    def clean(self) -> None:
        """End what is left of a run and empty its folder."""
        if self._command:
            end_descendants()
        if names := os.listdir(self._setting.folder):
            remove(self._setting.folder, names)
        os.utime(self._setting.folder, (0, 0))  # not even the time of the last run

    def leave(self) -> None:
        """Remove the folder."""
        with contextlib.suppress(FileNotFoundError):  # it may be that nothing was begun
            self.clean()
            os.rmdir(self._setting.folder)


def _of_this_user() -> int:
    """How many processes this user has; threads are more, so the limit is a lax one."""
    uid, count = os.getuid(), 0
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            count += place.stat().st_uid == uid
    return count


def _sizes(folder: str) -> Iterator[float]:
    """Bytes of every file below a folder in which things come and go; each takes a block."""
    folders = [folder]
    while folders:
        place = folders.pop()
        if len(place) > MAX_PATH:  # what lies below could not be counted
            yield math.inf
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                with contextlib.suppress(OSError):
                    yield max(BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)


def remove(folder: str, names: list[str]) -> None:
    """Remove these from a folder, however deep they are: a limit that `rm` does not have."""
    import subprocess  # it needs `threading`, see the server

    deep = []
    for name in names:
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            deep.append(name)
    for begin in range(0, len(deep), NAMES):
        command = ["rm", "-rf", "--", *deep[begin : begin + NAMES]]
        subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin:/bin"})


def end_descendants() -> None:
    """Stop every descendant of this process, and kill them when none is left that could fork."""
    stopped: set[int] = set()
    while new := _descendants() - stopped:
        _signal(new, signal.SIGSTOP)
        stopped |= new
    _signal(stopped, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _descendants() -> set[int]:
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(place.name))
    found: set[int] = set()
    new = {os.getpid()}
    while new:
        new = {child for pid in new for child in children.get(pid, ())} - found
        found |= new
    return found
