"""What a sandbox is started for, and what it must be able to read then."""

import configparser
import os
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.lib.sandbox.inside.confinement import COMMAND, PROGRAM

# What commands find on any host: programs and libraries, and no one's data.
SYSTEM = (
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


@dataclass(frozen=True)
class Needs:
    """Folders that are read besides the interpreter, and what programs see of place and time."""

    kind: str = PROGRAM
    folders: tuple[str, ...] = ()
    directory: str = ""  # where a run begins, below the folder that it may write in
    hash_seed: int = 0
    time_zone: str = "UTC"

    def environment(self, folder: str) -> dict[str, str]:
        """All the variables that the server has, and programs see."""
        paths = {"HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin"}
        return paths | {"PYTHONHASHSEED": str(self.hash_seed), "TZ": self.time_zone}

    @property
    def path(self) -> tuple[str, ...]:
        """Where a program imports from, after the standard library."""
        return self.folders if self.kind == PROGRAM else ()

    def read(self) -> list[str]:
        """What is read besides the interpreter: for a command, the system's programs too."""
        if self.kind != COMMAND:
            return list(self.folders)
        bases = (base for folder in self.folders for base in base_interpreter(folder))
        return [*SYSTEM, *bases, *self.folders]


def base_interpreter(environment: str) -> Iterator[str]:
    """The prefix of the interpreter that a virtual environment was made from, if it is one."""
    path = os.path.join(environment, "pyvenv.cfg")
    if os.path.isfile(path):
        parser = configparser.ConfigParser(interpolation=None)
        with open(path, encoding="utf-8") as file:
            parser.read_string("[venv]\n" + file.read())
        yield os.path.dirname(parser.get("venv", "home"))
