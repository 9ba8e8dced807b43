"""Confinement where namespaces are refused: Landlock's rules on the host's own files.

- Against reading and writing the host's files: rules that allow the interpreter and one folder.
- Against survivors: no program may fork. The descendants of a command become children of the
  server, their subreaper, which first stops all of them and then kills them.
- Against files that outlive a run: the folder is emptied after each, whatever modes and depths its
  folders have, within bounds of time. A folder that is not as new afterwards is never used again.
- Against files without a name, which no look at the folder finds: what processes hold open or
  mapped is counted too.
- Against the network, and signals to other processes of the same user: the seccomp filter, and
  Landlock's own rules where the kernel is new enough.

What this tier leaves open: `stat` shows names and sizes of files outside; files may take more disk,
and an ordinary user's program may have more threads, than the limit until they are next counted,
some milliseconds later; a command may hide files without names in messages between its sockets.
"""

import contextlib
import math
import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
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
MAX_MAPS_BYTES = 4 << 20  # of a list of mappings: those of large programs have a tenth
SEEN_PER_LIMIT = 8  # parts of the disk limit: so much less room on the disk is looked at at once
CHECKS_PER_LOOK = 10  # otherwise each tenth check looks
CLEAN_SECONDS = 5.0  # to empty the folder, where a run has left less of its own time


class LandlockRules:
    """A server on the host, and rules for the processes that it starts."""

    clone_flags = 0
    watch_seconds = 0.005  # after which it is checked again what the run holds

    def __init__(self, setting: Setting) -> None:
        self._setting, self._filter = setting, kernel.Filter.of(setting.filter)
        self._is_command = setting.kind == COMMAND_KIND
        self._rules = -1
        self.keep = setting.keep
        self._checks, self._room = 0, 0

    def enter(self) -> None:
        """Make the folder and the rules for all runs; the rules do not bind the server itself."""
        os.chdir("/")
        give_up_privileges()
        kernel.prctl(kernel.SET_SUBREAPER, 1)
        self._begin()

    def _begin(self) -> None:
        os.mkdir(self._setting.folder, 0o700)
        if os.getuid() == 0:
            os.chown(self._setting.folder, self._setting.uid, self._setting.uid)
        self._room = _room(self._setting.folder)
        version = kernel.landlock_abi()
        files = FILE_RIGHTS[max(known for known in FILE_RIGHTS if known <= version)]
        network = BIND_CONNECT if version >= NETWORK_SINCE else 0
        scopes = SOCKETS_SIGNALS if version >= SCOPES_SINCE else 0
        self._rules = kernel.landlock_ruleset(files, network, scopes)
        self.keep = (*self._setting.keep, self._rules)
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
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # so that the server sees what it holds
        seal(self._filter)

    def _processes(self, maximum: int) -> int:
        """The limit for the kernel, which counts all processes of the user on this host."""
        if os.getuid() == 0:  # the user will be this sandbox's own
            return maximum
        # Programs cannot fork anyway, and their threads are counted by `exceeded`.
        return maximum + _processes_of_this_user() if self._is_command else 0

    def exceeded(self, limits: dict[str, int], pids: Iterable[int]) -> str:
        """The limit that these processes of a run exceed, or an empty text.

        To look at what they hold takes time, so that is done where there is less room on the disk
        than before, and now and then.
        """
        self._checks += 1
        room = _room(self._setting.folder)
        if self._checks % CHECKS_PER_LOOK and room > self._room - limits["disk"] // SEEN_PER_LIMIT:
            return ""
        self._room = room
        pids = _descendants() if self._is_command else pids
        with kernel.file_access_of(self._setting.uid):  # only that user may see what they hold
            if not self._is_command and sum(map(_threads, pids)) > limits["processes"]:
                return "processes"
            total = 0.0
            for size in self._sizes(pids, limits["file_size"]):
                total += size
                if total > limits["disk"]:
                    return "disk"
        return ""

    def _sizes(self, pids: Iterable[int], file_size: int) -> Iterator[float]:
        """Bytes of each file of a run, infinite where they cannot be known."""
        yield from _named_sizes(self._setting.folder)
        mark = f"/{os.path.basename(self._setting.folder)}/"
        seen: set[int] = set()
        for pid in pids:
            for inode, size in (*_open_files(pid, mark), *_mapped_files(pid, mark, file_size)):
                if inode not in seen:
                    yield size
                seen.add(inode)

    def clean(self, seconds: float) -> bool:
        """End the processes that are left of a run, and replace its folder if it was used.

        Returns whether that could be done; if not, no further run may begin. It takes as many
        seconds, or CLEAN_SECONDS where these are more.
        """
        deadline = time.monotonic() + max(seconds, CLEAN_SECONDS)
        folder = self._setting.folder
        if self._is_command:
            end_descendants()
            os.chmod(folder, 0o700)
        if names := os.listdir(folder):
            remove(folder, names, deadline, self._setting.uid)
            try:
                os.rmdir(folder)
            except OSError:
                return False
            os.close(self._rules)
            self._begin()  # also because the size of a folder tells how many files it had
        os.utime(folder, (0, 0))  # so that not even the time of the last run is seen
        return True

    def leave(self) -> None:
        """Remove the folder of the runs and all that is in it.

        What is left is removed by quire, or found by whoever looks for folders of this name.
        """
        with contextlib.suppress(OSError):  # the folder may never have been made, or not be empty
            self.clean(CLEAN_SECONDS)
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


