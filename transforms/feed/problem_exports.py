"""Exports that are made of problems: rows, and the files of tasks beside them."""

from functools import lru_cache, partial

import pyarrow as pa

from transforms.feed.exports import EXPORTS
from transforms.feed.lent_modules import environment_zip
from transforms.feed.selection import splits_of
from transforms.feed.settings import FeedSettings
from transforms.lib.skeleton.shards import UnitShards


def write_problem_exports(
    shards: UnitShards, problems: pa.RecordBatch, settings: FeedSettings
) -> None:
    """Write what is asked for of problems that may be trained on."""
    table = pa.Table.from_batches([problems])
    splits = splits_of(problems)
    lent_zip = lru_cache(1)(partial(environment_zip, shards.data))  # problems of one are together
    for export in (each for each in EXPORTS if each.name in settings.exports):
        if export.of_problems:
            shards.write(export.dataset.name, export.of_problems(table, splits))
        if export.files:
            for problem in table.to_pylist():
                files = export.files(problem, lent_zip(problem["environment"]))
                for path, content in files.items():
                    shards.put_file(export.dataset.name, path, content)
