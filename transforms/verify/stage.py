"""Problems to verified problems, verdicts and rejects, by running their programs.

A work unit is some rows of `contest_problems` or `ci_problems`. Its problems are tried in the
sandbox. Then the problems that hold are compared with one another, in one worker and by digests of
their texts and tests, and each unit gets the rows of its duplicates and of its representatives.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from schemas import PROBLEMS, VERDICTS_VERIFY, rejects
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems.problem_secrets import values_hidden
from transforms.lib.problems.problem_units import ProblemUnit, read_problems
from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.write_units import WriteUnits
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.verify import DATASETS, STAGE
from transforms.verify.decision import Decision, decide
from transforms.verify.duplicates import ProblemDigest, find_representatives
from transforms.verify.made_tests import NOTHING_MADE, read_made_tests, with_made_tests
from transforms.verify.units import read_samples

REJECTS = rejects(STAGE)
VALUE_CHARACTERS = 200  # kept of the value of a reject


@dataclass
class TryUnit(beam.DoFn):
    """Takes units and writes their shards of verdicts.

    Yields their markers as JSON, and under the key 0 the digests of the problems that hold.
    """

    data: Storage
    config: str
    libraries: tuple[str, ...]
    sampled: bool

    def setup(self) -> None:
        self._sandboxes = Sandboxes(self.libraries, ArchiveStore(self.data))

    def process(self, unit: ProblemUnit) -> Iterator[Any]:
        marker = finished(self.data, STAGE, "tried", unit.name, self.config)
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker or self._try(unit)))
        yield 0, ("digests", json.dumps(list(self._digests(unit))).encode())

    def _try(self, unit: ProblemUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        samples = read_samples(self.data, unit) if self.sampled else {}
        rows = read_problems(self.data, unit).to_pylist()
        made_of = read_made_tests(self.data, unit)
        decisions = []
        for row in rows:
            completions = samples[row["problem_id"]] if self.sampled else None
            made = made_of.get(row["problem_id"], NOTHING_MADE)
            candidate = Candidate.of(with_made_tests(row, made))
            decision = decide(candidate, self._sandboxes, completions, made)
            decision = without_values(decision, row)
            table = pa.Table.from_pylist(decision.verdicts, schema=VERDICTS_VERIFY.schema)
            shards.write(VERDICTS_VERIFY.name, table)
            decisions.append(decision.without_verdicts())
        self.data.put_json(decisions_file(unit), decisions)
        return shards.commit("tried")

    def _digests(self, unit: ProblemUnit) -> Iterator[list[Any]]:
        """The digest of each problem of a unit that holds, after the numbers of unit and row."""
        rows = read_problems(self.data, unit, DIGESTED_COLUMNS).to_pylist()
        decisions = read_decisions(self.data, unit)
        for number, (row, decision) in enumerate(zip(rows, decisions, strict=True)):
            if decision.reason is None:
                digest = ProblemDigest.of(row, decision.columns["agreeing"])
                yield [unit.index, number, digest.pack()]

    def teardown(self) -> None:
        self._sandboxes.close()


def without_values(decision: Decision, row: dict[str, Any]) -> Decision:
    """The decision on a problem, whose messages repeat no secret that was found in the problem."""
    messages = [decision.value, *(verdict["why"] for verdict in decision.verdicts)]
    value, *whys = values_hidden(row, messages)
    verdicts = [each | {"why": why} for each, why in zip(decision.verdicts, whys, strict=True)]
    return replace(decision, value=value or "", verdicts=verdicts)


DIGESTED_COLUMNS = [
    *("problem_id", "source", "kind", "entry_point", "signature", "statement"),
    *("canonical_solution", "tests", "redistributable"),
]


def decisions_file(unit: ProblemUnit) -> str:
    """The name of the file with the decisions on a unit's problems; the commit removes it."""
    return f"_work/{STAGE}/decided/{unit.name}.json"


