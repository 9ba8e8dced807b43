"""Units of an evaluation: some samples each, written under DATA with the tasks for the workers."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from transforms.evaluate import STAGE
from transforms.lib.completions.logprobs import LogProbs
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.samples import Sample
from transforms.lib.skeleton.storage import Storage

SAMPLES = f"_work/{STAGE}/samples"
TASKS = f"{SAMPLES}/tasks.json"
UNITS = 64  # units per run, unless MOST_SAMPLES makes more
MOST_SAMPLES = 256  # per unit: as much as a killed run must repeat


@dataclass(frozen=True)
class SampleUnit:
    """Some samples in a row; `index` is the unit's place in the plan."""

    index: int

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"

    @property
    def file(self) -> str:
        """The name, relative to DATA, of its samples as JSON."""
        return f"{SAMPLES}/{self.name}.json"

    def pack(self) -> bytes:
        """The unit as JSON."""
        return json.dumps(self.index).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "SampleUnit":
        """The unit that was packed."""
        return cls(json.loads(content))


def plan_samples(count: int) -> list[SampleUnit]:
    """The units of so many samples."""
    return [SampleUnit(index) for index in range(-(-count // unit_size(count)))]


def unit_size(count: int) -> int:
    """How many of so many samples are a unit."""
    return min(MOST_SAMPLES, -(-count // UNITS))


def write_samples(
    data: Storage,
    tasks: dict[str, RunnableTask],
    samples: Iterator[Sample],
    units: list[SampleUnit],
    size: int,
) -> None:
    """Write tasks, and `size` samples for each unit, for whoever works on them."""
    data.put_json(TASKS, {task_id: asdict(task) for task_id, task in tasks.items()})
    for unit in units:
        data.put_json(unit.file, [asdict(sample) for sample in itertools.islice(samples, size)])


def read_tasks(data: Storage) -> dict[str, RunnableTask]:
    """The tasks that `write_samples` wrote, by task_id."""
    return {task_id: RunnableTask(**row) for task_id, row in data.read_json(TASKS).items()}


def read_unit(data: Storage, unit: SampleUnit) -> Iterator[Sample]:
    """The samples of a unit."""
    for row in data.read_json(unit.file):
        yield Sample(**row | {"logprobs": LogProbs(**row["logprobs"])})
