"""The interpreters of this machine that projects are tested with."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from transforms.ci.python_versions import as_numbers

OLDEST = (3, 6)  # for which uv makes environments, and which the tracer knows
BINARY = re.compile(r"python(3\.\d+)")


def interpreters(folders: Sequence[str] = ()) -> dict[str, str]:
    """The path of an interpreter's binary by its version, such as 3.8; the oldest version first.

    They are looked for in the folders that are named, in the stores of pyenv and uv, on PATH, and
    the one that runs quire is there in any case.
    """
    found: dict[str, str] = {}
    for binary in _binaries(folders):
        match = BINARY.fullmatch(os.path.basename(binary))
        if match and as_numbers(match[1]) >= OLDEST and os.access(binary, os.X_OK):
            found.setdefault(match[1], os.path.realpath(binary))
    return dict(sorted(found.items(), key=lambda pair: as_numbers(pair[0])))


def _binaries(folders: Sequence[str]) -> Iterator[str]:
    home = Path.home()
    stores = [*map(Path, folders), home / ".pyenv/versions", home / ".local/share/uv/python"]
    for store in stores:
        yield from map(str, sorted(store.glob("*/bin/python3.*"), reverse=True))
        yield from map(str, sorted(store.glob("bin/python3.*")))
        yield from map(str, sorted(store.glob("python3.*")))
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield from map(str, sorted(Path(folder or ".").glob("python3.*")))
    yield f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def readable_root(binary: str) -> str:
    """The folder that an interpreter needs to run: what its `bin` stands in."""
    return str(Path(binary).parent.parent)
