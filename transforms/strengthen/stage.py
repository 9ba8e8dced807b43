"""Problems to further tests and to figures of what their tests tell apart.

A work unit is some rows of `contest_problems` or `ci_problems`. Its problems are worked on one by
one in the sandbox; no problem needs to know of another.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa

from schemas import STRENGTH, TESTS
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems.problem_secrets import values_hidden
from transforms.lib.problems.problem_units import ProblemUnit, read_problems
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.lib.trials.environments import Sandboxes
from transforms.strengthen import DATASETS, STAGE
from transforms.strengthen.strengthening import strengthen_problem


@dataclass
class StrengthenUnit(beam.DoFn):
    """Takes units, writes their shards of `tests` and `strength`, yields their markers as JSON."""

    data: Storage
    config: str
    libraries: tuple[str, ...]

    def setup(self) -> None:
        self._sandboxes = Sandboxes(self.libraries, ArchiveStore(self.data))

    def process(self, unit: ProblemUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._strengthen(unit))

    def _strengthen(self, unit: ProblemUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        rows = read_problems(self.data, unit).to_pylist()
        results = [strengthen_problem(row, self._sandboxes) for row in rows]
        tests = [test for result in results for test in result.tests]
        strength = [
            result.strength | {"value": values_hidden(row, [result.strength.get("value")])[0]}
            for row, result in zip(rows, results, strict=True)
        ]
        shards.write(TESTS.name, pa.Table.from_pylist(tests, schema=TESTS.schema))
        shards.write(STRENGTH.name, pa.Table.from_pylist(strength, schema=STRENGTH.schema))
        return shards.commit()

    def teardown(self) -> None:
        self._sandboxes.close()


@dataclass
class StrengthenProblems(beam.PTransform):
    """The units of a plan to the committed `tests` and `strength`."""

    plan: Plan
    config: str
    libraries: tuple[str, ...] = ()

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        strengthen = StrengthenUnit(self.plan.data, self.config, self.libraries)
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Strengthen" >> beam.ParDo(strengthen).with_output_types(str)
            | CommitShards(self.plan.data, self.config, STAGE, DATASETS)
        )
