"""Confinement where namespaces are refused: Landlock's rules on the host's own files.

- Against reading and writing the host's files: rules that allow the interpreter and one folder.
- Against survivors: no program may fork. The descendants of a command become children of the
  server, their subreaper, which first stops all of them and then kills them.
- Against files that outlive a run: the folder is emptied after each.
- Against the network, and signals to other processes of the same user: the seccomp filter, and
  Landlock's own rules where the kernel is new enough.

What this tier leaves open: `stat` shows names and sizes of files outside, and the files of a
program may take more disk than the limit until the folder is next measured.
"""

import contextlib
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import (
    COMMAND_KIND,
    DEVICE_FILES,
    FILE_BLOCK,
    Setting,
    become,
    enter_folder,
    give_up_privileges,
    seal,
    set_limits,
)

# All rights on files, by the version of the interface that added some (linux/landlock.h).
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHARACTER, MAKE_SOCKET, MAKE_BLOCK, TRUNCATE = 1 << 6, 1 << 9, 1 << 11, 1 << 14
RIGHTS_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE  # the others are on folders
NETWORK_SINCE, BIND_CONNECT = 4, 0b11  # the version, and the rights on TCP ports
SCOPES_SINCE, SOCKETS_SIGNALS = 6, 0b11  # the version, and abstract sockets and signals
NAMES_PER_COMMAND = 1000  # of `rm`
MAX_PATH = 2000  # characters


class LandlockRules:
    """A server on the host, and rules for the processes that it starts."""

    clone_flags = 0
    watch_seconds = 0.05  # after which the folder is measured again

    def __init__(self, setting: Setting) -> None:
        self._setting, self._filter = setting, kernel.Filter.of(setting.filter)
        self._is_command = setting.kind == COMMAND_KIND
        self._rules = -1
        self.keep = setting.keep

    def enter(self) -> None:
        """Make the rules, once for all runs; they do not bind the server itself."""
        os.chdir("/")
        os.mkdir(self._setting.folder, 0o700)
        if os.getuid() == 0:
            os.chown(self._setting.folder, self._setting.uid, self._setting.uid)
        give_up_privileges()
        kernel.prctl(kernel.SET_SUBREAPER, 1)
        version = kernel.landlock_abi()
        files = FILE_RIGHTS[max(known for known in FILE_RIGHTS if known <= version)]
        network = BIND_CONNECT if version >= NETWORK_SINCE else 0
        scopes = SOCKETS_SIGNALS if version >= SCOPES_SINCE else 0
        self._rules = kernel.landlock_ruleset(files, network, scopes)
        self.keep += (self._rules,)
        rights = READ_FILE | READ_DIR | (EXECUTE if self._is_command else 0)
        for path in self._setting.readable:
            self._allow(path, rights)
        for path in DEVICE_FILES:
            self._allow(path, files & (READ_FILE | WRITE_FILE | TRUNCATE))
        never_allowed = MAKE_CHARACTER | MAKE_SOCKET | MAKE_BLOCK
        self._allow(self._setting.folder, files & ~never_allowed)

    def _allow(self, path: str, rights: int) -> None:
        if os.path.exists(path):
            rights &= -1 if os.path.isdir(path) else RIGHTS_ON_FILES
            kernel.landlock_allow(self._rules, path, rights)

    def confine(self, limits: dict[str, int]) -> None:
        """Confine this process: limits, an ordinary user, the folder, the rules, the filter."""
        set_limits(limits, self._setting.kind, self._processes(limits["processes"]))
        become(self._setting.uid)
        enter_folder(self._setting)
        kernel.landlock_restrict(self._rules)
        os.close(self._rules)
        seal(self._filter)

    def _processes(self, maximum: int) -> int:
        """The limit for the kernel, which counts all processes of the user on this host."""
        if os.getuid() == 0:  # the user will be this sandbox's own
            return maximum
        # Programs cannot fork anyway.
        return maximum + _processes_of_this_user() if self._is_command else 0

    def exceeds(self, limits: dict[str, int]) -> bool:
        """Whether the run's files take more disk than allowed, or are too deep to be measured."""
        total = 0.0
        for size in _sizes(self._setting.folder):
            total += size
            if total > limits["disk"]:
                return True
        return False

    def clean(self) -> None:
        """End the processes that are left of a run, and empty its folder."""
        if self._is_command:
            end_descendants()
        if names := os.listdir(self._setting.folder):
            remove(self._setting.folder, names)
        os.utime(self._setting.folder, (0, 0))  # so that not even the time of the last run is seen

    def leave(self) -> None:
        """Remove the folder of the runs and all that is in it."""
        with contextlib.suppress(FileNotFoundError):  # the folder may never have been made
            self.clean()
            os.rmdir(self._setting.folder)


def _processes_of_this_user() -> int:
    """How many processes this user has.

    The kernel counts their threads too, so a run may get fewer processes than its limit.
    """
    uid, count = os.getuid(), 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            count += process.stat().st_uid == uid
    return count


def _sizes(folder: str) -> Iterator[float]:
    """Bytes of each file below a folder, at least a block; files may come and go meanwhile."""
    pending = [folder]
    while pending:
        current = pending.pop()
        if len(current) > MAX_PATH:  # files below could not be measured
            yield math.inf
        with contextlib.suppress(OSError), os.scandir(current) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                with contextlib.suppress(OSError):
                    yield max(FILE_BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)


def remove(folder: str, names: list[str]) -> None:
    """Remove these files and folders; by `rm`, because Python cannot remove very deep folders."""
    import subprocess  # here, because it needs `threading`: see PRELOADED_MODULES of the server

    folders = []
    for name in names:
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            folders.append(name)
    for begin in range(0, len(folders), NAMES_PER_COMMAND):
        command = ["rm", "-rf", "--", *folders[begin : begin + NAMES_PER_COMMAND]]
        subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin:/bin"})


def end_descendants() -> None:
    """Stop every descendant of this process; kill them when none is left that could fork."""
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
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(process.name))
    descendants: set[int] = set()
    new = {os.getpid()}
    while new:
        new = {child for pid in new for child in children.get(pid, ())} - descendants
        descendants |= new
    return descendants