def _room(folder: str) -> int:
    """Bytes that are left on the disk of a folder."""
    disk = os.statvfs(folder)
    return disk.f_bfree * disk.f_frsize


def _threads(pid: int) -> int:
    """How many threads a process has; 0 if it has ended."""
    try:
        return os.stat(f"/proc/{pid}/task").st_nlink - 2
    except OSError:
        return 0


def _named_sizes(folder: str) -> Iterator[float]:
    """Bytes of each file below a folder, at least a block; files may come and go meanwhile."""
    pending = [folder]
    while pending:
        current = pending.pop()
        if len(current) > MAX_PATH:  # files below could not be measured
            yield math.inf
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    with contextlib.suppress(OSError):
                        yield max(FILE_BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)
        except PermissionError:  # a folder of mode 0300, say
            yield math.inf
        except OSError:  # it is gone
            pass


def _open_files(pid: int, mark: str) -> Iterator[tuple[int, float]]:
    """Inode and bytes of each file without a name that a process holds open.

    `mark` is in the paths of all files of a run.
    """
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                state = entry.stat()
                nameless = stat.S_ISREG(state.st_mode) and not state.st_nlink
                if nameless and mark in os.readlink(entry.path):
                    yield state.st_ino, state.st_blocks * 512


def _mapped_files(pid: int, mark: str, file_size: int) -> Iterator[tuple[int, float]]:
    """Inode and bytes of each file without a name that a process has mapped.

    Their size is not known, only that it is at most `file_size`.
    """
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", "rb") as file:
        maps = file.read(MAX_MAPS_BYTES)
        if len(maps) == MAX_MAPS_BYTES:
            yield 0, math.inf
        for line in maps.splitlines():
            if line.endswith(b" (deleted)") and mark.encode() in line:
                yield int(line.split(None, 5)[4]), file_size


def remove(folder: str, names: list[str], deadline: float, uid: int | None = None) -> None:
    """Remove these files and folders, up to a time on the monotonic clock.

    By programs, because Python cannot remove very deep folders, and as their owner `uid` if this
    process is root. What cannot be removed stays.
    """
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    # Folders of a mode by which not even their owner may look into them come second.
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        folders = [name for name in names if _is_folder(os.path.join(folder, name))]
        for begin in range(0, len(folders), NAMES_PER_COMMAND):
            _run([*command, "--", *folders[begin:][:NAMES_PER_COMMAND]], folder, deadline, uid)


def _is_folder(path: str) -> bool:
    """Whether there is a folder; a link is none, or `chmod` would follow it."""
    with contextlib.suppress(OSError):
        return stat.S_ISDIR(os.lstat(path).st_mode)
    return False


def _run(command: list[str], folder: str, deadline: float, uid: int | None) -> None:
    import subprocess  # here, because it needs `threading`: see PRELOADED_MODULES of the server

    user = uid if os.getuid() == 0 else None
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
            stderr=subprocess.DEVNULL,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            timeout=max(0.1, deadline - time.monotonic()),
        )


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
