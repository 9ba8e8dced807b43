"""What one run of a stage has to do: the stage, its configuration, its units, its transform."""

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from transforms.lib.skeleton.plan import Plan, WorkUnit
from transforms.lib.skeleton.shards import clear_work, read_manifest, uncommit
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from apache_beam import PTransform

Item = TypeVar("Item")


@dataclass(frozen=True)
class Stage:
    """What one run of a stage writes: its datasets, under one configuration."""

    name: str
    data: Storage
    datasets: tuple[str, ...]
    config: str

    def committed(self) -> bool:
        """Whether every dataset is committed with this configuration."""
        manifests = [read_manifest(self.data, name) for name in self.datasets]
        return all(m is not None and m["config"] == self.config for m in manifests)

    def begun(self) -> bool:
        """Whether anything of an earlier run is there."""
        return any(read_manifest(self.data, name) for name in self.datasets) or self.unfinished()

    def unfinished(self) -> bool:
        """Whether an earlier run left markers and did not reach its commit."""
        return self.markers() > 0

    def markers(self) -> int:
        """How many steps of an uncommitted run are done."""
        names = self.data.list(f"_work/{self.name}")
        return sum(name.endswith(".json") for name in names)

    @property
    def log(self) -> str:
        """Where, below DATA, a failure leaves what its workers said."""
        return f"_work/{self.name}/log.txt"

    def forget_log(self) -> None:
        """Remove the log of an earlier failure, and the folder if nothing else is in it."""
        self.data.delete(self.log)
        if not self.data.list(f"_work/{self.name}", recursive=True):
            clear_work(self.data, self.name)

    def forget(self) -> None:
        """Remove the manifests and the unfinished work, as if the stage had never run."""
        uncommit(self.data, self.datasets)
        clear_work(self.data, self.name)


# Builds the stage's transform from its plan, its configuration, and where large values of the
# shuffle are spilled (None where the runner's own shuffle spills them).
MakeTransform = Callable[[Plan, str, Storage | None], "PTransform"]


def nothing(stage: Stage) -> list[dict]:
    """The shards that a stage without units commits: none, so that its datasets are empty."""
    return []


@dataclass(frozen=True)
class Job:
    """What one run of a stage has to do.

    - `config`: a digest of all that decides the bytes, see `config_of`.
    - `units`, and how many `rows` they hold: the plan.
    - `transform`: the PTransform that takes the plan to the committed datasets.
    - `description`: what --dry-run prints.
    - `markers`: how many markers the run leaves, for the progress bar.
    - `more`: whether there is something to do although the datasets are committed.
    - `begin`: writes, under the lock, what workers read beside their units.
    - `without_units`: the shards to commit if there is no unit.
    """

    datasets: tuple[str, ...]
    config: str
    units: Sequence[WorkUnit]
    transform: MakeTransform
    description: str
    rows: int = 0
    markers: int = 0
    more: bool = False
    begin: Callable[[Stage], None] = field(default=lambda stage: None)
    without_units: Callable[[Stage], list[dict]] = nothing


def config_of(settings: list[Any]) -> str:
    """The configuration of a stage: 16 hex digits of the digest of its settings as JSON."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]


def limited(items: Sequence[Item], options: argparse.Namespace) -> Sequence[Item]:
    """The first --limit of the items; all without the flag."""
    return items[: options.limit] if options.limit else items
