"""Tier 2: bubblewrap's namespaces and read-only root, and the fork server inside.

Against secrets in the environment: bubblewrap itself gets an empty one (its `--clearenv` would
leave the first in /proc/1/environ for all to read). Against reading the host: nothing of it is
mounted but the interpreter, its standard library and its shared libraries, file by file. Against
another user's rights: root outside gives up all but the right to become uid 65534.
"""

import os
import shutil
from pathlib import Path

from transforms.lib.sandbox.harness import Harness, Launch, Lost
from transforms.lib.sandbox.inside.confinement import COMMAND, PROGRAM, Setting
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import Needs

NAME = "bubblewrap"
INSTALL = "apt-get install bubblewrap"
UID = 65534  # nobody
FOLDER = "/sandbox"  # nothing of the host is there
TMP_BYTES = 256 << 20  # of /tmp, for commands that do not ask where to put their files
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
NAMESPACES = (
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "sandbox",
)
# An ordinary user makes a user namespace at once; root does when it has become ordinary, for in
# one of its own it would still be root to the rest of the kernel.
ORDINARY = ("--unshare-user", "--uid", str(UID), "--gid", str(UID))
ROOT = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")


def start(needs: Needs) -> Harness:
    """A fork server under this tier; Lost if bubblewrap is not there."""
    binary = shutil.which("bwrap")
    if binary is None:
        raise Lost("bwrap is not installed")
    own = needs.kind == COMMAND
    instructions = command_filter(True, True) if own else program_filter()
    command = [
        binary,
        *NAMESPACES,
        *(ORDINARY if os.getuid() else ROOT),
        "--as-pid-1",
        *_mounts(needs),
        "--chdir",
        "/",
    ]
    for name, value in needs.environment(FOLDER).items():
        command += ["--setenv", name, value]
    setting = Setting(needs.kind, UID, instructions, FOLDER, needs.directory, needs.path)
    return Harness(Launch(NAME, "namespaces", setting, [*command, "--", interpreter().binary], {}))


def _mounts(needs: Needs) -> list[str]:
    """Everything that there is to see, and all of it read-only."""
    python = interpreter()
    own, further = (python.binary, python.library, *python.shared), needs.read()
    mounts = ["--proc", "/proc", "--dir", FOLDER]
    if needs.kind == COMMAND:
        mounts += ["--dev", "/dev", "--perms", "1777", "--size", str(TMP_BYTES), "--tmpfs", "/tmp"]
    for place in sorted(
        {str(folder) for name in (*own, *further) for folder in Path(name).parents}
    ):
        mounts += ["--perms", "0755", "--dir", place]  # bubblewrap's own could be private
    for place in own:
        mounts += ["--ro-bind", place, place]
    for place in python.packages:
        mounts += ["--perms", "0555", "--tmpfs", place]
    for place in further:
        mounts += ["--ro-bind-try", place, place]
    for place in DEVICES if needs.kind == PROGRAM else ():
        mounts += ["--dev-bind", place, place]
    return [*mounts, "--remount-ro", "/"]
