"""Units of work over problems before verification: some rows of a committed dataset each."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pyarrow as pa

from schemas import CI_PROBLEMS, CONTEST_PROBLEMS
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
