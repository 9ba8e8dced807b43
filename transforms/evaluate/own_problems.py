"""The verified problems of DATA as an evaluation set: `--eval DATA`, or `--eval NAME=DATA`.

Tasks are held without their tests, which may be many: a task knows the row group of its problem,
and its judge (`judges/problem_tests.py`) reads that.
"""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from schemas import PROBLEMS
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.detection.policy import DROP
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import Cases, EvalSet, EvalTask
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage, absolute, is_url

JUDGED_BY = "problem"
TASK_COLUMNS = [
    *("problem_id", "prompt", "entry_point", "canonical_solution", "signature", "statement"),
    *("licence_spdx", "environment", "secrets_action"),
]

Row = dict[str, Any]


def data_of_spec(eval_spec: str) -> tuple[str, str] | None:
    """The name and the DATA that --eval means; None if it names a set or a file."""
    has_name = "=" in eval_spec.partition("://")[0]
    if os.path.isdir(eval_spec) or (is_url(eval_spec) and not has_name):
        return PROBLEMS.name, eval_spec
    name, _, place = eval_spec.partition("=")
    has_problems = os.path.isdir(place) and read_manifest(Storage(place), PROBLEMS.name)
    return (name, place) if has_problems or (is_url(place) and name == PROBLEMS.name) else None


def read_problem_set(suite: str, place: str) -> EvalSet:
    """The problems of DATA as tasks, with the digest of the dataset.

    Raises UsageError if there are none, or if an environment that one needs is not there.
    """
    data = Storage(absolute(place))
    digest = read_inputs(data, [PROBLEMS.name]).get(PROBLEMS.name)
    rows = list(_rows(data)) if digest else []
    if not digest or not rows:
        raise UsageError(f"{data.path()}: no `problems` here; run `quire verify` first")
    _require_environments(data, {row["environment"] for row, _ in rows} - {None})
    tasks = tuple(_task(suite, row) for row, _ in rows)
    return EvalSet(suite, data.root, digest, tasks, {row["problem_id"]: c for row, c in rows})


def _rows(data: Storage) -> Iterator[tuple[Row, Cases]]:
    """The rows of problems without their tests, and where these are.

    What is to be dropped for its secrets is no task: `quire sample` does not ask for it either.
    """
    for shard in shard_paths(data, PROBLEMS.name):
        with open_parquet(file := data.path(shard)) as parquet:
            for group in range(parquet.num_row_groups):
                with reading(file, group):
                    table = parquet.read_row_group(group, TASK_COLUMNS, use_threads=False)
                for row in (row for row in table.to_pylist() if row["secrets_action"] != DROP):
                    fields = {"problem_id": row["problem_id"], "file": file, "group": group}
                    yield row, Cases(JUDGED_BY, json.dumps(fields))


def _require_environments(data: Storage, environments: Iterable[str]) -> None:
    store = ArchiveStore(data)
    for sha256 in sorted(environments):
        if not store.has(sha256):
            raise UsageError(
                f"{data.path(store.name(sha256))}: not there, and problems are lent it; "
                "run `quire ci` again, or take the folder `archives` along"
            )


def _task(suite: str, row: Row) -> EvalTask:
    return EvalTask(
        suite=suite,
        version="",
        split="",
        task_id=row["problem_id"],
        entry_point=row["entry_point"] or "",
        prompt=row["prompt"],
        doc=row["statement"] or "",
        signature=row["signature"] or "",
        solutions=(row["prompt"] + row["canonical_solution"],),
        tests="",
        test="",
        licence=row["licence_spdx"] or "",
    )
