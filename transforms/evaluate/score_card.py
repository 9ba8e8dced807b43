"""What `quire evaluate` prints at its end: the scores as a table, or as JSON."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

from schemas import SCORES
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage

TABLE_HEADER = ("score", "subset", "tasks", "samples", "value", "95 % interval")


@dataclass(frozen=True)
class ScoreCard:
    """The path of the results file, the rows of `scores`, and notes on what was left out."""

    results: str
    scores: list[dict[str, Any]]
    notes: list[str]


def read(data: Storage, results: str, notes: list[str]) -> ScoreCard:
    """The score card of a committed evaluation."""
    tables = [read_shard(data, shard) for shard in shard_paths(data, SCORES.name)]
    return ScoreCard(results, [row for table in tables for row in table.to_pylist()], notes)


def show(card: ScoreCard, as_json: bool) -> None:
    """Print the scores on standard output, the notes and the results file on standard error.

    As JSON, the notes and the results file are part of the printed object.
    """
    if as_json:
        print(json.dumps(asdict(card), indent=1))
        return
    for note in card.notes:
        print(f"evaluate: {note}", file=sys.stderr)
    from rich.console import Console
    from rich.table import Table

    table = Table(*TABLE_HEADER)
    for row in card.scores:
        interval = f"{row['low']:.4f} to {row['high']:.4f}"
        table.add_row(
            row["metric"],
            row["subset"],
            f"{row['tasks']:,}",
            f"{row['samples']:,}",
            f"{row['value']:.4f}",
            interval,
        )
    Console(markup=False, emoji=False, highlight=False).print(table)
    print(f"evaluate: verdicts in {card.results}", file=sys.stderr)
