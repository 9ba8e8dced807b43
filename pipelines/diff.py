"""diff: what two runs kept, dropped and changed differently, by reason, with examples."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.running.answers import print_table
from pipelines.running.flags import number_from_zero
from pipelines.running.terminal import data_output
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect_to_nothing, create_views
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage
from transforms.report.differences import (
    DIGEST,
    SIDES,
    DatasetDifference,
    Row,
    dataset_differences,
    note_new_versions,
)
from transforms.report.moves import OUTCOMES, Move, moves
from transforms.report.older_datasets import older_datasets
from transforms.report.run_differences import RunDifference, run_differences

if TYPE_CHECKING:
    import duckdb

EPILOG = """DATA is A, OTHER is B. A row is the same row in both by its key: a file by repo, path
and commit, a problem by its problem_id. Where A has one version of a repository, and B another,
they count as the same commit. Then come the rows that a stage kept in one run and dropped in the
other, or dropped for another reason. Times are not compared, nor texts of files, for which their
digests stand.

--json prints an object: a, b, same; runs [stage, what, a, b]; older [side, of, datasets]; datasets
[name, rows, only, changed, columns, uncompared, examples, same], of A and then of B; moves [stage,
was, now, rows, examples].

examples:
  quire diff ./yesterday ./today
  quire diff ./data s3://bucket/data --json --examples 10
  quire diff ./data ./again --fail-on-difference      exit 5 unless the rows are the same
"""
DIFFERENT = 5  # exit code: the outputs are not what they were to be
EXAMPLES = 3
CHANGED = "changed"
ID_CHARACTERS = 22  # of an id such as "functions 3559f2360b09…"
# Datasets whose rows are those that moves are told of.
MOVED = {name for each in OUTCOMES for name in each.datasets} - {"functions"}
DIGEST_CHARACTERS = 12
MOST_LINES = 6  # columns of one changed row
LONGEST_TEXT = 60  # characters of a value in the first table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("other", metavar="OTHER", help="the folder or URL to compare DATA with")
    parser.add_argument(
        "--examples",
        type=number_from_zero,
        default=EXAMPLES,
        metavar="N",
        help=f"most examples of each difference (default: {EXAMPLES})",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--fail-on-difference", action="store_true", help="exit 5 if any row is different"
    )


def run(options: argparse.Namespace) -> int:
    """Print the difference; returns 0, or 5 if rows differ and that is to be a failure."""
    import duckdb

    datas = Storage(options.data), Storage(options.other)
    for data in datas:
        if not committed(data):
            raise UsageError(f"{data.path()}: no committed dataset here")
    with connect_to_nothing() as connection:
        try:
            found = Differences(connection, datas, options.examples)
        except duckdb.Error as error:
            raise UsageError(str(error).splitlines()[0]) from error
        if options.json:
            print(json.dumps(found.as_json(), indent=1))
        else:
            found.print_tables()
    return DIFFERENT if options.fail_on_difference and not found.same else 0


class Differences:
    """All that is different between two runs, A and B."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, datas: tuple[Storage, Storage], examples: int
    ) -> None:
        for side, data in zip(SIDES, datas, strict=True):
            create_views(connection, data, side)
        note_new_versions(connection)
        self._connection, self._datas = connection, datas
        self.runs: list[RunDifference] = run_differences(connection, *datas)
        self.older = [
            (side, of, names)
            for side, data in zip(SIDES, datas, strict=True)
            for of, names in older_datasets(data).items()
        ]
        self.datasets: list[DatasetDifference] = dataset_differences(connection, *datas, examples)
        self.moves: list[Move] = moves(connection, self.datasets, examples)
        self.same = all(each.same for each in self.datasets)

    def as_json(self) -> Row:
        """The difference in a stable shape."""
        one, other = self._datas
        return {
            "a": one.path(),
            "b": other.path(),
            "same": self.same,
            "runs": [each._asdict() for each in self.runs],
            "older": [{"side": s, "of": of, "datasets": names} for s, of, names in self.older],
            "datasets": [asdict(each) | {"same": each.same} for each in self.datasets],
            "moves": [asdict(each) for each in self.moves],
        }

    def print_tables(self) -> None:
        """Print how the runs were made, which rows differ, and what has moved."""
        print(f"A: {self._datas[0].path()}\nB: {self._datas[1].path()}")
        self._print(
            "how they were made",
            ("stage", "what", "A", "B"),
            [(each.stage, each.what, _cut(each.a), _cut(each.b)) for each in self.runs],
        )
        for side in SIDES:
            if line := self._older_line(side):
                print(line)
        for each in self.datasets:
            if each.uncompared:
                names = ", ".join(each.uncompared)
                print(
                    f"{each.name}: {names} are not compared: an older quire wrote one of the runs"
                )
        if self.same:
            rows = sum(each.rows[0] or 0 for each in self.datasets)
            print(f"no difference: {len(self.datasets)} datasets, {rows:,} rows")
            return
        for side, rows in (("A", 1), ("B", 0)):
            if missing := [each.name for each in self.datasets if each.rows[rows] is None]:
                print(f"only {side} has: {', '.join(missing)}")
        different = [each for each in self.datasets if each.in_both and not each.same]
        same = [each.name for each in self.datasets if each.same]
        if same:
            print(f"the same: {', '.join(same)}")
        self._print(
            "rows",
            ("dataset", "A", "B", "only A", "only B", "changed", "columns that changed"),
            [_dataset_cells(each) for each in different],
        )
        self._print("moved", ("stage", "A", "B", "rows", "such as"), map(_move_cells, self.moves))
        self._print(
            "examples",
            ("dataset", "row", "what"),
            (cells for each in different for cells in _example_cells(each)),
        )

    def _older_line(self, side: str) -> str:
        """What is older in a run than what it was made of; nothing if it is all of one build."""
        told = [
            f"made before what is here now of {of}: {', '.join(names)}"
            for each, of, names in self.older
            if each == side
        ]
        return f"{side.upper()}: {'; '.join(told)}; `quire check` says more" if told else ""

    def _print(self, title: str, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
        if cells := list(rows):
            print(f"\n{title}", flush=True)
            print_table(names, cells, data_output())


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}…"


