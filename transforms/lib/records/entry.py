"""One entry of a source of problems: a record, or a folder with the texts of its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """An entry, or what is wrong with it.

    place: a path in a tree, or FILE:LINE; files: texts by path, of a folder; record: the fields of
    a record; faults: a reason and a value for each file, or for the record, that cannot be read.
    """

    place: str
    files: Mapping[str, str] | None = None
    record: Mapping[str, Any] | None = None
    faults: tuple[tuple[str, str | None], ...] = field(default=())
