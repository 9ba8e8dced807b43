"""Which tasks of an evaluation set are clean: from a list, or from what contamination found."""

import json
import os

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import read_text
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage, is_url

TASK_STATES = "eval_tasks"  # the dataset in which contamination says which tasks are clean


def clean_tasks(place: str, suite: str) -> frozenset[str]:
    """The ids of the clean tasks of a suite.

    `place` is a file of task ids (one a line, or a JSON list), or DATA with `eval_tasks`. Raises
    UsageError if it is neither, or if `eval_tasks` has no task of the suite.
    """
    if not is_url(place) and not os.path.isdir(place):
        return _listed(place)
    data = Storage(place)
    if read_manifest(data, TASK_STATES) is None:
        raise UsageError(f"{data.path()}: no `{TASK_STATES}` here; run `quire contamination` first")
    columns = ["suite", "task_id", "clean"]
    shards = shard_paths(data, TASK_STATES)
    tables = [read_shard(data, shard, columns) for shard in shards]
    rows = [row for table in tables for row in table.to_pylist() if row["suite"] == suite]
    if not rows:
        raise UsageError(f"{data.path()}: `{TASK_STATES}` has no task of {suite}")
    return frozenset(row["task_id"] for row in rows if row["clean"])


def _listed(file: str) -> frozenset[str]:
    """The task ids in a file; UsageError if it is a JSON list of anything else."""
    text = read_text(file)
    if not text.lstrip().startswith("["):
        return frozenset(line.strip() for line in text.splitlines() if line.strip())
    try:
        values = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{file}: not a list of task ids ({error})") from error
    if not all(isinstance(value, str) for value in values):
        raise UsageError(f"{file}: not a list of task ids")
    return frozenset(values)
