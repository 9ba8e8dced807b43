"""Problems to verified problems, verdicts and rejects: nothing is believed that was not run.

A work unit is some rows of `contest_problems`. Its problems are tried in the sandbox; then those
that hold are compared with one another, for which digests of statements and tests travel, and each
unit is told which of its problems another stands for.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa

from schemas import PROBLEMS, VERDICTS_VERIFY, rejects
from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.write_units import WriteUnits
from transforms.verify.candidate import Candidate
from transforms.verify.decision import Decision, decide
from transforms.verify.duplicates import ProblemDigest, find_representatives
from transforms.verify.environments import Sandboxes
from transforms.verify.units import ProblemUnit, read_problems, read_samples

STAGE = "verify"
REJECTS = rejects(STAGE)
DATASETS = (VERDICTS_VERIFY.name, PROBLEMS.name, REJECTS.name)
SPREAD = 251  # keys by which units are dealt to workers
FIELD_CHARACTERS = 200  # of a reject's value


@dataclass
class TryUnit(beam.DoFn):
    """Units to their shards of verdicts: yields their markers, and (0, problems that hold)."""

    data: Storage
    config: str
    libraries: tuple[str, ...]
    sampled: bool

    def setup(self) -> None:
        self._sandboxes = Sandboxes(self.libraries)

    def process(self, element: tuple[int, Iterable[ProblemUnit]]) -> Iterator[Any]:
        for unit in sorted(element[1], key=lambda unit: unit.index):
            marker = finished(self.data, STAGE, "tried", unit.name, self.config)
            yield beam.pvalue.TaggedOutput("markers", json.dumps(marker or self._try(unit)))
            yield 0, ("asked", json.dumps(list(self._asked(unit))).encode())

    def _try(self, unit: ProblemUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        samples = read_samples(self.data, unit) if self.sampled else {}
        decisions = []
        for row in read_problems(self.data, unit).to_pylist():
            given = samples[row["problem_id"]] if self.sampled else None
            found = decide(Candidate.of(row), self._sandboxes, given)
            table = pa.Table.from_pylist(found.verdicts, schema=VERDICTS_VERIFY.schema)
            shards.write(VERDICTS_VERIFY.name, table)
            decisions.append(found.without_verdicts())
        self.data.put_json(decided(unit), decisions)
        return shards.commit("tried")

    def _asked(self, unit: ProblemUnit) -> Iterator[list[Any]]:
        rows = read_problems(self.data, unit, ASKED).to_pylist()
        for row, found in zip(rows, read_decisions(self.data, unit), strict=True):
            if found.reason is None:
                yield [unit.index, ProblemDigest.of(row, found.columns["agreeing"]).pack()]

    def teardown(self) -> None:
        self._sandboxes.close()


ASKED = ["problem_id", "kind", "entry_point", "statement", "tests", "redistributable"]


def decided(unit: ProblemUnit) -> str:
    """Where the decisions on a unit's problems stand until the commit."""
    return f"_work/{STAGE}/decided/{unit.name}.json"


def read_decisions(data: Storage, unit: ProblemUnit) -> list[Decision]:
    """The decisions on a unit's problems, in their order."""
    return [Decision(**row) for row in data.read_json(decided(unit))]


def find_duplicates(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """All problems that hold to (unit, the duplicates in it or the problems that gain them)."""
    told = [each for _, content in element[1] for each in json.loads(content)]
    asked = {
        problem.problem_id: (unit, problem)
        for unit, packed in told
        for problem in [ProblemDigest.unpack(packed)]
    }
    for gone, stands in find_representatives(problem for _, problem in asked.values()).items():
        yield asked[gone][0], ("gone", json.dumps([gone, stands]).encode())
        yield asked[stands][0], ("stands", stands.encode())


def send_problems(unit: ProblemUnit) -> Keyed:
    """A unit to whoever collects what is told to it."""
    return unit.index, ("unit", unit.pack())


def write_problems(shards: UnitShards, unit: ProblemUnit, told: list[Packed]) -> None:
    """Write a unit's problems that hold and are no duplicates, and the rejects."""
    gone = dict(json.loads(content) for tag, content in told if tag == "gone")
    stands = [content.decode() for tag, content in told if tag == "stands"]
    kept, dropped = [], []
    rows = read_problems(shards.data, unit).to_pylist()
    for row, found in zip(rows, read_decisions(shards.data, unit), strict=True):
        stand = gone.get(found.problem_id)
        if stand or found.reason:
            dropped.append(reject_row(row, found.reason or "duplicate", stand or found.value))
        else:
            counts = {"duplicates": stands.count(found.problem_id)}
            kept.append(row | found.columns | counts)
    shards.write(PROBLEMS.name, pa.Table.from_pylist(kept, schema=PROBLEMS.schema))
    shards.write(REJECTS.name, pa.Table.from_pylist(dropped, schema=REJECTS.schema))


def reject_row(row: dict[str, Any], reason: str, value: str) -> dict[str, Any]:
    """A dropped problem as a row of rejects: its value begins with its id."""
    same = {name: row[name] for name in ("repo", "path", "commit")}
    told = f"{row['problem_id']} {value}"[:FIELD_CHARACTERS]
    return same | {"reason": reason, "value": told, "sha256": None, "kept_sha256": None}


@dataclass
class VerifyProblems(beam.PTransform):
    """Units of problems to the committed `verdicts/verify`, `problems` and `rejects/verify`."""

    data: Storage
    config: str
    units: list[ProblemUnit]
    libraries: tuple[str, ...] = ()
    sampled: bool = False

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        units = (
            pbegin
            | beam.Create(self.units, reshuffle=False)
            | "Deal"
            >> beam.Map(lambda unit: (unit.index % SPREAD, unit)).with_output_types(
                tuple[int, ProblemUnit]
            )
            | "Spread" >> beam.GroupByKey()
        )
        tried = units | "Try" >> beam.ParDo(
            TryUnit(self.data, self.config, self.libraries, self.sampled)
        ).with_outputs("markers", main="asked")
        asked = tried.asked | "Asked" >> beam.Map(lambda x: x).with_output_types(Keyed)
        duplicates = (
            asked
            | "Meet problems" >> beam.GroupByKey()
            | "Find duplicates" >> beam.FlatMap(find_duplicates).with_output_types(Keyed)
        )
        sent = (
            units
            | "Units" >> beam.FlatMap(lambda dealt: dealt[1]).with_output_types(ProblemUnit)
            | "Send" >> beam.Map(send_problems).with_output_types(Keyed)
        )
        told = tried.markers, duplicates, sent
        return told | WriteUnits(
            self.data, self.config, STAGE, DATASETS, write_problems, ProblemUnit.unpack
        )
