"""Tier 1: Landlock's rules, seccomp and rlimits, on the host's own files.

It is for where namespaces are refused: in containers under the default profile (Dataflow's
workers, pods). Against other sandboxes of the same host: where quire is root, each worker's has a
user of its own.
"""

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from transforms.lib.sandbox.harness import Harness, Launch, Lost
from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import COMMAND, Setting
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import Needs

NAME = "landlock"
INSTALL = "Linux 5.13 or newer with Landlock"
UIDS = range(61184, 65520)  # systemd's dynamic users: nobody's files


def start(needs: Needs) -> Harness:
    """A fork server under this tier; Lost if the kernel has no Landlock."""
    try:
        kernel.landlock_abi()
    except OSError as error:
        raise Lost("the kernel has no Landlock") from error
    root = os.getuid() == 0
    uid = UIDS[os.getpid() % len(UIDS)]
    own = needs.kind == COMMAND
    # Made by the server, which removes it again, even where this process is killed meanwhile.
    folder = os.path.join(tempfile.gettempdir(), f"quire-sandbox-{secrets.token_hex(8)}")
    instructions = command_filter(root, False) if own else program_filter()
    python = interpreter()
    home = tuple(_home(python.prefix)) if root else ()
    read = (*python.files(), *needs.read())
    setting = Setting(
        needs.kind, uid, instructions, folder, needs.directory, needs.path, read, home
    )
    variables = needs.environment(folder)
    if home:
        variables["PYTHONHOME"] = f"/proc/self/fd/{home[0]}"
    return Harness(Launch(NAME, "landlock", setting, [python.binary], variables, home, folder))


def _home(prefix: str) -> Iterator[int]:
    """A descriptor of a prefix that other users cannot reach (below /root, say).

    By it, and by no name, an ordinary user's process reaches what is below.
    """
    if not all(
        place.stat().st_mode & stat.S_IXOTH for place in (Path(prefix), *Path(prefix).parents)
    ):
        yield os.open(prefix, os.O_PATH | os.O_DIRECTORY)
