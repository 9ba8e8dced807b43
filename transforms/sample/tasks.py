"""The prompts to sample: of an evaluation set, of problems under DATA, or of a JSON Lines file."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.stop_sequences import PAPER_STOPS
from transforms.lib.detection.policy import DROP
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, field_map, read_eval
from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.record import read_records
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage, is_url
from transforms.sample import mbpp_prompts
from transforms.sample.chat_prompt import code_message, program_message

# A prompt of code that names no entry point: a completion continues its last definition.
DEFINES = re.compile(r"^[ \t]*(async )?(def|class) ", re.MULTILINE)
VERIFIED = ("problems",)  # what is sampled if it is committed
UNVERIFIED = ("contest_problems", "ci_problems")  # what else is: those of them that are committed
# Sets whose tasks are programs that read standard input, unless they name a function.
PROGRAM_SETS = ("apps", "codecontests", "livecodebench")


@dataclass(frozen=True)
class Prompt:
    """A prompt, and the sequences at which its completions end; none for whole programs.

    `message` is what a chat is asked instead.
    """

    task_id: str
    prompt: str
    stops: tuple[str, ...] = PAPER_STOPS
    message: str = ""

    def in_chat(self) -> "Prompt":
        """The task as the user's message of a chat, whose answers are cut nowhere."""
        return Prompt(self.task_id, self.message, ())


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
    tasks = read_eval(spec, field_map(""))
    if tasks.suite == "mbpp":
        yield from _of_mbpp(tasks.path)
        return
    for task in tasks.tasks:
        runnable = RunnableTask(task.prompt, task.entry_point, task.test)
        stops = PAPER_STOPS if runnable.begins_program or DEFINES.search(task.prompt) else ()
        if task.prompt:
            message = _message(task, runnable.begins_program)
            yield Prompt(task.task_id, task.prompt, stops, message)


def _message(task: EvalTask, begins_program: bool) -> str:
    if begins_program:
        return code_message(task.prompt)
    is_program = task.suite in PROGRAM_SETS and not task.entry_point
    return program_message(task.prompt) if is_program else task.prompt


def _of_mbpp(path: str) -> Iterator[Prompt]:
    records = list(read_records(path))
    examples = mbpp_prompts.solved_examples(records)
    for record in records:
        task_id = f"MBPP/{record.text('task_id')}"
        prompt = mbpp_prompts.prompt(record, examples)
        yield Prompt(task_id, prompt, mbpp_prompts.STOPS, mbpp_prompts.question(record).strip())


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
        table = read_shard(data, shard, ["problem_id", "prompt", "kind", "secrets_action"])
        for row in (row for row in table.to_pylist() if row["secrets_action"] != DROP):
            is_program = row["kind"] == "stdio"
            stops = () if is_program else PAPER_STOPS
            message = (program_message if is_program else code_message)(row["prompt"])
            yield Prompt(row["problem_id"], row["prompt"], stops, message)
