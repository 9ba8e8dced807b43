"""apps:PATH, APPS (Hendrycks et al. 2021): its own folders, or JSON Lines or Parquet."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.input_output import judged_problem
from transforms.contests.judged.statement_text import statement_text
from transforms.lib.problems.problem import Description
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import from_json, optional, required

# The files of a problem, by the field of a record that each is.
FILE_FIELDS = {
    "question.txt": "question",
    "solutions.json": "solutions",
    "input_output.json": "input_output",
    "starter_code.py": "starter_code",
    "metadata.json": "metadata",
}


def folder_of(path: str) -> str | None:
    """The folder of a problem that a path belongs to, or None."""
    folder, name = posixpath.split(path)
    return folder if name in FILE_FIELDS else None


def of_folder(path: str, files: Mapping[str, str]) -> Iterator[Extracted]:
    """The problem of a folder."""
    record: dict[str, Any] = {FILE_FIELDS[posixpath.basename(p)]: text for p, text in files.items()}
    try:
        metadata = from_json(record.get("metadata", "{}"))
    except Rejected:
        metadata = {}
    known = (
        {name: metadata.get(name) for name in ("difficulty", "url")}
        if isinstance(metadata, dict)
        else {}
    )
    yield from of_record({"problem_id": posixpath.basename(path)} | known | record)


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    description = Description(
        title=None,
        statement=statement_text(required(record, "question")),
        slug=optional(record, "problem_id"),
        url=optional(record, "url"),
        difficulty=optional(record, "difficulty"),
    )
    yield judged_problem(description, record, "dataset")


FORMAT = Format(
    "apps",
    folder_of=folder_of,
    of_folder=of_folder,
    of_record=of_record,
    fields=("question", "solutions", "input_output"),
    licence="MIT",
    redistributable=False,  # the licence is that of the collection; statements belong to the sites
)
