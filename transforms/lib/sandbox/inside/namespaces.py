"""Confinement inside bubblewrap: the server has namespaces of its own, and each run new ones.

- Against reading and writing the host's files: bubblewrap's read-only root, which holds only the
  interpreter and its libraries, and for each run a tmpfs of limited size.
- Against walks through /proc: it is covered by an empty one.
- Against signals, ptrace and survivors (forks, daemons, sessions): a pid namespace for each run;
  when its first process ends, the kernel ends the rest.
- Against the network and abstract sockets: an empty network namespace.
- Against shared memory: an ipc namespace.
"""

import os
from collections.abc import Iterable

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import (
    COMMAND_KIND,
    FILE_BLOCK,
    Setting,
    become,
    enter_folder,
    give_up_privileges,
    seal,
    set_limits,
)

# What is written to /proc/self: one user and one group, with the ids that they have outside.
ID_MAPS = ("setgroups", "deny"), ("uid_map", "{0} {0} 1"), ("gid_map", "{1} {1} 1")


class Namespaces:
    """A server that may make namespaces, because it is in a user namespace of its own."""

    watch_seconds = None  # the tmpfs of a run limits the size of its files

    def __init__(self, setting: Setting) -> None:
        self._setting, self._filter = setting, kernel.Filter.of(setting.filter)
        self.keep = setting.keep
        # A command has the whole sandbox to itself, with /proc, and so needs no namespaces more.
        self._is_command = setting.kind == COMMAND_KIND
        self.clone_flags = 0 if self._is_command else kernel.NEW_PIDS | kernel.NEW_MOUNTS

    def enter(self) -> None:
        """Become an ordinary user with every capability over new namespaces, and no other."""
        become(self._setting.uid)
        uid, gid = os.getuid(), os.getgid()
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # or the maps below would belong to root
        kernel.unshare(kernel.NEW_USER | kernel.NEW_MOUNTS)
        for name, text in ID_MAPS:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text.format(uid, gid))
        give_up_privileges()
        if not self._is_command:
            kernel.mount_tmpfs("/proc", "size=4k,mode=555", kernel.READ_ONLY)

    def confine(self, limits: dict[str, int]) -> None:
        """Confine this process: an empty folder, limits, no capabilities, the filter."""
        inodes = limits["disk"] // FILE_BLOCK
        options = f"size={limits['disk']},nr_inodes={inodes},mode=700"
        kernel.mount_tmpfs(self._setting.folder, options)
        enter_folder(self._setting)
        set_limits(limits, self._setting.kind, limits["processes"] + 1)  # the server is one
        kernel.drop_capabilities()
        seal(self._filter)

    def exceeded(self, limits: dict[str, int], pids: Iterable[int]) -> str:
        """Always an empty text: a full tmpfs fails whoever writes to it."""
        return ""

    def clean(self, seconds: float) -> bool:
        """True: processes and files of a run end with their namespaces."""
        return True

    def leave(self) -> None:
        """Do nothing: the namespaces end with this process."""
