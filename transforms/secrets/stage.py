"""Looks for secrets and personal data in files of `corpus`: writes the dataset `secrets`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam

from transforms.lib.detection import find
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.memory import give_back_memory, reuse_memory
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.secrets import DATASETS, STAGE
from transforms.secrets.finding_rows import FILE_COLUMNS, FindingRows
from transforms.secrets.units import ShardUnit


@dataclass
class FindUnitSecrets(beam.DoFn):
    """Takes units and writes what is found in them; yields their markers as JSON."""

    data: Storage
    config: str
    rows: FindingRows

    def setup(self) -> None:
        reuse_memory()

    def process(self, unit: ShardUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._find(unit))

    def _find(self, unit: ShardUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        for batch in read_unit(unit, FILE_COLUMNS):
            shards.write(STAGE, self.rows.of_batch(batch))
            give_back_memory()
        return shards.commit()


def warm_up() -> None:
    """Loads the rules of the detectors, for all workers that are forked from this process."""
    find.warm_up()


@dataclass
class FindSecrets(beam.PTransform):
    """Takes the units of a plan; commits the dataset `secrets`."""

    plan: Plan
    config: str
    rows: FindingRows

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        looking = FindUnitSecrets(data, self.config, self.rows)
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Find" >> beam.ParDo(looking).with_output_types(str)
            | CommitShards(data, self.config, STAGE, DATASETS)
        )
