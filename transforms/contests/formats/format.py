"""What a format of problems is: which files it reads, and which problems it extracts of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.problem import Dropped, Problem

Extracted = Problem | Dropped  # what a format makes of a part of its input


@dataclass(frozen=True)
class Format:
    """A format that `NAME:PATH` is read in: trees of folders, files of records, or both.

    folder_of: the folder that a path of a tree belongs to, None if the format does not read it;
    of_folder: the problems of a folder, of its path and the texts of its files by path; of_record:
    the problems of a record; fields: those that a record must have; licence: of what is read,
    where its tree states none; redistributable: whether statements may be passed on; None: if the
    licence is permissive; united: whether folders of one name in several trees are one.

    `of_folder` and `of_record` raise Rejected where all of a folder or record is no problem.
    """

    name: str
    folder_of: Callable[[str], str | None] | None = None
    of_folder: Callable[[str, Mapping[str, str]], Iterator[Extracted]] | None = None
    of_record: Callable[[Mapping[str, Any]], Iterator[Extracted]] | None = None
    fields: tuple[str, ...] = ()
    licence: str | None = None
    redistributable: bool | None = None
    united: bool = False
