"""parquet:GLOB, files that somebody already has as Parquet with repo, path, content."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from schemas import FILES
from transforms.archives import MEMBER_BYTES
from transforms.errors import UsageError
from transforms.fetch import Fetcher, FetchError
from transforms.licences import NO_ASSERTION
from transforms.project import Project
from transforms.sources.found import Found
from transforms.units import matches, plan_units, read_unit

TEXTS = ("repo", "path", "commit", "licence_spdx", "content")


def read(place: str, fetcher: Fetcher) -> Found:
    """The rows of every file that `place` matches; paths that do not end in .py are left out."""
    try:
        files = matches(place)
    except UsageError as error:
        raise FetchError("gone", str(error)) from error
    try:
        units, _ = plan_units(files)
    except UsageError as error:
        raise FetchError("rejected", str(error)) from error
    project = Project()
    batches = (batch for unit in units for batch in read_unit(unit))
    return Found(project, {"url": place}, (_table(batch, project) for batch in batches))


def _table(batch: pa.RecordBatch, project: Project) -> pa.Table:
    # As bytes: nobody has checked that the strings of a foreign file are UTF-8.
    for name in TEXTS:
        column = batch.schema.get_field_index(name)
        batch = batch.set_column(column, name, batch[name].cast(pa.binary()))
    return pa.Table.from_pylist(list(_rows(batch.to_pylist(), project)), schema=FILES.schema)


def _rows(rows: list[dict[str, Any]], project: Project) -> Iterator[dict[str, Any]]:
    for raw in rows:
        if raw["path"] is not None and not raw["path"].endswith(b".py"):
            continue
        row = raw | {name: _text(raw[name]) for name in TEXTS}
        if fault := _fault(raw):
            reject = {name: row[name] for name in ("repo", "path", "commit")}
            project.rejects.append(reject | {"reason": fault[0], "value": fault[1]})
            continue
        digest = hashlib.sha256(raw["content"]).hexdigest()
        yield row | {
            "sha256": digest,
            "raw_sha256": digest,
            "size": row["size"] if row["size"] is not None else len(raw["content"]),
            "encoding": "utf-8",
            "licence_spdx": row["licence_spdx"] or NO_ASSERTION,
        }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")


def _fault(row: dict[str, Any]) -> tuple[str, str | None] | None:
    content: bytes | None = row["content"]
    for name in ("path", "content"):
        if row[name] is None:
            return f"null_{name}", None
    assert content is not None
    if len(content) >= MEMBER_BYTES:
        return "too_large", str(len(content))
    for name in TEXTS:
        try:
            (row[name] or b"").decode()
        except UnicodeDecodeError as error:
            return "not_utf8", f"{name} at byte {error.start}"
    return ("nul_byte", str(content.index(b"\0"))) if b"\0" in content else None