def read_decisions(data: Storage, unit: ProblemUnit) -> list[Decision]:
    """The decisions on the problems of a unit, in the order of its rows."""
    return [Decision(**row) for row in data.read_json(decisions_file(unit))]


def find_duplicates(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the digests of all problems that hold, and finds the duplicates among them.

    Yields, by the number of the unit, the row of each duplicate with its representative, and the
    row of each representative once for every duplicate of it. Rows with the id of an earlier one
    (a function that is the same in two versions of a project) are duplicates of that.
    """
    digests = [each for _, content in element[1] for each in json.loads(content)]
    places: dict[str, list[tuple[int, int]]] = {}
    problems: dict[str, ProblemDigest] = {}
    for unit, number, packed in digests:
        problem = ProblemDigest.unpack(packed)
        problems[problem.problem_id] = problem
        places.setdefault(problem.problem_id, []).append((unit, number))
    representatives = find_representatives(problems.values())
    for problem_id, found in places.items():
        first, *others = sorted(found)
        representative = representatives.get(problem_id, problem_id)
        dropped = others if representative == problem_id else [first, *others]
        kept_unit, kept_number = min(places[representative])
        for unit, number in dropped:
            yield unit, ("duplicate", json.dumps([number, representative]).encode())
            yield kept_unit, ("representative", json.dumps(kept_number).encode())


def write_problems(shards: UnitShards, unit: ProblemUnit, messages: list[Packed]) -> None:
    """Write the problems of a unit that hold and are no duplicates, and the rejects."""
    representative_of = dict(json.loads(content) for tag, content in messages if tag == "duplicate")
    representatives = [json.loads(content) for tag, content in messages if tag == "representative"]
    kept, dropped = [], []
    rows = read_problems(shards.data, unit).to_pylist()
    made_of = read_made_tests(shards.data, unit)
    decisions = read_decisions(shards.data, unit)
    for number, (row, decision) in enumerate(zip(rows, decisions, strict=True)):
        representative = representative_of.get(number)
        if representative or decision.reason:
            value = representative or decision.value
            dropped.append(reject_row(row, decision.reason or "duplicate", value))
        else:
            counts = {"duplicates": representatives.count(number)}
            made = made_of.get(row["problem_id"], NOTHING_MADE)
            row = with_made_tests(row, made, decision.made_tests)
            kept.append(row | decision.columns | counts)
    shards.write(PROBLEMS.name, pa.Table.from_pylist(kept, schema=PROBLEMS.schema))
    shards.write(REJECTS.name, pa.Table.from_pylist(dropped, schema=REJECTS.schema))


def reject_row(row: dict[str, Any], reason: str, value: str) -> dict[str, Any]:
    """The reject of a problem; its value begins with the problem_id."""
    same = {name: row[name] for name in ("repo", "path", "commit")}
    value = f"{row['problem_id']} {value}"[:VALUE_CHARACTERS]
    return same | {"reason": reason, "value": value, "sha256": None, "kept_sha256": None}


@dataclass
class VerifyProblems(beam.PTransform):
    """The units of a plan to the committed `verdicts/verify`, `problems` and `rejects/verify`."""

    plan: Plan
    config: str
    libraries: tuple[str, ...] = ()
    sampled: bool = False

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        units = pbegin | PlannedUnits(self.plan)
        tried = units | "Try" >> beam.ParDo(
            TryUnit(self.plan.data, self.config, self.libraries, self.sampled)
        ).with_outputs("markers", main="digests")
        digests = tried.digests | "Digests" >> beam.Map(lambda x: x).with_output_types(Keyed)
        duplicates = (
            digests
            | "Meet problems" >> beam.GroupByKey()
            | "Find duplicates" >> beam.FlatMap(find_duplicates).with_output_types(Keyed)
        )
        sent = units | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        messages = tried.markers, duplicates, sent
        return messages | WriteUnits(self.plan, self.config, DATASETS, write_problems)
