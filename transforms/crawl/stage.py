"""Crawls sources: writes repositories, files, CI configurations and rejects (Codex section 3.1).

A work unit is a few sources. A worker fetches each politely into the archive store, reads it in
memory and writes one shard per dataset. A source that cannot be fetched is a row, not an error.
"""

import hashlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from schemas import CI_CONFIGS, FILES, REPOSITORIES, by_name, rejects
from transforms.crawl import DATASETS, STAGE
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.project import Project
from transforms.crawl.sources import ONLY_READ, SOURCES, FetchedProject, project_of, source_parts
from transforms.crawl.units import SourceUnit, kept_marker
from transforms.lib.archives import ArchiveError
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.git_ids import git_sha1
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.redaction import redacted
from transforms.lib.rights.left_opt_outs import left_opt_outs
from transforms.lib.rights.opt_outs import NOBODY, OptOuts, repository_at
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage

REJECTS = rejects(STAGE)
REJECTS_AT_A_TIME = 20_000  # rows of a source that are held; a corpus may have millions of stubs
FILES_TABLE_BYTES = 32_000_000  # of original files, whose rows are one table of `files`


def read_source(
    source: str,
    fetcher: Fetcher,
    exclusions: Exclusions,
    project: str = "",
    opt_outs: OptOuts = NOBODY,
) -> FetchedProject:
    """The project of a source; without files, but with its status and a reject, if that fails.

    `project` is how it is called if it is no release, which says its name itself.
    """
    parts = source_parts(source)
    assert parts, source
    repo, version = project_of(source)
    known = {"repo": repo, "commit": version}
    if exclusions.source(source) or exclusions.project(repo, version):
        return _without_files(source, known, "excluded", "on the exclusion list")
    for name in (repo, parts.name or project, repository_at(parts.place)):
        if opted := opt_outs.entry({"repo": name, "commit": version}):
            named = known | {"repo": name}
            return _without_files(source, named, "opted_out", opted, "opt_out")
    try:
        fetched = dict(SOURCES)[parts.kind](parts.place, fetcher)
    except FetchError as error:
        row = known | {"http_status": error.http_status} | error.row
        failed = _without_files(source, row, error.status, error.reason, error.cause)
        failed.row["reason"] += error.when
        return failed
    except ArchiveError as error:
        reason = f"{error.reason} {error.value}".strip()
        return _without_files(source, known, "rejected", reason, error.reason)
    except UsageError as error:  # an address that nobody knows, say: other sources can be read
        return _without_files(source, known, "rejected", str(error))
    except OSError as error:
        if parts.kind not in ONLY_READ:
            raise
        return _without_files(source, known, "unreachable", str(error).split("\n")[0])
    own = fetched.row.get("repo")
    if parts.name or (project and not fetched.certain):
        fetched.row["repo"] = parts.name or project
    for name in (own, fetched.row.get("repo")):
        if exclusions.project(name, fetched.row.get("commit")):
            row = fetched.row | {"repo": name}
            return _without_files(source, row, "excluded", "on the exclusion list")
        said = fetched.row | {"repo": name, "holder_domains": fetched.project.holder_domains}
        if opted := opt_outs.entry(said):
            return _without_files(source, fetched.row, "opted_out", opted, "opt_out")
    fetched.row["status"] = "ok"
    return fetched


def _without_files(
    source: str, row: dict[str, Any], status: str, reason: str, cause: str | None = None
) -> FetchedProject:
    """A project without files, whose row and one reject without a path say why."""
    if cause == "archive_timeout":
        status = "timeout"  # on another day the machine is less busy
    project = Project()
    project.rejects.append({"reason": cause or status, "value": f"{source}: {reason}"})
    return FetchedProject(project, row | {"status": status, "reason": reason})


