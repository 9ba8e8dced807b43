"""Files of libraries that `ci` traced in environments of other projects, and that are listed."""

import zipfile
from collections.abc import Mapping
from typing import Any

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.rights.known_rows import key_rows
from transforms.lib.rights.opt_outs import OptOuts, place_of
from transforms.lib.skeleton.storage import Storage

# What reading a wheel raises that installers take and that is damaged all the same.
UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)


def with_libraries(data: Storage, opt_outs: OptOuts) -> OptOuts:
    """The opt-outs with the places of library functions that `ci` has recorded, and that they mean.

    Their rows are of the project whose tests called them. A library is meant by its distribution's
    name, or by the sha256 of its wheel.
    """
    installed: dict[str, str] = {}
    for _, row in key_rows(data, "environments", ("lock",)) if opt_outs else ():
        for each in row["lock"] or ():
            if entry := opt_outs.entry({"repo": each["name"], "sha256": each["sha256"]}):
                for path in _files(data, each):
                    installed[str(place_of(row | {"path": path}))] = entry
    if not installed:
        return opt_outs
    called = {
        str(place_of(row))
        for _, row in key_rows(data, "calls", ("is_library",))
        if row["is_library"]  # a file of the project itself may have the same path
    }
    found = {place: entry for place, entry in installed.items() if place in called}
    return opt_outs | OptOuts(found=found)


def _files(data: Storage, locked: Mapping[str, Any]) -> list[str]:
    """The paths of the files in a wheel of a lock; none if it is not here."""
    try:
        with ArchiveStore(data).open(locked["sha256"]) as stream, zipfile.ZipFile(stream) as wheel:
            return [name for name in wheel.namelist() if name.endswith(".py")]
    except UNREADABLE:
        return []
