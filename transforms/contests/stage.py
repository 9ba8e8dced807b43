"""Contest problems to tasks in the manner of HumanEval, with their tests (Codex section 4.1)."""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from schemas import CONTEST_PROBLEMS, CONTEST_SOURCES, by_name, rejects
from transforms.contests.formats import Contest, Outcome
from transforms.contests.formats import by_name as contest_named
from transforms.contests.units import ContestUnit
from transforms.lib.licences import NO_ASSERTION, is_permissive
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.entry import Entry
from transforms.lib.records.fields import storable
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.memory import reuse_memory
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage

STAGE = "contests"
DATASETS = (CONTEST_PROBLEMS.name, f"rejects/{STAGE}", CONTEST_SOURCES.name)
REJECTS = rejects(STAGE)
SPREAD = 251  # keys by which units are dealt to workers
BATCH = 16  # entries that are held at a time


def extract_problems(contest: Contest, entry: Entry) -> Iterator[Outcome]:
    """What a format makes of an entry: problems, or why there is none.

    An entry whose files could not all be read, and which therefore is no problem, says so.
    """
    outcomes = list(_extracted(contest, entry))
    for outcome in outcomes:
        if isinstance(outcome, Dropped) and entry.faults:
            yield Dropped(*entry.faults[0], outcome.origin)
        else:
            yield outcome
    if not outcomes and entry.faults:
        yield Dropped(*entry.faults[0])


def _extracted(contest: Contest, entry: Entry) -> Iterator[Outcome]:
    try:
        if entry.record is not None and contest.of_record:
            yield from contest.of_record(entry.record)
        elif entry.files and contest.of_folder:
            yield from contest.of_folder(entry.place, entry.files)
    except Rejected as error:
        yield Dropped(error.reason, error.value)
    except RecursionError:  # of what rewrites a tree that is deep, though not too deep to parse
        yield Dropped("too_deep")


def origin_of(unit: ContestUnit) -> Origin:
    """What is known of the entries of a unit before they are read."""
    contest = contest_named(unit.contest)
    licence = unit.licence or contest.licence or NO_ASSERTION
    allowed = contest.redistributable
    free = is_permissive(licence) if allowed is None else allowed
    return Origin(contest.name, unit.repo, unit.commit, None, licence, free)


def reject_row(dropped: Dropped, origin: Origin) -> dict[str, Any]:
    """The row of rejects for what is no problem."""
    known = {"repo": origin.repo, "path": origin.path, "commit": origin.commit} | dropped.origin
    value = storable(dropped.value) if dropped.value else None
    row = {name: known.get(name) for name in ("repo", "path", "commit")}
    return row | {"reason": dropped.reason, "value": value, "sha256": None, "kept_sha256": None}


@dataclass
class ExtractUnit(beam.DoFn):
    """Units to their shards; yields the marker of each."""

    data: Storage
    config: str

    def setup(self) -> None:
        reuse_memory()

    def process(self, element: tuple[int, Iterable[ContestUnit]]) -> Iterator[str]:
        for unit in sorted(element[1], key=lambda unit: unit.index):
            marker = finished(self.data, STAGE, "done", unit.name, self.config)
            yield json.dumps(marker or self._extract(unit))

    def _extract(self, unit: ContestUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        contest, origin = contest_named(unit.contest), origin_of(unit)
        counts = {"unit": unit.index, "entries": 0, "problems": 0, "kept": 0}
        entries = iter(unit.part.entries())
        while batch := list(itertools.islice(entries, BATCH)):
            kept, dropped = _rows(contest, batch, origin)
            shards.write(CONTEST_PROBLEMS.name, _table(kept, CONTEST_PROBLEMS.name))
            shards.write(REJECTS.name, _table(dropped, REJECTS.name))
            counts["entries"] += len(batch)
            counts["problems"] += len(kept) + len(dropped)
            counts["kept"] += len(kept)
        row = vars(origin) | counts
        shards.write(CONTEST_SOURCES.name, _table([row], CONTEST_SOURCES.name))
        return shards.commit()


def _rows(contest: Contest, batch: list[Entry], origin: Origin) -> tuple[list[dict], list[dict]]:
    """Rows of `contest_problems` and of the rejects for some entries."""
    kept, dropped = list[dict](), list[dict]()
    for entry in batch:
        here = replace(origin, path=storable(entry.place))
        for outcome in extract_problems(contest, entry):
            if isinstance(outcome, Problem):
                kept.append(outcome.row(here))
            else:
                dropped.append(reject_row(outcome, here))
    return kept, dropped


def _table(rows: list[dict[str, Any]], dataset: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)


@dataclass
class ExtractProblems(beam.PTransform):
    """Units of sources to the committed datasets `contest_problems`, `contest_sources`, rejects."""

    data: Storage
    config: str
    units: list[ContestUnit]

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        return (
            pbegin
            | beam.Create(self.units, reshuffle=False)
            | "Deal"
            >> beam.Map(lambda unit: (unit.index % SPREAD, unit)).with_output_types(
                tuple[int, ContestUnit]
            )
            | "Spread" >> beam.GroupByKey()
            | "Extract" >> beam.ParDo(ExtractUnit(self.data, self.config)).with_output_types(str)
            | CommitShards(self.data, self.config, STAGE, DATASETS)
        )
