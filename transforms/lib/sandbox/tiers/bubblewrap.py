"""bubblewrap's namespaces and read-only root, with the fork server inside.

- Against secrets in the environment: bubblewrap itself gets an empty one. (Its `--clearenv` would
  leave the first one readable for all in /proc/1/environ.)
- Against reading the host: nothing of it is mounted but the interpreter, its standard library and
  its shared libraries, file by file.
- Against the rights of another user: root outside keeps nothing but the right to become uid 65534.
"""

import os
import shutil
from pathlib import Path

from transforms.lib.sandbox.inside.confinement import (
    COMMAND_KIND,
    DEVICE_FILES,
    PROGRAM_KIND,
    Setting,
)
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.server_process import Launch, SandboxLost, ServerProcess
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import NOBODY_UID, SANDBOX_FOLDER, SandboxNeeds

NAME = "bubblewrap"
INSTALL = "apt-get install bubblewrap"
TMP_BYTES = 256 << 20  # of /tmp and /dev/shm, for commands that do not ask where to put files
NAMESPACE_OPTIONS = (
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "sandbox",
)
# An ordinary user makes a user namespace at once. Root makes one after it has become an ordinary
# user: in a namespace of its own it would still be root to the rest of the kernel.
ORDINARY_OPTIONS = ("--unshare-user", "--uid", str(NOBODY_UID), "--gid", str(NOBODY_UID))
ROOT_OPTIONS = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")


def start(needs: SandboxNeeds) -> ServerProcess:
    """A fork server under this tier; raises SandboxLost if bubblewrap is missing or fails."""
    binary = shutil.which("bwrap")
    if binary is None:
        raise SandboxLost("bwrap is not installed")
    is_command = needs.kind == COMMAND_KIND
    instructions = command_filter(True, True) if is_command else program_filter()
    command = [
        binary,
        *NAMESPACE_OPTIONS,
        *(ORDINARY_OPTIONS if os.getuid() else ROOT_OPTIONS),
        "--as-pid-1",
        *_mounts(needs),
        "--chdir",
        "/",
    ]
    for name, value in needs.environment(SANDBOX_FOLDER).items():
        command += ["--setenv", name, value]
    setting = Setting(
        needs.kind, NOBODY_UID, instructions, SANDBOX_FOLDER, needs.directory, needs.path
    )
    command += ["--", interpreter().binary]
    return ServerProcess(Launch(NAME, "namespaces", setting, command, {}))


def _mounts(needs: SandboxNeeds) -> list[str]:
    """Options for everything that is visible inside, all of it read-only."""
    python = interpreter()
    own, requested = (python.binary, python.library, *python.shared), needs.readable_paths()
    mounts = ["--proc", "/proc", "--dir", SANDBOX_FOLDER]
    if needs.kind == COMMAND_KIND:
        mounts += ["--dev", "/dev"]
        for folder in ("/tmp", "/dev/shm"):  # the second one for locks of multiprocessing
            mounts += ["--perms", "1777", "--size", str(TMP_BYTES), "--tmpfs", folder]
    for folder in sorted(
        {str(folder) for path in (*own, *requested) for folder in Path(path).parents}
    ):
        mounts += ["--perms", "0755", "--dir", folder]  # bubblewrap would make private ones
    for path in own:
        mounts += ["--ro-bind", path, path]
    for folder in python.packages:
        mounts += ["--perms", "0555", "--tmpfs", folder]
    for path in requested:
        mounts += ["--ro-bind-try", path, path]
    for path in DEVICE_FILES if needs.kind == PROGRAM_KIND else ():
        mounts += ["--dev-bind", path, path]
    return [*mounts, "--remount-ro", "/"]
