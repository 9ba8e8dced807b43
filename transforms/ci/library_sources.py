"""Texts of library modules whose functions were called, from the lock or the standard library."""

import contextlib
import os
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from transforms.ci.interpreters import readable_root
from transforms.lib import licences
from transforms.lib.archives.rules import MEMBER_BYTES
from transforms.lib.archives.store import ArchiveStore

STANDARD_LICENCE = "PSF-2.0"
# What reading a wheel raises that installers take and that is damaged all the same.
DAMAGED = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class LibrarySources:
    """The texts of modules by path, below their folder of packages, and the licence of each."""

    texts: dict[str, str] = field(default_factory=dict)
    licence_by_path: dict[str, str] = field(default_factory=dict)


def library_sources(
    store: ArchiveStore,
    lock: Sequence[Mapping[str, Any]],
    interpreter: str | None,
    paths: Collection[str],
) -> LibrarySources:
    """The modules at `paths` that are in a wheel of a lock, or come with an interpreter.

    Wheels are read in memory. What is in neither, such as a module that was built, is left out.
    """
    found = LibrarySources()
    wanted = set(paths)
    for row in lock:
        if row["installed"] and row["file"].endswith(".whl") and store.has(row["sha256"]):
            with store.open(row["sha256"]) as stream:
                _add(found, stream, wanted)
    if interpreter:  # named bin/python3.12, and its library is lib/python3.12
        folder = Path(readable_root(interpreter)) / "lib" / os.path.basename(interpreter)
        _add_standard(found, folder, wanted)
    return found


def distributions(
    store: ArchiveStore, lock: Sequence[Mapping[str, Any]], modules: Collection[str]
) -> dict[str, str]:
    """The name of the distribution in a lock that each of these top-level modules is in."""
    found: dict[str, str] = {}
    wheels = [row for row in lock if row["installed"] and row["file"].endswith(".whl")]
    for row in wheels if modules else ():
        with contextlib.suppress(*DAMAGED, FileNotFoundError):
            with store.open(row["sha256"]) as stream, zipfile.ZipFile(stream) as wheel:
                tops = {name.partition("/")[0].removesuffix(".py") for name in wheel.namelist()}
            for module in tops & set(modules):
                found.setdefault(module, row["name"])
    return found


def _add(found: LibrarySources, stream: BinaryIO, wanted: Collection[str]) -> None:
    """Add the wanted modules of a wheel."""
    try:
        with zipfile.ZipFile(stream) as wheel:
            names = [name for name in wheel.namelist() if name in wanted]
            licence = _licence(wheel) if names else ""
            for name, text in _texts(wheel, names):
                found.texts[name], found.licence_by_path[name] = text, licence
    except DAMAGED:
        return


def _licence(wheel: zipfile.ZipFile) -> str:
    """What the metadata of a wheel declares, as an SPDX expression."""
    for name in wheel.namelist():
        if name.endswith(".dist-info/METADATA") and name.count("/") == 1:
            for _, text in _texts(wheel, [name]):
                return licences.normalised(licences.declared(text), None)
    return licences.NO_ASSERTION


def _texts(wheel: zipfile.ZipFile, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        with wheel.open(name) as member:
            content = member.read(MEMBER_BYTES)
        if len(content) < MEMBER_BYTES:
            try:
                yield name, content.decode("utf-8-sig")
            except UnicodeDecodeError:
                continue


def _add_standard(found: LibrarySources, folder: Path, wanted: Collection[str]) -> None:
    """Add the wanted modules of the standard library in its folder on this machine."""
    root = folder.resolve()
    for path in sorted(set(wanted) - found.texts.keys()):
        file = (root / path).resolve()
        is_inside = file.is_relative_to(root) and file.suffix == ".py" and file.is_file()
        if is_inside and file.stat().st_size < MEMBER_BYTES:
            try:
                found.texts[path] = file.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            found.licence_by_path[path] = STANDARD_LICENCE
