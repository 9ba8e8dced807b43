"""What `quire strengthen` has made for the problems of a unit: their further tests and figures.

The datasets `tests` and `strength` have their rows in the order of problems, so those of one unit
stand in few row groups. Which these are is found before the workers begin, by the ids alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas import STRENGTH, TESTS
from transforms.lib.errors import UsageError
from transforms.lib.problems.problem_units import ProblemUnit, read_problems
from transforms.lib.skeleton.inputs import made_of
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

MADE_DATASETS = (TESTS.name, STRENGTH.name)  # read if both are committed
TEST_COLUMNS = ["problem_id", "number", "input", "output", "kills"]
STRENGTH_COLUMNS = [
    *("problem_id", "outcome", "oracle", "mutants", "equivalent", "killed_before", "killed_after"),
    *("trivial", "trivial_pass_before", "trivial_pass_after"),
]
MADE_ORIGIN = "strengthen"  # the origin of a made test

Row = dict[str, Any]
Place = tuple[str, int]  # a shard and a row group of it


@dataclass(frozen=True)
class Made:
    """The made tests of a problem in order, and its row of `strength`; None if it has none.

    `kills` has the names of the wrong programs that fail each test.
    """

    tests: Sequence[tuple[str, str]] = ()
    strength: Mapping[str, Any] | None = None
    kills: Sequence[frozenset[str]] = ()

    def lost(self, kept: Iterable[int]) -> frozenset[str]:
        """The wrong programs that none of these made tests is known to fail, and another is."""
        return frozenset().union(*self.kills).difference(*(self.kills[n] for n in kept))


NOTHING_MADE = Made()


def with_made_tests(row: Row, made: Made, kept: Iterable[int] | None = None) -> Row:
    """A row of problems with made tests after those of its source: these, by number, or all."""
    numbers = range(len(made.tests)) if kept is None else kept
    cases = [
        {"input": made.tests[n][0], "output": made.tests[n][1], "origin": MADE_ORIGIN}
        for n in numbers
    ]
    return row | {"tests": [*row["tests"], *cases]}


def committed_made_tests(data: Storage) -> list[str]:
    """MADE_DATASETS if they are committed, else nothing."""
    return list(MADE_DATASETS) if all(read_manifest(data, name) for name in MADE_DATASETS) else []


def require_same_problems(data: Storage, inputs: Mapping[str, str]) -> None:
    """Raise UsageError if the made tests are of other problems than the committed ones.

    `inputs` has a digest of each dataset of problems. One that came after them has none made.
    """
    before = made_of(read_manifest(data, STRENGTH.name))
    for dataset in sorted(before.keys() & inputs.keys()):
        if before[dataset] != inputs[dataset]:
            raise UsageError(
                f"{data.path(STRENGTH.name)}: made of other `{dataset}` than are here; "
                f"run `quire strengthen {data.root} --overwrite` first"
            )


def write_places(data: Storage, units: Iterable[ProblemUnit]) -> None:
    """Put down for the worker of each unit in which row groups its made tests and figures are."""
    places = {name: _places_by_id(data, name) for name in committed_made_tests(data)}
    for unit in units:
        ids = read_problems(data, unit, ["problem_id"])["problem_id"].to_pylist()
        of_unit = {
            name: sorted({place for each in ids for place in by_id.get(each, ())})
            for name, by_id in places.items()
        }
        data.put_json(_places_file(unit), of_unit)


def _places_by_id(data: Storage, dataset: str) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for shard in shard_paths(data, dataset):
        with open_parquet(file := data.path(shard)) as parquet:
            for group in range(parquet.num_row_groups):
                with reading(file, group):
                    table = parquet.read_row_group(group, ["problem_id"], use_threads=False)
                for problem_id in pc.unique(table["problem_id"]).to_pylist():
                    found[problem_id].append((shard, group))
    return found


def _places_file(unit: ProblemUnit) -> str:
    return f"_work/verify/made/{unit.name}.json"


@dataclass
class _OfProblem:
    """What was found of one problem; rows of a second problem with its id count once."""

    tests: dict[int, Row] = field(default_factory=dict)
    strength: Row | None = None


def read_made_tests(data: Storage, unit: ProblemUnit) -> dict[str, Made]:
    """What was made for the problems of a unit, by problem_id; some have nothing."""
    places = data.read_json(_places_file(unit))
    if not places:
        return {}
    problem_ids = read_problems(data, unit, ["problem_id"])["problem_id"].to_pylist()
    found: dict[str, _OfProblem] = defaultdict(_OfProblem)
    for row in _rows(data, places.get(TESTS.name, ()), TEST_COLUMNS, problem_ids):
        found[row["problem_id"]].tests.setdefault(row["number"], row)
    for row in _rows(data, places.get(STRENGTH.name, ()), STRENGTH_COLUMNS, problem_ids):
        found[row["problem_id"]].strength = row
    return {problem_id: _made(each) for problem_id, each in found.items()}


def _made(found: _OfProblem) -> Made:
    rows = [found.tests[number] for number in sorted(found.tests)]
    return Made(
        [(row["input"], row["output"]) for row in rows],
        found.strength,
        [frozenset(row["kills"] or ()) for row in rows],
    )


def _rows(
    data: Storage, places: Iterable[Place], columns: list[str], problem_ids: Sequence[str]
) -> Iterable[Row]:
    wanted = pa.array(problem_ids, pa.string())
    for shard, group in places:
        with open_parquet(file := data.path(shard)) as parquet, reading(file, group):
            table = parquet.read_row_group(group, columns, use_threads=False)
        yield from table.filter(pc.is_in(table["problem_id"], wanted)).to_pylist()