def _dataset_cells(each: DatasetDifference) -> tuple:
    columns = ", ".join(f"{name} {count:,}" for name, count in each.columns.items())
    return (each.name, *each.rows, *each.only, each.changed, columns)


def _move_cells(move: Move) -> tuple:
    return move.stage, move.was, move.now, move.rows, "\n".join(map(_move_line, move.examples))


def _move_line(example: Row) -> str:
    """A place, and in brackets what else is known: the row's id, its value, what stands for it.

    >>> _move_line({"repo": "six", "path": "six.py", "value": "0.81", "instead": "other/six.py"})
    'six/six.py (0.81, kept instead: other/six.py)'
    """
    details = [example["id"][:ID_CHARACTERS] if "id" in example else example.get("value", "")]
    details.append(f"kept instead: {example['instead']}" if "instead" in example else "")
    place = "/".join(example[name] for name in ("repo", "path") if name in example)
    told = ", ".join(filter(None, details))
    return f"{place} ({told})" if told else place


def _example_cells(each: DatasetDifference) -> Iterator[tuple]:
    """A line for each example but for those rows that are in the table of moves."""
    for kind, rows in each.examples.items():
        for row in rows if kind == CHANGED or each.name not in MOVED else ():
            changed = row.get(CHANGED, {})
            key = " ".join(_short(v) for n, v in row.items() if n != CHANGED and v is not None)
            lines = [_change_line(name, values) for name, values in changed.items()]
            if len(lines) > MOST_LINES:
                lines[MOST_LINES:] = [f"and {len(lines) - MOST_LINES} columns more"]
            only = "only A" if kind == "only_a" else "only B"
            yield each.name, key, "\n".join(lines) or only


def _change_line(name: str, values: dict[str, Any]) -> str:
    return f"{name}: {_short(values['a'])} → {_short(values['b'])}" if values else name


def _short(value: Any) -> str:
    """A value as text; of a digest the beginning."""
    text = "null" if value is None else str(value)
    return f"{text[:DIGEST_CHARACTERS]}…" if DIGEST.fullmatch(text) else text
