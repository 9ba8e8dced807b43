"""parquet:GLOB, files that somebody already has as Parquet with repo, path, content."""

import hashlib
from collections.abc import Iterator

import pyarrow as pa

from schemas import FILES
from transforms.archives import MEMBER_BYTES
from transforms.errors import UsageError
from transforms.fetch import Fetcher, FetchError
from transforms.licences import NO_ASSERTION
from transforms.project import Project
from transforms.sources.found import Found
from transforms.units import matches, plan_units, read_unit


def read(place: str, fetcher: Fetcher) -> Found:
    """The rows of every file that `place` matches; paths that do not end in .py are left out."""
    try:
        units, _ = plan_units(matches(place))
    except UsageError as error:
        raise FetchError("gone", str(error)) from error
    project = Project()
    batches = (batch for unit in units for batch in read_unit(unit))
    return Found(project, {"url": place}, (_table(batch, project) for batch in batches))


def _table(batch: pa.RecordBatch, project: Project) -> pa.Table:
    raw = batch.set_column(2, "content", batch["content"].cast(pa.binary())).to_pylist()
    return pa.Table.from_pylist(list(_rows(raw, project)), schema=FILES.schema)


def _rows(rows: list[dict], project: Project) -> Iterator[dict]:
    for row in rows:
        if not (row["path"] or "").endswith(".py"):
            continue
        content = row["content"]
        if fault := _fault(content):
            reject = {name: row[name] for name in ("repo", "path", "commit")}
            project.rejects.append(reject | {"reason": fault[0], "value": fault[1]})
            continue
        digest = hashlib.sha256(content).hexdigest()
        yield row | {
            "content": content.decode(),
            "sha256": digest,
            "raw_sha256": digest,
            "size": row["size"] if row["size"] is not None else len(content),
            "encoding": "utf-8",
            "licence_spdx": row["licence_spdx"] or NO_ASSERTION,
        }


def _fault(content: bytes | None) -> tuple[str, str | None] | None:
    if content is None:
        return "null_content", None
    if len(content) >= MEMBER_BYTES:
        return "too_large", str(len(content))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return "not_utf8", str(error.start)
    return ("nul_byte", None) if b"\0" in content else None
