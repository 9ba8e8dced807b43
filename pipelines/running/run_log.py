"""`runs`: a row for each run of a stage that has committed its datasets, in one shard.

Rows are small, so each run writes all of them anew, to a shard of another name, and then the
manifest that names it. A process that is killed in between leaves a file that the next run removes.
"""

import contextlib
import sys
from typing import Any

import pyarrow as pa

from schemas import RUNS
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import (
    Shard,
    read_manifest,
    remove_strays,
    shard_paths,
    write_manifest,
)
from transforms.lib.skeleton.storage import Storage

NAME = RUNS.name
CONFIG = "runs"  # nothing decides its bytes but what has happened


def append_run(data: Storage, row: dict[str, Any]) -> None:
    """Add a row, which gets the next number; the lock of DATA must be held.

    Where earlier rows cannot be read, nothing is written, and a line says so.
    """
    try:
        earlier = _earlier_rows(data)
    except UsageError as error:
        print(f"{row['stage']}: this run is not recorded: {error}", file=sys.stderr)
        return
    number = 1 + max(earlier["run"].to_pylist(), default=0)
    new = pa.Table.from_pylist([row | {"run": number}], RUNS.schema)
    shard = Shard(data, NAME, NAME, f"{number:05d}", CONFIG)
    shard.add(pa.concat_tables([earlier, new]).combine_chunks())
    entry = shard.finish()
    data.to_disk([f"{NAME}/{entry['name']}"])
    write_manifest(data, NAME, CONFIG, [entry])
    remove_strays(data, NAME)


def remove_leftovers(data: Storage) -> None:
    """Remove what killed runs have left beside the shard that the manifest names."""
    data.remove_scratch(NAME)
    with contextlib.suppress(UsageError):  # of a manifest that is none: `append_run` tells of it
        remove_strays(data, NAME)


def _earlier_rows(data: Storage) -> pa.Table:
    """The rows of earlier runs, with the columns of this version; UsageError if one is damaged."""
    shards = list(shard_paths(data, NAME)) if read_manifest(data, NAME) else []
    tables = [_with_columns(read_shard(data, name)) for name in shards]
    return pa.concat_tables([RUNS.schema.empty_table(), *tables])


def _with_columns(table: pa.Table) -> pa.Table:
    """The rows with the columns of this version; null where an older one had none."""
    missing = pa.nulls(len(table))
    columns = [table[n] if n in table.column_names else missing for n in RUNS.schema.names]
    return pa.table(columns, names=RUNS.schema.names).cast(RUNS.schema)
