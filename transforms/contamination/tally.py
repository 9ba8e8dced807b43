"""What a unit counts beside its rows: texts, bytes, and where names of tasks are defined."""

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transforms.lib.skeleton.storage import Storage

PHASE = "counted"


@dataclass
class Tally:
    """texts, size (bytes) and those that could not be checked, by dataset; named: texts that
    define the name, by task."""

    texts: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    named: Counter[int] = field(default_factory=Counter)

    def add(self, dataset: str, content: pa.Array, unchecked: int, named: dict[int, int]) -> None:
        """Count a batch."""
        self.unchecked[dataset] += unchecked
        self.texts[dataset] += len(content)
        self.size[dataset] += pc.sum(pc.binary_length(content.cast(pa.binary()))).as_py() or 0
        self.named.update(named)

    def put(self, data: Storage, stage: str, unit: str) -> None:
        """Keep it beside the unit's marker."""
        value = {
            "texts": self.texts,
            "size": self.size,
            "unchecked": self.unchecked,
            "named": {str(task): count for task, count in self.named.items()},
        }
        data.put_json(_name(stage, unit), value)

    def read(self, data: Storage, stage: str, unit: str) -> None:
        """Add what a unit kept."""
        value = data.read_json(_name(stage, unit))
        self.texts.update(value["texts"])
        self.size.update(value["size"])
        self.unchecked.update(value["unchecked"])
        self.named.update({int(task): count for task, count in value["named"].items()})


def _name(stage: str, unit: str) -> str:
    return f"_work/{stage}/{PHASE}-{unit}.json"
