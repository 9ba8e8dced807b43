"""The samples of the problems of a unit, which the worker that tries it reads."""

from collections.abc import Iterable

from transforms.lib.completions.samples import read_samples as read_samples_file
from transforms.lib.problems.problem_units import READ_DATASETS, ProblemUnit, read_problems
from transforms.lib.skeleton.storage import Storage


def samples_of_problems(
    data: Storage, units: Iterable[ProblemUnit], file: str
) -> dict[str, list[str]]:
    """The completions in a file of samples by problem_id; an empty list for a problem without any.

    Raises UsageError for a sample of a problem that no unit has.
    """
    tables = [read_problems(data, unit, ["problem_id"]) for unit in units]
    ids = {each for table in tables for each in table["problem_id"].to_pylist()}
    completions: dict[str, list[str]] = {each: [] for each in sorted(ids)}
    for sample in read_samples_file(file, ids, f"in {' or '.join(READ_DATASETS)} of {data.path()}"):
        completions[sample.task_id].append(sample.completion)
    return completions


def _samples(unit: ProblemUnit) -> str:
    """The name of the file with the samples of a unit: lists of completions by problem_id."""
    return f"_work/verify/samples/{unit.name}.json"


def write_samples(
    data: Storage, units: Iterable[ProblemUnit], samples: dict[str, list[str]]
) -> None:
    """Put the completions, by problem_id, where the worker of a problem's unit reads them."""
    for unit in units:
        ids = read_problems(data, unit, ["problem_id"])["problem_id"].to_pylist()
        data.put_json(_samples(unit), {problem_id: samples[problem_id] for problem_id in ids})


def read_samples(data: Storage, unit: ProblemUnit) -> dict[str, list[str]]:
    """The completions of each problem of a unit, by problem_id."""
    samples: dict[str, list[str]] = data.read_json(_samples(unit))
    return samples
