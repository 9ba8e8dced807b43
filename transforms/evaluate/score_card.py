"""What an evaluation says at its end: a table for the screen, or JSON."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from schemas import SCORES
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage

COLUMNS = ("score", "subset", "tasks", "samples", "value", "95 % interval")


@dataclass(frozen=True)
class Card:
    """The rows of `scores`, the results file, and notes on what could not be told."""

    results: str
    scores: list[dict[str, Any]]
    notes: list[str]


def read(data: Storage, results: str, notes: list[str]) -> Card:
    """The card of a committed evaluation."""
    tables = [pq.read_table(data.open(name)) for name in shard_paths(data, SCORES.name)]
    return Card(results, [row for table in tables for row in table.to_pylist()], notes)


def show(card: Card, as_json: bool) -> None:
    """Scores on standard output; notes on standard error, with the name of the results file."""
    if as_json:
        print(json.dumps(asdict(card), indent=1))
        return
    for note in card.notes:
        print(f"evaluate: {note}", file=sys.stderr)
    table = Table(*COLUMNS)
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
