"""Which files of this host the interpreter needs: itself, standard library, shared libraries.

A virtual environment is a few links to the interpreter that it was made from, wherever that is
(/usr, /opt, below /root). Only the files that are found here go into a sandbox, and no installed
package.
"""

import functools
import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass

from transforms.lib.errors import PipelineError

# Those of the system that compiled packages expect wherever they are installed (PEP 600), and that
# no module of the standard library may have loaded.
SYSTEM_LIBRARIES = (
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libz.so.1",
    "libexpat.so.1",
)
# Run by the interpreter itself: it imports every extension module of the standard library, then
# prints the shared libraries that were loaded with them, under the names by which they were loaded.
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
for library in sys.argv[2:]:
    try:
        ctypes.CDLL(library)
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
    """The paths of an interpreter and of everything that it needs."""

    prefix: str
    binary: str
    library: str  # the folder of the standard library
    packages: tuple[str, ...]  # folders below it with installed packages, which are left out
    shared: tuple[str, ...]  # shared libraries and the loader, outside `library`

    def files(self) -> list[str]:
        """Paths that a process must be able to read: files, and folders that hold nothing else."""
        paths = (os.path.join(self.library, name) for name in sorted(os.listdir(self.library)))
        library = [path for path in paths if path not in self.packages]
        shared_targets = [os.path.realpath(path) for path in self.shared]
        return [self.binary, *library, *self.shared, *shared_targets]


@functools.cache
def interpreter() -> Interpreter:
    """The interpreter of this process, without the virtual environment around it.

    Raises PipelineError if it does not run by itself.
    """
    version = "{}.{}".format(*sys.version_info)
    binary = os.path.join(sys.base_prefix, "bin", f"python{version}")
    if not os.path.exists(binary):
        binary = os.path.realpath(sys.executable)
    library = sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})
    packages = tuple(
        folder
        for name in ("site-packages", "dist-packages")
        if os.path.isdir(folder := os.path.join(library, name))
    )
    below = (library + os.sep, os.path.realpath(library) + os.sep)
    libraries = _shared_libraries(binary, library)
    shared = tuple(path for path in libraries if not path.startswith(below))
    return Interpreter(sys.base_prefix, binary, library, packages, shared)


def _shared_libraries(binary: str, library: str) -> list[str]:
    """The paths of the shared libraries that the interpreter may load."""
    folder = os.path.join(library, "lib-dynload")
    command = [binary, "-I", "-S", "-c", LIST_LIBRARIES, folder, *SYSTEM_LIBRARIES]
    answer = subprocess.run(command, capture_output=True, env={}, text=True)
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"exit {answer.returncode}"]
        raise PipelineError(f"no sandbox: {binary} does not run ({lines[-1]})")
    paths: list[str] = json.loads(answer.stdout)
    return paths
