"""The work units of verify: rows of problems, and the samples of these."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pyarrow as pa

from schemas import CI_PROBLEMS, CONTEST_PROBLEMS
from transforms.lib.completions.samples import read_samples as read_samples_file
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.parquet_files import open_parquet, reading, verified
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

READ_DATASETS = (CONTEST_PROBLEMS.name, CI_PROBLEMS.name)  # those of them that are committed
UNIT_ROWS = 24  # problems: some seconds of work


@dataclass(frozen=True)
class ProblemUnit:
    """Some rows of one row group of a shard: `rows` of them, from the row `first` on."""

    index: int
    shard: str
    group: int
    first: int
    rows: int

    @property
    def name(self) -> str:
        """The unit in the names of its shards and files."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "ProblemUnit":
        """The unit that `pack` made the JSON of."""
        return cls(**json.loads(content))


def committed_problems(data: Storage) -> list[str]:
    """Which of READ_DATASETS are committed; raises UsageError if none is."""
    found = [name for name in READ_DATASETS if read_manifest(data, name)]
    if not found:
        raise UsageError(
            f"{data.path()}: neither `contest_problems` nor `ci_problems` here; "
            "run `quire contests` or `quire ci` first"
        )
    return found


def plan_problems(data: Storage, datasets: Iterable[str]) -> list[ProblemUnit]:
    """The units of these committed datasets, in the order of their rows."""
    units: list[ProblemUnit] = []
    for shard in (path for name in datasets for path in shard_paths(data, name)):
        file = data.path(shard)
        with open_parquet(file) as parquet:
            meta = parquet.metadata
            verified([file])
        for group in range(meta.num_row_groups):
            rows = meta.row_group(group).num_rows
            for first in range(0, rows, UNIT_ROWS):
                size = min(UNIT_ROWS, rows - first)
                units.append(ProblemUnit(len(units), shard, group, first, size))
    return units


def read_problems(data: Storage, unit: ProblemUnit, columns: list[str] | None = None) -> pa.Table:
    """The rows of a unit; only these columns, if they are given."""
    file = data.path(unit.shard)
    with open_parquet(file) as parquet, reading(file, unit.group):
        table = parquet.read_row_group(unit.group, columns, use_threads=False)
    return table.slice(unit.first, unit.rows)


def samples_of_problems(
    data: Storage, units: Iterable[ProblemUnit], file: str
) -> dict[str, list[str]]:
    """The completions in a file of samples by problem_id.

    Raises UsageError for a sample of a problem that no unit has.
    """
    tables = [read_problems(data, unit, ["problem_id"]) for unit in units]
    ids = {each for table in tables for each in table["problem_id"].to_pylist()}
    completions: dict[str, list[str]] = {}
    for sample in read_samples_file(file, ids, f"in {' or '.join(READ_DATASETS)} of {data.path()}"):
        completions.setdefault(sample.task_id, []).append(sample.completion)
    return completions


def _samples(unit: ProblemUnit) -> str:
    """The name of the file with the samples of a unit: lists of completions by problem_id."""
    return f"_work/verify/samples/{unit.name}.json"


def write_samples(
    data: Storage, units: Iterable[ProblemUnit], samples: dict[str, list[str]]
) -> None:
    """Put the completions, by problem_id, where the worker of a problem's unit reads them."""
    for unit in units:
        ids = read_problems(data, unit, ["problem_id"])["problem_id"].to_pylist()
        data.put_json(
            _samples(unit), {problem_id: samples.get(problem_id, []) for problem_id in ids}
        )


def read_samples(data: Storage, unit: ProblemUnit) -> dict[str, list[str]]:
    """The completions of each problem of a unit, by problem_id."""
    samples: dict[str, list[str]] = data.read_json(_samples(unit))
    return samples