def tables(
    source: str, fetched: FetchedProject, exclusions: Exclusions, opt_outs: OptOuts = NOBODY
) -> Iterator[tuple[str, pa.Table]]:
    """Yields a project's rows as tables, each with its dataset; sets the counts in its own row.

    Where a source fails midway, its row says so, and what was read of it stays.
    """
    project, known = fetched.project, fetched.row
    release = {name: known.get(name) for name in ("repo", "commit", "stars", "forks", "repo_id")}
    kept, dropped, projects = 0, Counter[str](), Projects()
    try:
        for table in fetched.tables or _file_tables(project, release):
            allowed = _allowed(_opted_in(table, project, opt_outs), project, exclusions)
            kept += allowed.num_rows
            projects.add(allowed)
            yield FILES.name, allowed
            if len(project.rejects) >= REJECTS_AT_A_TIME:
                dropped += _dropped(project.rejects)
                yield REJECTS.name, _reject_table(project.rejects, release)
                project.rejects.clear()
    except (FetchError, UsageError) as error:
        failed = _without_files(source, known, getattr(error, "status", "damaged"), str(error))
        known |= failed.row
        project.rejects += failed.project.rejects
    if fetched.tables and len(projects.names) == 1:
        known |= {"repo": projects.names.pop(), "stars": projects.stars}
    configs = [
        row | release | {"archive_sha256": known.get("archive_sha256")}
        for row in _allowed_configs(project, exclusions, opt_outs, release)
    ]
    yield CI_CONFIGS.name, _table(configs, CI_CONFIGS.name)
    yield REJECTS.name, _reject_table(project.rejects, release)
    dropped += _dropped(project.rejects)
    if dropped["opted"]:
        known["reason"] = f"some files have opted out ({dropped['opted']}); an archive is not kept"
    known["kept_files"] = kept
    known["python_files"] = kept + dropped["python"]


@dataclass
class Projects:
    """Which projects tables of `files` are of, two at most, and the most stars that a file has."""

    names: set[str] = field(default_factory=set)
    stars: int | None = None

    def add(self, files: pa.Table) -> None:
        """Count in the rows of one more table."""
        if len(self.names) < 2:
            self.names |= set(pc.unique(files["repo"])[:2].to_pylist())
            stars = [self.stars, pc.max(files["stars"]).as_py()]
            self.stars = max((each for each in stars if each is not None), default=None)


def _dropped(rejects: list[dict[str, Any]]) -> Counter[str]:
    """How many rejects are of Python files, and how many of files that have opted out."""
    files = [row for row in rejects if row.get("path")]
    python = sum(row["path"].endswith(".py") for row in files)
    return Counter(python=python, opted=sum(row.get("reason") == "opt_out" for row in files))


def _reject_table(rejects: list[dict[str, Any]], release: dict[str, Any]) -> pa.Table:
    return _table([_reject(release | row) for row in rejects], REJECTS.name)


def _reject(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"value": redacted(value)} if (value := row.get("value")) else row


def _file_tables(project: Project, release: dict) -> Iterator[pa.Table]:
    rows: list[dict] = []
    size = 0
    for row in project.files:
        rows.append(row | release | {"licence_spdx": project.licence_spdx})
        size += row["size"]
        if size >= FILES_TABLE_BYTES:
            yield _table(rows, FILES.name)
            rows, size = [], 0
    yield _table(rows, FILES.name)


def _allowed(files: pa.Table, project: Project, exclusions: Exclusions) -> pa.Table:
    """The files that are not excluded; the others become rejects of the project."""
    if not exclusions.entries:
        return files
    rows = files.select(["repo", "path", "commit", "sha256", "raw_sha256"]).to_pylist()
    digests = [exclusions.digest(row) for row in rows]
    excluded = [
        bool(digest or exclusions.project(row["repo"], row["commit"]))
        for row, digest in zip(rows, digests, strict=True)
    ]
    for row, digest in itertools.compress(zip(rows, digests, strict=True), excluded):
        project.rejects.append(row | {"reason": "excluded", "value": digest})
    return files.filter(pa.array([not each for each in excluded], pa.bool_()))


