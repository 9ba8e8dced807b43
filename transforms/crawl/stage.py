"""Sources to repositories, files, CI configurations and rejects: the intake (Codex section 3.1).

A work unit is a few sources. It fetches each (politely, into the archive store), reads it in
memory and writes one shard per dataset. A source that fails is a row, never an error.
"""

import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
import pyarrow as pa

from schemas import CI_CONFIGS, FILES, REPOSITORIES, by_name, rejects
from transforms.crawl import DATASETS, STAGE
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.project import Project
from transforms.crawl.sources import SOURCES, Found, project_of
from transforms.crawl.units import SourceUnit, kept_marker
from transforms.lib.archives import ArchiveError
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage

REJECTS = rejects(STAGE)
ROWS_BYTES = 32_000_000  # of text in a row group


def read_source(source: str, fetcher: Fetcher, exclusions: Exclusions) -> Found:
    """What a source gives; a failed or excluded one gives its status, and no rows."""
    kind, _, place = source.partition(":")
    repo, version = project_of(source)
    known = {"repo": repo, "commit": version}
    if source in exclusions.entries or exclusions.project(repo, version):
        return _nothing(source, known, "excluded", "on the exclusion list")
    try:
        found = dict(SOURCES)[kind](place, fetcher)
    except FetchError as error:
        row = known | {"http_status": error.http_status} | error.row
        return _nothing(source, row, error.status, error.reason, error.cause)
    except ArchiveError as error:
        reason = f"{error.reason} {error.value}".strip()
        return _nothing(source, known, "rejected", reason, error.reason)
    if exclusions.project(found.row.get("repo"), found.row.get("commit")):
        return _nothing(source, found.row, "excluded", "on the exclusion list")
    found.row["status"] = "ok"
    return found


def _nothing(
    source: str, row: dict[str, Any], status: str, reason: str, cause: str | None = None
) -> Found:
    """A source without files: its row says why, and so does one reject without a path."""
    project = Project()
    project.rejects.append({"reason": cause or status, "value": f"{source}: {reason}"})
    return Found(project, row | {"status": status, "reason": reason})


def tables(found: Found, exclusions: Exclusions) -> Iterator[tuple[str, pa.Table]]:
    """A project's rows, by dataset, and the counts for its own row."""
    project, known = found.project, found.row
    same = {name: known.get(name) for name in ("repo", "commit", "stars")}
    kept = 0
    for table in found.tables or _file_tables(project, same):
        allowed = _allowed(table, project, exclusions)
        kept += allowed.num_rows
        yield FILES.name, allowed
    configs = [
        row | same | {"archive_sha256": known.get("archive_sha256")}
        for row in _allowed_configs(project, exclusions)
    ]
    yield CI_CONFIGS.name, _table(configs, CI_CONFIGS.name)
    yield REJECTS.name, _table([same | row for row in project.rejects], REJECTS.name)
    known["kept_files"] = kept
    dropped = [row for row in project.rejects if (row.get("path") or "").endswith(".py")]
    known["python_files"] = kept + len(dropped)


def _file_tables(project: Project, same: dict) -> Iterator[pa.Table]:
    rows: list[dict] = []
    held = 0
    for row in project.files:
        rows.append(row | same | {"licence_spdx": project.licence_spdx})
        held += row["size"]
        if held >= ROWS_BYTES:
            yield _table(rows, FILES.name)
            rows, held = [], 0
    yield _table(rows, FILES.name)


def _allowed(files: pa.Table, project: Project, exclusions: Exclusions) -> pa.Table:
    """The files that are not excluded; the others become rejects."""
    if not exclusions.entries:
        return files
    rows = files.select(["repo", "path", "commit", "sha256", "raw_sha256"]).to_pylist()
    excluded = [
        exclusions.file(row) or exclusions.project(row["repo"], row["commit"]) for row in rows
    ]
    for row in itertools.compress(rows, excluded):
        project.rejects.append(row | {"reason": "excluded"})
    return files.filter(pa.array([not each for each in excluded], pa.bool_()))


def _allowed_configs(project: Project, exclusions: Exclusions) -> Iterator[dict]:
    """The CI configurations that are not excluded: what is no Python file has its own reject."""
    for row in project.ci_configs:
        sha256 = hashlib.sha256(row["content"].encode()).hexdigest()
        if sha256 not in exclusions.entries:
            yield row
        elif not row["path"].endswith(".py"):
            reject = {"path": row["path"], "sha256": sha256, "reason": "excluded"}
            project.rejects.append(reject)


def _table(rows: list[dict], dataset: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)


@dataclass
class CrawlUnit(beam.DoFn):
    """Sources of a unit to its shards; yields its marker."""

    data: Storage
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int

    def setup(self) -> None:
        self._fetcher = Fetcher(ArchiveStore(self.data), self.slots, self.politeness)

    def process(self, unit: SourceUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._crawl(unit))

    def _crawl(self, unit: SourceUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        for source in unit.sources:
            begin = time.monotonic()
            found = read_source(source, self._fetcher, self.exclusions)
            for dataset, table in tables(found, self.exclusions):
                shards.write(dataset, table)
            row = self._row(source, found) | {"seconds": time.monotonic() - begin}
            shards.write(REPOSITORIES.name, _table([row], REPOSITORIES.name))
        return shards.commit()

    def _row(self, source: str, found: Found) -> dict:
        project = found.project
        return found.row | {
            "source": source,
            "kind": source.partition(":")[0],
            "licence_declared": project.licence_declared,
            "licence_detected": project.licence_detected,
            "licence_spdx": project.licence_spdx,
            "ci_files": len(project.ci_configs),
            "fetched_at": datetime.now(UTC),
        }


@dataclass
class CrawlSources(beam.PTransform):
    """The units of a plan to the committed datasets of the crawl.

    Each slot is one key, whose units are crawled one after the other, and has its share of the
    requests that a host is sent: the pace holds whatever the number of workers.
    """

    plan: Plan
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        crawl = CrawlUnit(data, self.config, self.exclusions, self.politeness, self.slots)
        crawled = (
            pbegin
            | PlannedUnits(self.plan, self.slots)
            | "Crawl" >> beam.ParDo(crawl).with_output_types(str)
        )
        kept = pbegin | "Kept" >> beam.Create([None], reshuffle=False)
        markers = kept | "Read kept" >> beam.Map(lambda _: kept_marker(data)).with_output_types(str)
        return (
            (crawled, markers)
            | "Markers" >> beam.Flatten()
            | CommitShards(data, self.config, STAGE, DATASETS)
        )
