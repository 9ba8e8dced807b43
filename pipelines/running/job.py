"""What one run of a stage has to do: the stage, its configuration, its units, its transform."""

import argparse
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from transforms.lib.skeleton.damage import Harm
from transforms.lib.skeleton.plan import Plan, WorkUnit
from transforms.lib.skeleton.shards import (
    MANIFEST,
    clear_work,
    origin_file,
    put_marker,
    read_manifest,
    read_marker,
    replacing_file,
)
from transforms.lib.skeleton.storage import AT_A_TIME, Storage

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

    def finished_units(self, units: Iterable[WorkUnit]) -> int:
        """How many of the units an uncommitted run of this configuration has finished."""
        names = set(self.data.list(f"_work/{self.name}"))
        done = [unit.name for unit in units if f"done-{unit.name}.json" in names]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return sum(map(bool, pool.map(self._is_finished, done)))

    def _is_finished(self, unit: str) -> bool:
        marker = read_marker(self.data, self.name, "done", unit)
        return marker is not None and marker["config"] == self.config

    @property
    def log(self) -> str:
        """Where, below DATA, a failure leaves what its workers said."""
        return f"_work/{self.name}/log.txt"

    def forget_log(self) -> None:
        """Remove the log of an earlier failure, and the folder if nothing else is in it."""
        self.data.delete(self.log)
        if not self.data.list(f"_work/{self.name}", recursive=True):
            clear_work(self.data, self.name)

    def replaced_by(self) -> str | None:
        """The configuration of an unfinished run that replaces committed datasets; None if none."""
        name = replacing_file(self.name)
        return self.data.read(name).decode() if self.data.exists(name) else None

    def start_anew(self) -> None:
        """Remove the unfinished work. What is committed stays until this run's commit."""
        clear_work(self.data, self.name)

    def start(self, job: "Job") -> None:
        """Leave for the workers and the commit what they must know of this run.

        That is whether datasets are replaced, and what they are made of.
        """
        if any(self.data.exists(f"{name}/{MANIFEST}") for name in self.datasets):
            self.data.put(replacing_file(self.name), self.config.encode())
        self.data.put_json(
            origin_file(self.name), {"inputs": dict(job.inputs), "schemes": dict(job.schemes)}
        )

    def reopen(self, job: "Job", harmed: Collection[Harm]) -> None:
        """Give each unit of a committed run its markers back, but for those with a harmed shard."""
        lost = {(harm.dataset, harm.name) for harm in harmed}
        entries: dict[tuple[str, str], list[dict]] = {}
        for dataset in self.datasets:
            for shard in (read_manifest(self.data, dataset) or {"shards": []})["shards"]:
                entries.setdefault((dataset, shard["unit"]), []).append(shard)
        for unit in job.units:
            for phase, datasets in job.phases.items():
                shards = [s for name in datasets for s in entries.get((name, unit.name), [])]
                if not any((shard["dataset"], shard["name"]) in lost for shard in shards):
                    put_marker(
                        self.data, self.name, phase, unit.name, self.config, shards, durable=False
                    )


# Builds the stage's transform from its plan, its configuration, and where large values of the
# shuffle are spilled (None where the runner's own shuffle spills them).
MakeTransform = Callable[[Plan, str, Storage | None], "PTransform"]


class Runner(NamedTuple):
    """What ran a pipeline: Beam's name of it, whether it is a cluster, and the workers here."""

    name: str | None = None
    cluster: bool = False
    workers: int | None = None


WITHOUT_PIPELINE = Runner()  # where there was no unit of work


def nothing(stage: Stage) -> list[dict]:
    """The shards that a stage without units commits: none, so that its datasets are empty."""
    return []


@dataclass(frozen=True)
class Job:
    """What one run of a stage has to do.

    - `config`: a digest of all that decides the bytes, see `config_of`.
    - `units`, and how many `rows` they hold: the plan.
    - `transform`: the PTransform that takes the plan to the committed datasets.
    - `description`: the first line of what --dry-run prints.
    - `foretold`: further lines of it, which say of what the stage alone knows: sources, requests.
    - `markers`: how many markers the run leaves, for the progress bar.
    - `news`: what the workers have said since it was last asked, as lines for the terminal.
    - `more`: whether there is something to do although the datasets are committed.
    - `folders`: where it writes beside its datasets, for good.
    - `begin`: writes, under the lock, what workers read beside their units.
    - `without_units`: the shards to commit if there is no unit.
    - `inputs`: the datasets of DATA that it reads, each with a digest, as `read_inputs` says.
    - `files`: the files that it reads elsewhere, by path or URL.
    - `obsolete`: datasets of the stage that its commit removes, because this run has none of them.
    - `schemes`: the names of the schemes that decide which rows are alike.
    - `phases`: the datasets whose shards the marker of each phase lists, if a unit can be made anew
      alone; without any, a shard that is gone has the whole stage made anew.
    - `mends`: the harmed shards, if `units` are already those that make them anew.
    """

    datasets: tuple[str, ...]
    config: str
    units: Sequence[WorkUnit]
    transform: MakeTransform
    description: str
    foretold: Callable[[], Sequence[str]] = tuple
    rows: int = 0
    markers: int = 0
    news: Callable[[], Sequence[str]] = tuple
    more: bool = False
    folders: tuple[str, ...] = ()
    begin: Callable[[Stage], None] = field(default=lambda stage: None)
    without_units: Callable[[Stage], list[dict]] = nothing
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[str] = ()
    obsolete: Sequence[str] = ()
    schemes: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mends: Sequence[Harm] | None = None


def config_of(settings: list[Any]) -> str:
    """The configuration of a stage: 16 hex digits of the digest of its settings as JSON."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]


def limited(items: Sequence[Item], options: argparse.Namespace) -> Sequence[Item]:
    """The first --limit of the items; all without the flag."""
    return items[: options.limit] if options.limit else items