def _opted_in(files: pa.Table, project: Project, opt_outs: OptOuts) -> pa.Table:
    """The files of which nobody has opted out; the others become rejects of the project."""
    if not opt_outs:
        return files
    known = ["repo", "path", "commit", "repo_id", "sha256", "raw_sha256", "git_sha1"]
    rows = files.select(known).to_pylist()
    opted = [opt_outs.entry(row) for row in rows]
    for row, entry in zip(rows, opted, strict=True):
        if entry:
            columns = {name: row[name] for name in ("repo", "path", "commit", "sha256")}
            project.rejects.append(columns | {"reason": "opt_out", "value": entry})
    return files.filter(pa.array([entry is None for entry in opted], pa.bool_()))


def _allowed_configs(
    project: Project, exclusions: Exclusions, opt_outs: OptOuts, release: dict
) -> Iterator[dict]:
    """Yields the CI configurations that are not excluded, and of which nobody has opted out.

    Another becomes a reject, unless it is a Python file and has one already.
    """
    for row in project.ci_configs:
        content = row["content"].encode()
        sha256 = hashlib.sha256(content).hexdigest()
        excluded = sha256 in exclusions.entries
        known = {"path": row["path"], "sha256": sha256, "git_sha1": git_sha1(content)}
        opted = opt_outs.entry(release | known)
        if not excluded and not opted:
            yield row
        elif not row["path"].endswith(".py"):
            why = {"reason": "excluded"} if excluded else {"reason": "opt_out", "value": opted}
            project.rejects.append({"path": row["path"], "sha256": sha256} | why)


def _table(rows: list[dict], dataset: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)


@dataclass
class CrawlUnit(beam.DoFn):
    """Takes the units of a slot and writes their shards, source by source; yields the markers."""

    data: Storage
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int
    flags: frozenset[str] = frozenset()

    def setup(self) -> None:
        store = ArchiveStore(self.data)
        self._fetcher = Fetcher(store, self.slots, self.politeness, self.flags)
        self._opt_outs = left_opt_outs(self.data, STAGE)

    def process(self, unit: SourceUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._crawl(unit))

    def _crawl(self, unit: SourceUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        for source, project in zip(unit.sources, unit.projects, strict=True):
            begin = time.monotonic()
            fetched = read_source(source, self._fetcher, self.exclusions, project, self._opt_outs)
            for dataset, table in tables(source, fetched, self.exclusions, self._opt_outs):
                shards.write(dataset, table)
            row = self._row(source, fetched) | {"seconds": time.monotonic() - begin}
            shards.write(REPOSITORIES.name, _table([row], REPOSITORIES.name))
        return shards.commit()

    def _row(self, source: str, fetched: FetchedProject) -> dict:
        project = fetched.project
        parts = source_parts(source)
        texts = {name: redacted(fetched.row.get(name) or "") or None for name in ("url", "reason")}
        return (
            fetched.row
            | texts
            | {
                "source": source,
                "kind": parts and parts.kind,
                "licence_declared": project.licence_declared,
                "licence_detected": project.licence_detected,
                "licence_spdx": project.licence_spdx,
                "holder_domains": project.holder_domains,
                "ci_files": len(project.ci_configs),
                "fetched_at": datetime.now(UTC),
            }
        )


@dataclass
class CrawlSources(beam.PTransform):
    """Takes the units of a plan; commits the datasets of the crawl.

    Each slot is one key, whose sources are crawled one after the other, and has its share of the
    requests that a host is sent a second: the rate holds whatever the number of workers.
    """

    plan: Plan
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int
    flags: frozenset[str] = frozenset()

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        shared = self.exclusions, self.politeness, self.slots, self.flags
        crawl = CrawlUnit(data, self.config, *shared)
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
