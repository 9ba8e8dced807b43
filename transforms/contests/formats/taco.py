"""taco:PATH, TACO (Li et al. 2023): records in the shape of APPS, with more fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.input_output import judged_problem
from transforms.contests.judged.statement_text import statement_text
from transforms.lib.problems.problem import Description
from transforms.lib.records.fields import optional, required, tags


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problem of a record."""
    description = Description(
        title=optional(record, "name"),
        statement=statement_text(required(record, "question")),
        url=optional(record, "url"),
        difficulty=optional(record, "difficulty"),
        tags=tags(record.get("tags")),
    )
    yield judged_problem(description, record, "dataset")


FORMAT = Format(
    "taco",
    of_record=of_record,
    fields=("question", "solutions", "input_output"),
    licence="Apache-2.0",
    redistributable=False,  # the licence is that of the collection; statements belong to the sites
)
