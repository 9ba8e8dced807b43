"""The row of `runs` that a stage leaves: what it was asked, read, wrote, dropped and cost."""

import argparse
import contextlib
import json
import platform
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.running.job import Job, Runner, Stage
from pipelines.running.process_costs import costs
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.redaction import redacted
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import AT_A_TIME, Storage, open_file

# Options that say nothing of what a run made: where, by which function, and for `build` alone.
LEFT_OUT = ("command", "data", "run", "dry_run", "renew")
# They decide the bytes of shards, as `config` says, or how long a run takes.
LIBRARIES = (
    "apache-beam", "duckdb", "kingfisher-secret-scanner", "numba", "numpy", "pyarrow",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One run of a stage, as it was begun; `resumed` of its units had been finished before."""

    stage: Stage
    job: Job
    options: argparse.Namespace
    resumed: int

    def row(self, runner: Runner) -> dict[str, Any]:
        """The row without its number, to be asked for right after the commit."""
        spent = costs()
        here = not runner.cluster
        return {
            "stage": self.stage.name,
            "started_at": spent.started_at,
            "settings": settings(self.options),
            "config": self.stage.config,
            "version": VERSION,
            "versions": versions(),
            "runner": runner.name,
            "workers": runner.workers if here else None,
            "units": len(self.job.units),
            "resumed_units": self.resumed,
            "rows_read": self.job.rows or None,
            "bytes_read": bytes_read(self.stage.data, self.job),
            "written": written(self.stage.data, self.stage.datasets),
            "rejects": rejects_by_reason(self.stage),
            "wall_seconds": spent.wall_seconds,
            "cpu_seconds": spent.cpu_seconds if here else None,
            "peak_memory": spent.peak_memory if here else None,
        }


def settings(options: argparse.Namespace) -> str:
    """The arguments of a command as JSON, sorted by name; flags that were not given are left out.

    Of flags for Beam there are only the names: a value may be a key or a password.

    >>> settings(argparse.Namespace(data="d", limit=None, files="s3://KEY:SECRET@b/a", seed=0))
    '{"files": "s3://b/a", "seed": 0}'
    >>> settings(argparse.Namespace(beam_flags=["--a=1", "--s3_secret_access_key", "SECRET"]))
    '{"beam_flags": ["--a", "--s3_secret_access_key"]}'
    """
    known = {name: value for name, value in vars(options).items() if name not in LEFT_OUT}
    if flags := known.get("beam_flags"):
        known["beam_flags"] = [flag.partition("=")[0] for flag in flags if flag.startswith("--")]
    given = {name: _plain(value) for name, value in known.items() if _is_given(value)}
    return json.dumps(given, sort_keys=True, ensure_ascii=False)


def _is_given(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], ())


def _plain(value: Any) -> Any:
    """A value for JSON: texts without secrets in URLs, and the name of what has one."""
    if isinstance(value, str):
        return redacted(value)
    if hasattr(value, "name"):
        return value.name
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | float) else redacted(str(value))


def versions() -> list[str]:
    """Python and the libraries that decide bytes, as `name==1.0`."""
    found = [f"{name}=={version(name)}" for name in LIBRARIES]
    return [f"python=={platform.python_version()}", *found]


def bytes_read(data: Storage, job: Job) -> int | None:
    """The stored bytes of the datasets and files that a job reads; None if it reads none.

    A file that is gone, or whose size cannot be asked for, counts nothing.
    """
    manifests = [read_manifest(data, name) or {"bytes": 0} for name in job.inputs]
    return sum(m["bytes"] for m in manifests) + _sizes(job.files) or None


def _sizes(files: Sequence[str]) -> int:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return sum(pool.map(_size, files))


def _size(file: str) -> int:
    with contextlib.suppress(OSError, UsageError), open_file(file) as opened:
        return int(opened.size())
    return 0


def written(data: Storage, datasets: Sequence[str]) -> list[dict[str, Any]]:
    """Rows and bytes of each committed dataset."""
    manifests = [(name, read_manifest(data, name) or {"rows": 0, "bytes": 0}) for name in datasets]
    return [{"dataset": name, "rows": m["rows"], "bytes": m["bytes"]} for name, m in manifests]


def rejects_by_reason(stage: Stage) -> list[dict[str, Any]]:
    """How many rows a stage has rejected for each reason, the most frequent first."""
    name = f"rejects/{stage.name}"
    if name not in stage.datasets:
        return []
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for found in pool.map(_reasons, shard_files(stage.data, name)):
            counts.update(found)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"reason": reason, "rows": rows} for reason, rows in ordered]


def _reasons(shard: str) -> dict[str, int]:
    with open_parquet(shard) as parquet, reading(shard):
        column = parquet.read(["reason"], use_threads=False)["reason"]
    found: pa.StructArray = pc.value_counts(column)
    return {each["values"]: each["counts"] for each in found.to_pylist()}
