"""parquet:GLOB, files of code that are in Parquet already, with columns repo, path, content."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from schemas import FILES
from transforms.crawl.project import Project
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives import MEMBER_BYTES
from transforms.lib.errors import UsageError
from transforms.lib.git_ids import git_sha1
from transforms.lib.licences import NO_ASSERTION
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.units import Unit, plan_units, read_unit


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The rows of all Parquet files that the glob `place` matches, but for paths without .py.

    Raises FetchError if no file matches, or one is not Parquet or lacks a column. Rows that turn
    out to be damaged when the tables are read are left out: the row of the source says so, and a
    reject for each row group.
    """
    try:
        files = matching_files(place, is_parquet)
    except UsageError as error:
        raise FetchError("not_found", str(error)) from error
    try:
        units, _ = plan_units(files)
    except UsageError as error:
        raise FetchError("rejected", str(error)) from error
    fetched = FetchedProject(Project(), {"url": place})
    fetched.tables = _tables(units, fetched)
    return fetched


def _tables(units: Sequence[Unit], fetched: FetchedProject) -> Iterator[pa.Table]:
    """Yields the tables of all units; what cannot be read is told in the row of the source."""

    def damaged(fault: str) -> None:
        fetched.project.rejects.append({"reason": "damaged", "value": fault})
        fetched.row.setdefault("reason", fault)
        fetched.row["status"] = "damaged"

    for unit in units:
        try:
            for batch in read_unit(unit, damaged=damaged):
                yield _table(batch, fetched.project)
        except UsageError as error:  # the file is gone, or another, since its footer was read
            damaged(str(error))


def _table(batch: pa.RecordBatch, project: Project) -> pa.Table:
    # As bytes, because nobody has checked that the content in a foreign file is UTF-8.
    position = batch.schema.get_field_index("content")
    raw = batch.set_column(position, "content", batch["content"].cast(pa.binary()))
    return pa.Table.from_pylist(list(_rows(raw.to_pylist(), project)), schema=FILES.schema)


def _rows(rows: list[dict[str, Any]], project: Project) -> Iterator[dict[str, Any]]:
    """Yields rows of `files`; rows that cannot be kept become rejects of the project."""
    for row in rows:
        path, content = row["path"], row["content"]
        if path is not None and not path.endswith(".py"):
            continue
        if fault := _fault(row):
            reject = {name: row[name] for name in ("repo", "path", "commit")}
            project.rejects.append(reject | {"reason": fault[0], "value": fault[1]})
            continue
        digest = hashlib.sha256(content).hexdigest()
        yield row | {
            "content": content.decode(),
            "sha256": digest,
            "raw_sha256": digest,
            "git_sha1": row["git_sha1"] or git_sha1(content),
            "size": row["size"] if row["size"] is not None else len(content),
            "encoding": "utf-8",
            "licence_spdx": row["licence_spdx"] or NO_ASSERTION,
        }


def _fault(row: dict[str, Any]) -> tuple[str, str | None] | None:
    """Reason and value if a row must be rejected, else None."""
    for name in ("content", "repo", "path"):
        if row[name] is None:
            return f"null_{name}", None
    content: bytes = row["content"]
    if len(content) >= MEMBER_BYTES:
        return "too_large", str(len(content))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return "not_utf8", f"at byte {error.start}"
    return ("nul_byte", str(content.index(b"\0"))) if b"\0" in content else None
