"""Confinement inside bubblewrap: the server masters namespaces of its own, each run has others.

Against reading and writing the host's files: bubblewrap's read-only root, which holds the
interpreter and its libraries alone, and a tmpfs of its own size for each run. Against walks
through /proc: there is none. Against signals, ptrace and survivors (forks, daemons, sessions): a
pid namespace for each run; when its first process ends, the kernel ends the rest. Against the
network and abstract sockets: an empty network namespace. Against shared memory: an ipc namespace.
"""

import os

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

BLOCK = 4096  # bytes: what the smallest file counts for, in both tiers
MAPS = ("setgroups", "deny"), ("uid_map", "{0} {0} 1"), ("gid_map", "{1} {1} 1")


class Namespaces:
    """A server that may make namespaces, because it is in a user namespace of its own."""

    watch_seconds = None  # the size of a run's files is the tmpfs's to keep

    def __init__(self, setting: Setting) -> None:
        self._setting, self._filter = setting, kernel.Filter.of(setting.filter)
        self.keep = setting.keep
        self._command = setting.kind == COMMAND  # it has the whole sandbox, and /proc, to itself
        self.clone_flags = 0 if self._command else kernel.NEW_PIDS | kernel.NEW_MOUNTS

    def enter(self) -> None:
        """Become an ordinary user with every capability over new namespaces, and over nothing."""
        become(self._setting.uid)
        uid, gid = os.getuid(), os.getgid()
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # or the maps below would belong to root
        kernel.unshare(kernel.NEW_USER | kernel.NEW_MOUNTS)
        for name, text in MAPS:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text.format(uid, gid))
        settle()
        if not self._command:
            kernel.mount_tmpfs("/proc", "size=4k,mode=555", kernel.READ_ONLY)

    def confine(self, limits: dict[str, int]) -> None:
        """An empty folder for this process, and neither capability nor privilege."""
        options = f"size={limits['disk']},nr_inodes={limits['disk'] // BLOCK},mode=700"
        kernel.mount_tmpfs(self._setting.folder, options)
        enter_folder(self._setting)
        set_limits(limits, self._setting.kind, limits["processes"] + 1)  # the server is one
        kernel.drop_capabilities()
        seal(self._filter)

    def exceeds(self, limits: dict[str, int]) -> bool:
        """Never: a full tmpfs says so to the one who writes."""
        return False

    def clean(self) -> None:
        """Nothing is left: processes and files went with their namespaces."""

    def leave(self) -> None:
        """Nothing: the end of this process is that of its namespaces."""
