"""Exports that are made of problems: rows, and the files of tasks beside them."""

import pyarrow as pa

from transforms.feed.exports import EXPORTS
from transforms.feed.selection import splits_of
from transforms.feed.settings import FeedSettings
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage


def write_problem_exports(
    shards: UnitShards, problems: pa.RecordBatch, settings: FeedSettings
) -> None:
    """Write what is asked for of problems that may be trained on."""
    table = pa.Table.from_batches([problems])
    splits = splits_of(problems)
    for export in (each for each in EXPORTS if each.name in settings.exports):
        if export.of_problems:
            shards.write(export.dataset.name, export.of_problems(table, splits))
        if export.files:
            for problem in table.to_pylist():
                zipped = environment_zip(shards.data, problem["environment"])
                for path, content in export.files(problem, zipped).items():
                    shards.put_file(export.dataset.name, path, content)


def environment_zip(data: Storage, environment: str | None) -> bytes | None:
    """The zip of modules that a problem imports from; None if it needs none.

    Raises UsageError if it is not in DATA/archives any more.
    """
    if environment is None:
        return None
    store = ArchiveStore(data)
    if not store.has(environment):
        place = data.path(store.name(environment))
        raise UsageError(f"{place}: missing; `quire ci {data.root} --resume` makes it anew")
    with store.open(environment) as file:
        return file.read()
