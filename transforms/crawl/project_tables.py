"""The rows of a source as tables of each dataset, without what is excluded or has opted out."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas import CI_CONFIGS, FILES, by_name, rejects
from transforms.crawl import STAGE
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.project import Project
from transforms.crawl.read_source import without_files
from transforms.crawl.sources import FetchedProject
from transforms.lib.errors import UsageError
from transforms.lib.git_ids import git_sha1
from transforms.lib.network.fetch import FetchError
from transforms.lib.redaction import redacted
from transforms.lib.rights.opt_outs import NOBODY, OptOuts

REJECTS = rejects(STAGE)
REJECTS_AT_A_TIME = 20_000  # rows of a source that are held; a corpus may have millions of stubs
FILES_TABLE_BYTES = 32_000_000  # of original files, whose rows are one table of `files`


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
        failed = without_files(source, known, getattr(error, "status", "damaged"), str(error))
        known |= failed.row
        project.rejects += failed.project.rejects
    if fetched.tables and len(projects.names) == 1:
        known |= {"repo": projects.names.pop(), "stars": projects.stars}
    configs = [
        row | release | {"archive_sha256": known.get("archive_sha256")}
        for row in _allowed_configs(project, exclusions, opt_outs, release)
    ]
    yield CI_CONFIGS.name, table_of(configs, CI_CONFIGS.name)
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
    return table_of([_reject(release | row) for row in rejects], REJECTS.name)


def _reject(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"value": redacted(value)} if (value := row.get("value")) else row


def _file_tables(project: Project, release: dict) -> Iterator[pa.Table]:
    rows: list[dict] = []
    size = 0
    for row in project.files:
        rows.append(row | release | {"licence_spdx": project.licence_spdx})
        size += row["size"]
        if size >= FILES_TABLE_BYTES:
            yield table_of(rows, FILES.name)
            rows, size = [], 0
    yield table_of(rows, FILES.name)


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


def table_of(rows: list[dict], dataset: str) -> pa.Table:
    """Rows as a table of a dataset; a column that a row lacks is null."""
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)
