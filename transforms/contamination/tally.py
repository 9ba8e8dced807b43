"""What a unit counts beside its rows: texts, bytes, and texts that define a task's name."""

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contamination.units import TextRows
from transforms.lib.skeleton.storage import Storage

PHASE = "counted"  # of the file's name under _work


@dataclass
class Tally:
    """Counts by dataset (texts; size, their bytes; unchecked, those that could not be checked) and
    by task (named, the texts that define a function with the name of its entry point).

    repositories: by dataset and repository, the tasks that are named there.
    """

    texts: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    named: Counter[int] = field(default_factory=Counter)
    repositories: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def add(
        self, dataset: str, texts: TextRows, unchecked: int, named: dict[int, set[int]]
    ) -> None:
        """Add the counts of a batch; named: by row, the tasks whose names it defines."""
        self.unchecked[dataset] += unchecked
        self.texts[dataset] += len(texts)
        sizes = pc.binary_length(texts.content.cast(pa.binary()))
        self.size[dataset] += pc.sum(sizes).as_py() or 0
        for row, tasks in named.items():
            self.named.update(tasks)
            repo = texts.places["repo"][row]
            if repo is not None:
                self.repositories.setdefault((dataset, repo), set()).update(tasks)

    def put(self, data: Storage, stage: str, unit: str) -> None:
        """Write the counts of a unit beside the unit's marker."""
        value = {
            "texts": self.texts,
            "size": self.size,
            "unchecked": self.unchecked,
            "repositories": [
                [*place, sorted(tasks)] for place, tasks in sorted(self.repositories.items())
            ],
            "named": {str(task): count for task, count in self.named.items()},
        }
        data.put_json(_file_name(stage, unit), value)

    def read(self, data: Storage, stage: str, unit: str) -> None:
        """Add the counts that `put` wrote of a unit."""
        value = data.read_json(_file_name(stage, unit))
        self.texts.update(value["texts"])
        self.size.update(value["size"])
        self.unchecked.update(value["unchecked"])
        for dataset, repo, tasks in value["repositories"]:
            self.repositories.setdefault((dataset, repo), set()).update(tasks)
        self.named.update({int(task): count for task, count in value["named"].items()})


def _file_name(stage: str, unit: str) -> str:
    return f"_work/{stage}/{PHASE}-{unit}.json"
