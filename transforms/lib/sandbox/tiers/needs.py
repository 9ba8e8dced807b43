"""What a sandbox is started for: the folders it must be able to read, and what programs see."""

import configparser
import os
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.lib.sandbox.inside.confinement import COMMAND_KIND, PROGRAM_KIND

# In tiers with a file system of their own: the user that runs foreign code ("nobody"), and the
# folder that it may write in, at a path that no host has.
NOBODY_UID = 65534
SANDBOX_FOLDER = "/sandbox"
# What commands may read of any host: programs and libraries, but no user's data.
SYSTEM_PATHS = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
)
# For packages that compute with as many threads as there are processors: they would use up the
# limits of processes and of memory when they are imported, on a large machine only.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class SandboxNeeds:
    """What a tier must provide, besides the interpreter."""

    kind: str = PROGRAM_KIND
    folders: tuple[str, ...] = ()  # and files, that are readable
    directory: str = ""  # where a run begins, below the folder that it may write in
    hash_seed: int = 0
    time_zone: str = "UTC"

    def environment(self, folder: str) -> dict[str, str]:
        """All environment variables of the server, which programs see too.

        `folder` is the one that may be written in.
        """
        paths = {"HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin"}
        own = {"PYTHONHASHSEED": str(self.hash_seed), "TZ": self.time_zone}
        return paths | own | (ONE_THREAD if self.kind == PROGRAM_KIND else {})

    @property
    def path(self) -> tuple[str, ...]:
        """The folders and zips that a program imports from, after the standard library."""
        return self.folders if self.kind == PROGRAM_KIND else ()

    def readable_paths(self) -> list[str]:
        """The paths that are readable: for a command, those of the system's programs too."""
        if self.kind != COMMAND_KIND:
            return list(self.folders)
        bases = (base for folder in self.folders for base in base_interpreter(folder))
        return [*SYSTEM_PATHS, *bases, *self.folders]


def base_interpreter(environment: str) -> Iterator[str]:
    """The folder of the interpreter that a virtual environment was made from, if it is one."""
    path = os.path.join(environment, "pyvenv.cfg")
    if os.path.isfile(path):
        parser = configparser.ConfigParser(interpolation=None)
        with open(path, encoding="utf-8") as file:
            parser.read_string("[venv]\n" + file.read())
        yield os.path.dirname(parser.get("venv", "home"))
