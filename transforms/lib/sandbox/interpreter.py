"""What of this host the interpreter needs: itself, its standard library, shared libraries.

An environment of Python is a few links to the interpreter it was made from, wherever that lives
(/usr, /opt, below /root): only what is named here goes into a sandbox, and no installed package.
"""

import functools
import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass

from transforms.lib.errors import PipelineError

# Run by the interpreter itself: load every extension module of the standard library, then name
# the shared libraries that came with them, as they were asked for.
LIST_LIBRARIES = """
import ctypes, importlib, json, os, sys
folder = sys.argv[1]
for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
    module = name.partition(".")[0]
    if not module.startswith(("_test", "_xx", "xx", "_tkinter", "_ctypes_test")):
        try:
            importlib.import_module(module)
        except ImportError:
            pass
try:
    ctypes.CDLL("libgcc_s.so.1")
except OSError:
    pass
class Info(ctypes.Structure):
    _fields_ = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]
names = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def note(info, size, data):
    names.append(os.fsdecode(info.contents.name or b""))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(note, None)
print(json.dumps(sorted({name for name in names if name.startswith("/")})))
"""


@dataclass(frozen=True)
class Interpreter:
    """Where an interpreter and all that it needs lie."""

    prefix: str
    binary: str
    library: str  # the folder of the standard library
    packages: tuple[str, ...]  # folders below it that hold installed packages: not needed
    shared: tuple[str, ...]  # shared libraries and the loader, outside of `library`

    def files(self) -> list[str]:
        """What a process must be able to read, file by file where a folder holds more."""
        names = (os.path.join(self.library, name) for name in sorted(os.listdir(self.library)))
        own = [name for name in names if name not in self.packages]
        real = [os.path.realpath(name) for name in self.shared]
        return [self.binary, *own, *self.shared, *real]


@functools.cache
def interpreter() -> Interpreter:
    """The interpreter of this process, without the environment around it."""
    version = "{}.{}".format(*sys.version_info)
    binary = os.path.join(sys.base_prefix, "bin", f"python{version}")
    if not os.path.exists(binary):
        binary = os.path.realpath(sys.executable)
    library = sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})
    packages = tuple(
        place
        for name in ("site-packages", "dist-packages")
        if os.path.isdir(place := os.path.join(library, name))
    )
    below = (library + os.sep, os.path.realpath(library) + os.sep)
    shared = tuple(name for name in _shared(binary, library) if not name.startswith(below))
    return Interpreter(sys.base_prefix, binary, library, packages, shared)


def _shared(binary: str, library: str) -> list[str]:
    command = [binary, "-I", "-S", "-c", LIST_LIBRARIES, os.path.join(library, "lib-dynload")]
    answer = subprocess.run(command, capture_output=True, env={}, text=True)
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"exit {answer.returncode}"]
        raise PipelineError(f"no sandbox: {binary} does not run ({lines[-1]})")
    names: list[str] = json.loads(answer.stdout)
    return names
