"""The decorator of compiled kernels: where Numba keeps what it has compiled, whatever is writable.

Numba keeps it beside the source, or else below the user's home, and refuses to work where neither
is writable: in a container with a read-only installation, say.
"""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


def kernel(function: Callable) -> Any:
    """Compile a function with Numba, without the GIL, and keep it compiled.

    The machine code is kept where Numba can, else in a private folder for temporary files, else not
    at all: then every run compiles it anew, which takes some seconds.
    """
    return _compiled(function)


def inlined_kernel(function: Callable) -> Any:
    """Compile a function as `kernel` does, to be a part of each kernel that calls it."""
    return _compiled(function, inline="always")


def _compiled(function: Callable, **options: str) -> Any:
    try:
        return numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # Numba found no folder to keep it in
        numba.config.CACHE_DIR = _private_folder() or ""
        return numba.njit(cache=bool(numba.config.CACHE_DIR), nogil=True, **options)(function)


def _private_folder() -> str | None:
    """A folder of this user alone for temporary files; None if there can be none.

    Machine code is run as it is found, so a folder that another user can write to will not do.
    """
    try:
        folder = Path(tempfile.gettempdir(), f"quire-kernels-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    is_private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    return str(folder) if is_private and status.st_uid == os.getuid() else None
