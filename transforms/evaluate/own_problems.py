"""The verified problems of DATA as an evaluation set: `--eval DATA`, or `--eval NAME=DATA`.

A completion is judged as `verify` has judged the reference: its process gets the arguments of the
structured `tests`, and what comes back is compared outside the sandbox by the problem's rule. It is
lent the environment of its problem. Tasks are held without their tests, which a worker reads for
the samples of one unit at a time.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas import PROBLEMS
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.stop_sequences import cut
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EvalSet, EvalTask
from transforms.lib.problems.lent_environment import NotLent
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.sandbox import Checked, Limits
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.parquet_files import open_parquet, read_shard, reading
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage, absolute, is_url
from transforms.lib.trials.candidate import COPIED_COLUMNS, Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.lib.trials.rules_to_try import verified_rule
from transforms.lib.trials.trial import TRIAL_LIMITS, try_program

TASK_COLUMNS = [
    *("problem_id", "prompt", "entry_point", "canonical_solution", "signature", "statement"),
    *("licence_spdx", "environment", "level"),
]
CANDIDATE_COLUMNS = [*COPIED_COLUMNS, "entry_point", "harness", "tests", "level", "environment"]

Place = tuple[str, int]  # a shard and a row group of it


def data_of_spec(eval_spec: str) -> tuple[str, str] | None:
    """The name and the DATA that --eval means; None if it names a set or a file."""
    has_name = "=" in eval_spec.partition("://")[0]
    if os.path.isdir(eval_spec) or (is_url(eval_spec) and not has_name):
        return PROBLEMS.name, eval_spec
    name, _, place = eval_spec.partition("=")
    has_problems = os.path.isdir(place) and read_manifest(Storage(place), PROBLEMS.name)
    return (name, place) if has_problems or (is_url(place) and name == PROBLEMS.name) else None


def read_problem_set(suite: str, place: str) -> EvalSet:
    """The problems of DATA as tasks without tests, with the digest of the dataset.

    Raises UsageError if there are none, or if an environment that one needs is not there.
    """
    data = Storage(absolute(place))
    digest = read_inputs(data, [PROBLEMS.name]).get(PROBLEMS.name)
    shards = shard_paths(data, PROBLEMS.name) if digest else ()
    tables = [read_shard(data, shard, TASK_COLUMNS) for shard in shards]
    rows = [row for table in tables for row in table.to_pylist()]
    if not digest or not rows:
        raise UsageError(f"{data.path()}: no `problems` here; run `quire verify` first")
    _require_environments(data, {row["environment"] for row in rows} - {None})
    return EvalSet(suite, data.root, digest, tuple(_task(suite, row) for row in rows))


def _require_environments(data: Storage, environments: Iterable[str]) -> None:
    store = ArchiveStore(data)
    for sha256 in sorted(environments):
        if not store.has(sha256):
            raise UsageError(
                f"{data.path(store.name(sha256))}: not there, and problems are lent it; "
                "run `quire ci` again, or take the folder `archives` along"
            )


def _task(suite: str, row: dict[str, Any]) -> EvalTask:
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


def problem_tasks(problems: EvalSet) -> dict[str, RunnableTask]:
    """The tasks by id, without a check: their tests are read by the worker that runs them."""
    return {t.task_id: RunnableTask(t.prompt, t.entry_point, "") for t in problems.tasks}


@dataclass
class ProblemJudge:
    """Judges completions of the problems of DATA, in sandboxes of its own; for one thread."""

    data: Storage
    libraries: tuple[str, ...] = ()
    _problems: dict[str, Candidate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sandboxes = Sandboxes(self.libraries, ArchiveStore(self.data))
        self._places = dict(self._ids())

    def _ids(self) -> Iterator[tuple[str, Place]]:
        for shard in shard_paths(self.data, PROBLEMS.name):
            with open_parquet(file := self.data.path(shard)) as parquet:
                for group in range(parquet.num_row_groups):
                    with reading(file, group):
                        table = parquet.read_row_group(group, ["problem_id"], use_threads=False)
                    for problem_id in table["problem_id"].to_pylist():
                        yield problem_id, (shard, group)

    def load(self, problem_ids: Iterable[str]) -> None:
        """Read these problems with their tests, in place of those that were read before."""
        wanted = defaultdict[Place, set[str]](set)
        for problem_id in problem_ids:
            wanted[self._places[problem_id]].add(problem_id)
        self._problems = {}
        for (shard, group), ids in sorted(wanted.items()):
            with open_parquet(file := self.data.path(shard)) as parquet, reading(file, group):
                table = parquet.read_row_group(group, CANDIDATE_COLUMNS, use_threads=False)
            is_wanted = pc.is_in(table["problem_id"], pa.array(sorted(ids), pa.string()))
            for row in table.filter(is_wanted).to_pylist():
                self._problems[row["problem_id"]] = Candidate.of(row)

    def judge(
        self, problem_id: str, completion: str, stops: Sequence[str], limits: Limits
    ) -> Checked:
        """Whether a completion of a loaded problem has every expected answer within the limits.

        A completion is cut at the stop sequences, unless the problem asks for a whole program.
        """
        problem = self._problems[problem_id]
        text = completion if problem.is_program else cut(completion, tuple(stops))
        own_limits = replace(TRIAL_LIMITS, wall=limits.wall, cpu=limits.cpu, memory=limits.memory)
        try:
            sandbox = self._sandboxes.of(0, problem.lent)
        except NotLent as error:
            raise UsageError(f"{problem_id}: its environment cannot be lent: {error}") from error
        order = range(len(problem.tests))
        trial = try_program(sandbox, problem, completed(problem, text), order, own_limits)
        rule = verified_rule(problem)
        passed = trial.passes(problem, rule)
        return Checked(trial.ending, passed, "" if passed else trial.why(problem, rule))

    def close(self) -> None:
        """End the sandboxes."""
        self._sandboxes.close()


def completed(problem: Candidate, completion: str) -> str:
    """The program that a completion makes of the prompt; the completion if it is all of it.

    It is if it cannot follow the prompt, and is a program with the entry point by itself.
    """
    program = problem.prompt + completion
    if problem.is_program or parse_or_none(program):
        return program
    name = problem.entry_point.partition(".")[0]
    tree = parse_or_none(completion)
    is_whole = tree and any(getattr(node, "name", None) == name for node in tree.body)
    return completion if is_whole else program
