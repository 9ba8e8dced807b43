"""Which tasks of an evaluation set are clean: from a list, or from what contamination found."""

import json
import os

import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import read_text
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

TASKS = "eval_tasks"


def clean_tasks(place: str, suite: str) -> frozenset[str]:
    """The clean tasks of a suite: `place` is a file of task ids, one a line or as a JSON list, or
    DATA with `eval_tasks`. UsageError if it is neither, or knows nothing of the suite."""
    if "://" not in place and not os.path.isdir(place):
        return _listed(place)
    data = Storage(place)
    if read_manifest(data, TASKS) is None:
        raise UsageError(f"{data.path()}: no `{TASKS}` here; run `quire contamination` first")
    columns = ["suite", "task_id", "clean"]
    tables = [pq.read_table(data.open(name), columns=columns) for name in shard_paths(data, TASKS)]
    rows = [row for table in tables for row in table.to_pylist() if row["suite"] == suite]
    if not rows:
        raise UsageError(f"{data.path()}: `{TASKS}` has no task of {suite}")
    return frozenset(row["task_id"] for row in rows if row["clean"])


def _listed(file: str) -> frozenset[str]:
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
