"""taco:PATH, TACO (Li et al. 2023): rows in the shape of APPS, with more said of each problem."""

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged.input_output import judged_problem
from transforms.contests.judged.statements import statement_text
from transforms.lib.problems.problem import Told
from transforms.lib.records.fields import optional, required, tags


def of_record(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The problem of a row."""
    told = Told(
        title=optional(record, "name"),
        statement=statement_text(required(record, "question")),
        url=optional(record, "url"),
        difficulty=optional(record, "difficulty"),
        tags=tags(record.get("tags")),
    )
    yield judged_problem(told, record, "dataset")


CONTEST = Contest(
    "taco",
    of_record=of_record,
    fields=("question", "solutions", "input_output"),
    licence="Apache-2.0",
    redistributable=False,  # the licence is that of the collection; statements belong to the sites
)
