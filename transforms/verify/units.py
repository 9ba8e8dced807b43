"""The samples of the problems of a unit, which the worker that tries it reads."""

from collections.abc import Iterable, Iterator

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.sampled_program import sampled_program
from transforms.lib.completions.samples import Sample
from transforms.lib.completions.samples import read_samples as read_samples_file
from transforms.lib.problems.problem_units import READ_DATASETS, ProblemUnit, read_problems
from transforms.lib.skeleton.storage import Storage


def samples_of_problems(
    data: Storage, units: Iterable[ProblemUnit], file: str
) -> dict[str, list[str]]:
    """The programs in a file of samples by problem_id, none for a problem without samples.

    Of chats' answers they are what these define. Raises UsageError for a sample of a problem that
    no unit has.
    """
    tasks = {problem_id: task for unit in units for problem_id, task in _tasks(data, unit)}
    programs: dict[str, list[str]] = {each: [] for each in sorted(tasks)}
    where = f"in {' or '.join(READ_DATASETS)} of {data.path()}"
    for sample in read_samples_file(file, frozenset(tasks), where):
        program = _program(sample, tasks[sample.task_id])
        programs[sample.task_id].append(program)
    return programs


def _tasks(data: Storage, unit: ProblemUnit) -> Iterator[tuple[str, RunnableTask]]:
    table = read_problems(data, unit, ["problem_id", "prompt", "entry_point"])
    for row in table.to_pylist():
        yield row["problem_id"], RunnableTask(row["prompt"], row["entry_point"] or "", "")


def _program(sample: Sample, task: RunnableTask) -> str:
    if sample.form == "completion":
        return task.prompt + sample.completion
    return sampled_program(sample.completion, sample.form, task).program


def _samples(unit: ProblemUnit) -> str:
    """The name of the file with the samples of a unit: lists of programs by problem_id."""
    return f"_work/verify/samples/{unit.name}.json"


def write_samples(
    data: Storage, units: Iterable[ProblemUnit], samples: dict[str, list[str]]
) -> None:
    """Put the programs, by problem_id, where the worker of a problem's unit reads them."""
    for unit in units:
        ids = read_problems(data, unit, ["problem_id"])["problem_id"].to_pylist()
        data.put_json(_samples(unit), {problem_id: samples[problem_id] for problem_id in ids})


def read_samples(data: Storage, unit: ProblemUnit) -> dict[str, list[str]]:
    """The programs of each problem of a unit, by problem_id."""
    samples: dict[str, list[str]] = data.read_json(_samples(unit))
    return samples
