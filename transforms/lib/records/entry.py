"""An entry of an input: a folder with the texts of its files, or a record; or why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """`place` is a path in a tree, or FILE:LINE; a faulty entry has the reason and a value."""

    place: str
    files: Mapping[str, str] | None = None
    record: Mapping[str, Any] | None = None
    faults: tuple[tuple[str, str | None], ...] = field(default=())
