"""Exports that are made of problems: rows, and folders of tasks."""

from typing import Any

import pyarrow as pa

from transforms.feed.exports import EXPORTS
from transforms.feed.exports.harbor import HARBOR_FOLDER, harbor_task, has_task, task_name
from transforms.feed.settings import FeedSettings
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage


def write_problem_exports(
    shards: UnitShards, problems: pa.RecordBatch, settings: FeedSettings
) -> None:
    """Write what is asked for of problems that may be trained on."""
    table = pa.Table.from_batches([problems])
    for export in EXPORTS:
        if export.name in settings.exports and export.of_problems:
            shards.write(export.dataset.name, export.of_problems(table, settings.split))
    if "harbor" in settings.exports:
        for problem in filter(has_task, table.to_pylist()):
            put_task(shards.data, problem)


def put_task(data: Storage, problem: dict[str, Any]) -> None:
    """Write the folder of a problem's task."""
    zipped = problem["environment"] and _lent(data, problem["environment"])
    for name, content in harbor_task(problem, zipped).items():
        data.put(f"{HARBOR_FOLDER}/{task_name(problem)}/{name}", content, durable=False)


def _lent(data: Storage, environment: str) -> bytes:
    """The zip of modules that a problem imports from."""
    with ArchiveStore(data).open(environment) as file:
        return file.read()
