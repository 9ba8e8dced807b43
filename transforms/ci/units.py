"""The work units of ci: a project at a commit, whose archive the crawl has kept."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from schemas import REPOSITORIES
from transforms.lib.licences import NO_ASSERTION
from transforms.lib.skeleton.parquet_files import open_parquet, verified
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage

COLUMNS = ["repo", "commit", "archive_sha256", "licence_spdx", "status"]


@dataclass(frozen=True)
class ProjectUnit:
    """A project at a commit. `archive_sha256` is None if no archive of it was kept."""

    index: int
    repo: str
    commit: str | None
    archive_sha256: str | None
    licence_spdx: str

    @property
    def name(self) -> str:
        """The unit in the names of its shards and files."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "ProjectUnit":
        """The unit that `pack` made the JSON of."""
        return cls(**json.loads(content))


def plan_projects(data: Storage) -> list[ProjectUnit]:
    """A unit for each project in the committed `repositories`, in the order of its rows.

    What two sources gave alike is one project.
    """
    rows = {
        (row["repo"], row["commit"], row["archive_sha256"]): row["licence_spdx"] or NO_ASSERTION
        for row in _rows(data)
        if row["status"] == "ok"
    }
    return [ProjectUnit(index, *key, rows[key]) for index, key in enumerate(rows)]


def _rows(data: Storage) -> Iterator[dict[str, str]]:
    for shard in shard_paths(data, REPOSITORIES.name):
        file = data.path(shard)
        with open_parquet(file) as parquet:
            verified([file])
            for batch in parquet.iter_batches(columns=COLUMNS):
                yield from batch.to_pylist()
