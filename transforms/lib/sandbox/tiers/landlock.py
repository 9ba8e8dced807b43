"""Landlock's rules, seccomp and rlimits, on the host's own files.

For hosts that refuse namespaces: containers under the default profile, such as workers of Dataflow
and pods. Against other sandboxes of the same host: where quire is root, the sandbox of each worker
has a user of its own.
"""

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import COMMAND_KIND, Setting
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.server_process import (
    Launch,
    SandboxLost,
    ServerProcess,
    clear_of_role_descriptors,
)
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import SandboxNeeds

NAME = "landlock"
INSTALL = "Linux 5.13 or newer with Landlock"
UIDS = range(61184, 65520)  # of systemd's dynamic users, who own no files


def start(needs: SandboxNeeds) -> ServerProcess:
    """A fork server under this tier; raises SandboxLost if the kernel has no Landlock."""
    try:
        kernel.landlock_abi()
    except OSError as error:
        raise SandboxLost("the kernel has no Landlock") from error
    is_root = os.getuid() == 0
    uid = UIDS[os.getpid() % len(UIDS)]
    is_command = needs.kind == COMMAND_KIND
    # The server makes this folder and removes it, even if this process is killed before it ends.
    folder = os.path.join(tempfile.gettempdir(), f"quire-sandbox-{secrets.token_hex(8)}")
    instructions = command_filter(is_root, False) if is_command else program_filter()
    python = interpreter()
    home = tuple(_unreachable_prefix(python.prefix)) if is_root else ()
    read = (*python.files(), *needs.readable_paths())
    setting = Setting(
        needs.kind, uid, instructions, folder, needs.directory, needs.path, read, home
    )
    variables = needs.environment(folder)
    if home:
        variables["PYTHONHOME"] = f"/proc/self/fd/{home[0]}"
    launch = Launch(NAME, "landlock", setting, [python.binary], variables, home, folder)
    return ServerProcess(launch)


def _unreachable_prefix(prefix: str) -> Iterator[int]:
    """A descriptor of the interpreter's prefix, if other users cannot reach it (below /root, say).

    Through it a process of an ordinary user reaches what is below, which it cannot by any path.
    """
    if not all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (Path(prefix), *Path(prefix).parents)
    ):
        yield clear_of_role_descriptors(os.open(prefix, os.O_PATH | os.O_DIRECTORY))
