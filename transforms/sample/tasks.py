"""The prompts to sample: of an evaluation set, of problems under DATA, or of a JSON Lines file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.stop_sequences import PAPER_STOPS
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, field_map, read_eval
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage, is_url

VERIFIED = ("problems",)  # what is sampled if it is committed
UNVERIFIED = ("contest_problems", "ci_problems")  # what else is: those of them that are committed


@dataclass(frozen=True)
class Prompt:
    """A prompt, and the sequences at which its completions end; none for whole programs."""

    task_id: str
    prompt: str
    stops: tuple[str, ...] = PAPER_STOPS


def read_prompts(tasks: str) -> list[Prompt]:
    """The prompts that TASKS names, in order.

    `tasks` is NAME or NAME=PATH (an evaluation set), DATA with problems, or the path of a JSON
    Lines file with HumanEval's fields. Raises UsageError if it is none of these or has no prompt.
    """
    name = tasks.partition("=")[0]
    if name in dict(EVAL_SETS):
        prompts = list(_of_eval_set(tasks))
    elif is_url(tasks) or os.path.isdir(tasks):
        prompts = list(_of_problems(Storage(tasks)))
    else:
        own = os.path.isfile(tasks) or "=" not in tasks  # a path may have a "=", too
        prompts = list(_of_eval_set(f"tasks={tasks}" if own else tasks))
    if not prompts:
        raise UsageError(f"{tasks}: no task here has a prompt")
    return prompts


def _of_eval_set(spec: str) -> Iterator[Prompt]:
    for task in read_eval(spec, field_map("")).tasks:
        runnable = RunnableTask(task.prompt, task.entry_point, task.test)
        stops = PAPER_STOPS if runnable.begins_program or not task.entry_point else ()
        if task.prompt:
            yield Prompt(task.task_id, task.prompt, stops)


def _of_problems(data: Storage) -> Iterator[Prompt]:
    verified, unverified = (
        [name for name in names if read_manifest(data, name)] for names in (VERIFIED, UNVERIFIED)
    )
    datasets = verified or unverified
    if not datasets:
        raise UsageError(
            f"{data.path()}: no `problems` here; run `quire contests` or `quire ci`, and `verify`"
        )
    for shard in (path for name in datasets for path in shard_paths(data, name)):
        table = read_shard(data, shard, ["problem_id", "prompt", "kind"])
        for row in table.to_pylist():
            stops = () if row["kind"] == "stdio" else PAPER_STOPS
            yield Prompt(row["problem_id"], row["prompt"], stops)
