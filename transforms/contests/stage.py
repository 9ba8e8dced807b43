"""How problems of contests become tasks in the manner of HumanEval (Codex section 4.1)."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from schemas import CONTEST_PROBLEMS, CONTEST_SOURCES, by_name, rejects
from transforms.contests import DATASETS, STAGE
from transforms.contests.file_secrets import known_values, secrets_of_unit
from transforms.contests.formats import Extracted, Format
from transforms.contests.formats import by_name as format_named
from transforms.contests.units import ContestUnit
from transforms.lib.detection.masked_files import StoredSecrets
from transforms.lib.detection.policy import Policy
from transforms.lib.detection.shown_texts import shown_rows
from transforms.lib.licences import NO_ASSERTION, is_permissive
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.problems.problem_secrets import apply_policy
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.entry import Entry
from transforms.lib.records.fields import storable
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.memory import reuse_memory
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage

REJECTS = rejects(STAGE)
ENTRIES_AT_A_TIME = 16


def extract_problems(source_format: Format, entry: Entry) -> Iterator[Extracted]:
    """The problems that a format finds in an entry, and a Dropped for each that is none.

    Where files of the entry could not be read, their fault is the reason of what is dropped.
    """
    extracted = list(_extracted(source_format, entry))
    for each in extracted:
        if isinstance(each, Dropped) and entry.faults:
            yield Dropped(*entry.faults[0], each.origin)
        else:
            yield each
    if not extracted and entry.faults:
        yield Dropped(*entry.faults[0])


def _extracted(source_format: Format, entry: Entry) -> Iterator[Extracted]:
    try:
        if entry.record is not None and source_format.of_record:
            yield from source_format.of_record(entry.record)
        elif entry.files and source_format.of_folder:
            yield from source_format.of_folder(entry.place, entry.files)
    except Rejected as error:
        yield Dropped(error.reason, error.value)
    except RecursionError:  # in code that rewrites a tree which is deep, but within the bounds
        yield Dropped("too_deep")


def origin_of(unit: ContestUnit) -> Origin:
    """Where the problems of a unit come from, as far as the unit says: without a path."""
    source_format = format_named(unit.format_name)
    licence = unit.licence or source_format.licence or NO_ASSERTION
    allowed = source_format.redistributable
    free = is_permissive(licence) if allowed is None else allowed
    return Origin(source_format.name, unit.repo, unit.commit, None, licence, free)


def reject_row(dropped: Dropped, origin: Origin) -> dict[str, Any]:
    """The row of rejects of what is no problem."""
    known = {"repo": origin.repo, "path": origin.path, "commit": origin.commit} | dropped.origin
    value = storable(dropped.value) if dropped.value else None
    row = {name: known.get(name) for name in ("repo", "path", "commit")}
    return row | {"reason": dropped.reason, "value": value, "sha256": None, "kept_sha256": None}


@dataclass
class ExtractUnitProblems(beam.DoFn):
    """Writes the shards of units; yields the marker of each unit as JSON."""

    data: Storage
    config: str
    policy: Policy | None = None

    def setup(self) -> None:
        reuse_memory()

    def process(self, unit: ContestUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._extract(unit))

    def _extract(self, unit: ContestUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        source_format, origin = format_named(unit.format_name), origin_of(unit)
        counts = {"unit": unit.index, "entries": 0, "problems": 0, "kept": 0}
        stored = secrets_of_unit(self.data, unit) if self.policy else None
        entries = iter(unit.part.entries())
        while batch := list(itertools.islice(entries, ENTRIES_AT_A_TIME)):
            kept, dropped = self._rows(source_format, batch, origin, stored)
            shards.write(CONTEST_PROBLEMS.name, _table(kept, CONTEST_PROBLEMS.name))
            shards.write(REJECTS.name, _table(dropped, REJECTS.name))
            counts["entries"] += len(batch)
            counts["problems"] += len(kept) + len(dropped)
            counts["kept"] += len(kept)
        row = vars(origin) | counts
        shards.write(CONTEST_SOURCES.name, _table([row], CONTEST_SOURCES.name))
        return shards.commit()

    def _rows(
        self,
        source_format: Format,
        batch: list[Entry],
        origin: Origin,
        stored: StoredSecrets | None,
    ) -> tuple[list[dict], list[dict]]:
        """The rows of `contest_problems` and of the rejects of some entries."""
        kept, known, dropped = list[dict](), list[dict[bytes, str]](), list[dict]()
        for entry in batch:
            here = replace(origin, path=storable(entry.place))
            values = known_values(entry, stored)
            for extracted in extract_problems(source_format, entry):
                if isinstance(extracted, Problem):
                    kept.append(extracted.row(here))
                    known.append(values)
                else:
                    dropped.append(reject_row(extracted, here))
        if self.policy is None:
            return kept, dropped
        return list(apply_policy(kept, self.policy, known)), shown_rows(dropped, ("value",))


def _table(rows: list[dict[str, Any]], dataset: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)


@dataclass
class ExtractProblems(beam.PTransform):
    """The units of a plan to the committed `contest_problems`, `contest_sources` and rejects.

    policy: what is done about secrets; None where `secrets` has not run.
    """

    plan: Plan
    config: str
    policy: Policy | None = None

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        extract = ExtractUnitProblems(data, self.config, self.policy)
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Extract" >> beam.ParDo(extract).with_output_types(str)
            | CommitShards(data, self.config, STAGE, DATASETS)
        )
