"""What a format of problems is: which files it reads, and what it makes of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.problem import Dropped, Problem

Outcome = Problem | Dropped


@dataclass(frozen=True)
class Contest:
    """A format: trees of folders (`folder_of` names the folder that a wanted path belongs to,
    `of_folder` reads its files), records of JSONL or Parquet (`of_record`), or both.

    `fields` are those that a record must have. `licence` is that of what is read, where its tree
    states none; `redistributable` whether it covers statements (None: if it is permissive).
    Folders of the same name in several trees are one if `united`. What is no problem may raise
    Unparsable.
    """

    name: str
    folder_of: Callable[[str], str | None] | None = None
    of_folder: Callable[[str, Mapping[str, str]], Iterator[Outcome]] | None = None
    of_record: Callable[[Mapping[str, Any]], Iterator[Outcome]] | None = None
    fields: tuple[str, ...] = ()
    licence: str | None = None
    redistributable: bool | None = None
    united: bool = False
