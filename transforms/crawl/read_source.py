"""Reads one source, whatever its kind; one that cannot be read is a row that says why."""

from typing import Any

from transforms.crawl.exclusions import Exclusions
from transforms.crawl.project import Project
from transforms.crawl.sources import ONLY_READ, SOURCES, FetchedProject, project_of, source_parts
from transforms.lib.archives import ArchiveError
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.rights.opt_outs import NOBODY, OptOuts, repository_at


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
        return without_files(source, known, "excluded", "on the exclusion list")
    for name in (repo, parts.name or project, repository_at(parts.place)):
        if opted := opt_outs.entry({"repo": name, "commit": version}):
            named = known | {"repo": name}
            return without_files(source, named, "opted_out", opted, "opt_out")
    try:
        fetched = dict(SOURCES)[parts.kind](parts.place, fetcher)
    except FetchError as error:
        row = known | {"http_status": error.http_status} | error.row
        failed = without_files(source, row, error.status, error.reason, error.cause)
        failed.row["reason"] += error.when
        return failed
    except ArchiveError as error:
        reason = f"{error.reason} {error.value}".strip()
        return without_files(source, known, "rejected", reason, error.reason)
    except UsageError as error:  # an address that nobody knows, say: other sources can be read
        return without_files(source, known, "rejected", str(error))
    except OSError as error:
        if parts.kind not in ONLY_READ:
            raise
        return without_files(source, known, "unreachable", str(error).split("\n")[0])
    own = fetched.row.get("repo")
    if parts.name or (project and not fetched.certain):
        fetched.row["repo"] = parts.name or project
    for name in (own, fetched.row.get("repo")):
        if exclusions.project(name, fetched.row.get("commit")):
            row = fetched.row | {"repo": name}
            return without_files(source, row, "excluded", "on the exclusion list")
        said = fetched.row | {"repo": name, "holder_domains": fetched.project.holder_domains}
        if opted := opt_outs.entry(said):
            return without_files(source, fetched.row, "opted_out", opted, "opt_out")
    fetched.row["status"] = "ok"
    return fetched


def without_files(
    source: str, row: dict[str, Any], status: str, reason: str, cause: str | None = None
) -> FetchedProject:
    """A project without files, whose row and one reject without a path say why."""
    if cause == "archive_timeout":
        status = "timeout"  # on another day the machine is less busy
    project = Project()
    project.rejects.append({"reason": cause or status, "value": f"{source}: {reason}"})
    return FetchedProject(project, row | {"status": status, "reason": reason})
