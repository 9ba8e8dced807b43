"""Exports that are made of problems: rows, and folders of tasks."""

import pyarrow as pa

from transforms.feed.exports import EXPORTS, Export
from transforms.feed.settings import FeedSettings
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage


def write_problem_exports(
    shards: UnitShards, problems: pa.RecordBatch, settings: FeedSettings
) -> None:
    """Write what is asked for of problems that may be trained on."""
    table = pa.Table.from_batches([problems])
    for export in (each for each in EXPORTS if each.name in settings.exports):
        if export.dataset and export.of_problems:
            shards.write(export.dataset.name, export.of_problems(table, settings.split))
        if export.folders:
            for problem in table.to_pylist():
                zipped = _lent(shards.data, problem["environment"])
                for path, content in export.folders(problem, zipped).items():
                    shards.data.put(f"{export_folder(export)}/{path}", content, durable=False)


def export_folder(export: Export) -> str:
    """Where, below DATA, an export has its folders."""
    return f"exports/{export.name}"


def _lent(data: Storage, environment: str | None) -> bytes | None:
    """The zip of modules that a problem imports from; None if it needs none."""
    if environment is None:
        return None
    with ArchiveStore(data).open(environment) as file:
        return file.read()
