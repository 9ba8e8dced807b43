"""What `quire evaluate` prints at its end: scores and what failed as tables, or all as JSON."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from transforms.evaluate.evaluated import Evaluated
from transforms.evaluate.failure_kinds import FAILURES
from transforms.evaluate.scoring import ALL_TASKS
from transforms.evaluate.task_figures import TaskFigures, slowest, task_figures

if TYPE_CHECKING:
    from rich.table import Table

SCORE_HEADER = ("score", "subset", "tasks", "samples", "value", "95 % interval")
FAILURE_HEADER = ("samples", "count", "share", "cut off by the server")
TASK_HEADER = ("task", "n", "c", "pass@1", "CPU s", "most", "tests", "passed")

# Of `verdicts/evaluate`, that figures are made of.
COLUMNS = ("passed", "failure", "truncated", "cpu", "tests", "tests_passed")


@dataclass(frozen=True)
class ScoreCard:
    """Paths of the files written, rows of `scores`, and notes on what was left out or is odd.

    `failures` are the numbers of failed samples by kind, `truncated` those of them that the server
    has cut off; `tasks` are the figures of each task, in the order of the set.
    """

    results: str
    outputs: dict[str, str]
    scores: list[dict[str, Any]]
    notes: list[str]
    samples: int
    failures: dict[str, int]
    truncated: dict[str, int]
    tasks: list[TaskFigures]


def read(evaluated: Evaluated, results: str, outputs: dict[str, str]) -> ScoreCard:
    """The score card of a committed evaluation; `outputs` are paths by the name of the output."""
    tasks, verdicts = [], 0
    failures, truncated = Counter[str](), Counter[str]()
    for name, rows in evaluated.verdicts_by_task(*COLUMNS).items():
        tasks.append(task_figures(name, rows))
        verdicts += len(rows)
        failures.update(row["failure"] for row in rows if not row["passed"])
        truncated.update(row["failure"] for row in rows if not row["passed"] and row["truncated"])
    return ScoreCard(
        results,
        outputs,
        evaluated.scores,
        [*evaluated.request.notes, *_truncation_note(truncated, failures)],
        verdicts,
        {kind: failures[kind] for kind in FAILURES if failures[kind]},
        {kind: truncated[kind] for kind in FAILURES if truncated[kind]},
        tasks,
    )


def _truncation_note(truncated: Counter[str], failures: Counter[str]) -> list[str]:
    """A note if more than a tenth of what failed had been cut off by the server."""
    if truncated.total() * 10 <= failures.total():
        return []
    return [
        f"{truncated.total()} of {failures.total()} failed samples were cut off by the server "
        "(finish_reason: length): sample with more tokens"
    ]


def pass_at_1(card: ScoreCard) -> float:
    """pass@1 of all tasks."""
    rows = [row for row in card.scores if row["subset"] == ALL_TASKS and row["metric"] == "pass@1"]
    value: float = rows[0]["value"]
    return value


def show(card: ScoreCard, as_json: bool, per_task: bool = False, slow: int = 0) -> None:
    """Print the tables on standard output, the notes and the files on standard error.

    `per_task` adds a table of all tasks, `slow` one of so many of the slowest. As JSON, all of it
    is one printed object.
    """
    if as_json:
        print(json.dumps(asdict(card), indent=1))
        return
    from rich.console import Console

    for note in card.notes:
        print(f"evaluate: {note}", file=sys.stderr)
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(_score_table(card))
    if card.failures:
        console.print(_failure_table(card))
    if per_task:
        console.print(_task_table(card.tasks))
    if slow:
        console.print(_task_table(slowest(card.tasks, slow)))
    print(f"evaluate: verdicts in {card.results}", file=sys.stderr)
    for name, path in card.outputs.items():
        print(f"evaluate: {name} in {path}", file=sys.stderr)


def _score_table(card: ScoreCard) -> "Table":
    rows = []
    for row in card.scores:
        interval = f"{row['low']:.4f} to {row['high']:.4f}"
        counts = f"{row['tasks']:,}", f"{row['samples']:,}"
        rows.append((row["metric"], row["subset"], *counts, f"{row['value']:.4f}", interval))
    return _table(SCORE_HEADER, rows)


def _failure_table(card: ScoreCard) -> "Table":
    """What became of the samples: passed, then each kind of failure."""
    passed = card.samples - sum(card.failures.values())
    rows = [("passed", f"{passed:,}", f"{passed / card.samples:.1%}", "")]
    for kind, count in card.failures.items():
        cut_off = card.truncated.get(kind)
        rows.append(
            (
                FAILURES[kind],
                f"{count:,}",
                f"{count / card.samples:.1%}",
                f"{cut_off:,}" if cut_off else "",
            )
        )
    return _table(FAILURE_HEADER, rows)


def _task_table(tasks: Sequence[TaskFigures]) -> "Table":
    rows = [
        (
            task.task_id if task.task_id.isprintable() else ascii(task.task_id),
            f"{task.n:,}",
            f"{task.c:,}",
            f"{task.pass_at_1:.4f}",
            f"{task.mean_cpu:.3f}",
            f"{task.max_cpu:.3f}",
            "" if task.tests is None else f"{task.tests:,}",
            "" if task.tests_passed is None else f"{task.tests_passed:.1%}",
        )
        for task in tasks
    ]
    return _table(TASK_HEADER, rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich.table import Column, Table

    table = Table(Column(header[0], no_wrap=True), *header[1:])
    for row in rows:
        table.add_row(*row)
    return table
