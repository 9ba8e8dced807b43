"""What is to be sampled: tasks of an evaluation set, problems under DATA, or JSON Lines."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.parquet as pq

from transforms.lib.completions.stop_sequences import PAPER
from transforms.lib.completions.task import Task
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, field_map, read_eval
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

PROBLEMS = ("problems", "contest_problems")  # the first that is committed


@dataclass(frozen=True)
class Prompt:
    """A prompt, and where its completions end: nowhere for whole programs."""

    task_id: str
    prompt: str
    stops: tuple[str, ...] = PAPER


def read_prompts(tasks: str) -> list[Prompt]:
    """The prompts of NAME[=PATH] (an evaluation set), DATA (problems), or a file in HumanEval's
    shape; UsageError if it is none of them."""
    name = tasks.partition("=")[0]
    if name in dict(EVAL_SETS):
        prompts = _of_set(tasks)
    elif "://" in tasks or os.path.isdir(tasks):
        prompts = _of_problems(Storage(tasks))
    else:
        prompts = _of_set(tasks if "=" in tasks else f"tasks={tasks}")
    found = list(prompts)
    if not found:
        raise UsageError(f"{tasks}: no task here has a prompt")
    return found


def _of_set(spec: str) -> Iterator[Prompt]:
    for task in read_eval(spec, field_map("")).tasks:
        begun = Task(task.prompt, task.entry_point, task.test).begins_program
        if task.prompt:
            yield Prompt(task.task_id, task.prompt, PAPER if begun or not task.entry_point else ())


def _of_problems(data: Storage) -> Iterator[Prompt]:
    there = next((name for name in PROBLEMS if read_manifest(data, name)), None)
    if there is None:
        raise UsageError(f"{data.path()}: no `problems` here; run `quire contests` and `verify`")
    for shard in shard_paths(data, there):
        table = pq.read_table(data.open(shard), columns=["problem_id", "prompt", "kind"])
        for row in table.to_pylist():
            stops = () if row["kind"] == "stdio" else PAPER
            yield Prompt(row["problem_id"], row["prompt"], stops)
