"""Batches of rows that others wrote as tables of `files`; rows that cannot be kept are rejects."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas import FILES
from transforms.crawl.project import Project
from transforms.lib.archives import MEMBER_BYTES
from transforms.lib.git_ids import git_sha1
from transforms.lib.licences import NO_ASSERTION

NEEDED = ("content", "repo", "path")  # in the order in which their lack is the reason


def file_table(batch: pa.RecordBatch, project: Project) -> pa.Table:
    """The rows of a batch with the columns that units have, but for paths without .py.

    What cannot be kept becomes a reject of the project.
    """
    named = pc.ends_with(batch["path"], ".py").fill_null(True)
    if not pc.all(named).as_py():
        batch = batch.filter(named)
    # As bytes, because nobody has checked that the content in a foreign file is UTF-8.
    content = batch["content"].cast(pa.binary())
    first: dict[int, tuple[str, str | None]] = {}
    for row, reason, value in _faults(batch, content):
        first.setdefault(row, (reason, value))
    if first:
        places = batch.select(["repo", "path", "commit"]).take(pa.array(sorted(first)))
        for row, place in zip(sorted(first), places.to_pylist(), strict=True):
            reason, value = first[row]
            project.rejects.append(place | {"reason": reason, "value": value})
        kept = np.ones(len(batch), np.bool_)
        kept[list(first)] = False
        batch, content = batch.filter(pa.array(kept)), content.filter(pa.array(kept))
    return _table(batch, content)


def _faults(
    batch: pa.RecordBatch, content: pa.BinaryArray
) -> Iterator[tuple[int, str, str | None]]:
    """Yields row, reason and value of what must be rejected; of a row the first counts."""
    for row in np.flatnonzero(np.asarray(batch["stub"].is_valid())).tolist():
        if not content[row].is_valid:
            yield row, "stub", batch["stub"][row].as_py()
    for name in NEEDED:
        if batch[name].null_count:
            for row in np.flatnonzero(np.asarray(batch[name].is_null())).tolist():
                yield row, f"null_{name}", None
    lengths = np.asarray(pc.binary_length(content).fill_null(0))
    for row in np.flatnonzero(lengths >= MEMBER_BYTES).tolist():
        yield row, "too_large", str(lengths[row])
    yield from _not_utf8(content)
    if _has_zero(content):
        for row, place in enumerate(pc.find_substring(content, b"\0").to_pylist()):
            if place is not None and place >= 0:
                yield row, "nul_byte", str(place)


def _not_utf8(content: pa.BinaryArray) -> Iterator[tuple[int, str, str]]:
    try:
        content.cast(pa.string())
    except pa.ArrowInvalid:
        for row, value in enumerate(content):
            try:
                (value.as_py() or b"").decode()
            except UnicodeDecodeError as error:
                yield row, "not_utf8", f"at byte {error.start}"


def _has_zero(content: pa.BinaryArray) -> bool:
    """Whether a byte of the values is 0."""
    data = np.frombuffer(_bytes_of(content), np.uint8)
    return bool(len(data)) and not data.min()


def _bytes_of(content: pa.BinaryArray) -> memoryview:
    """The values one behind the other."""
    ends = _ends(content)
    buffer = content.buffers()[2]
    return memoryview(buffer or b"")[ends[0] : ends[-1]]


def _ends(content: pa.BinaryArray) -> NDArray[np.int32]:
    """int32[rows + 1]: where values begin in the data, and the last one ends."""
    buffer = content.buffers()[1]
    if buffer is None or not len(content):
        return np.zeros(1, np.int32)
    return np.frombuffer(buffer, np.int32)[content.offset : content.offset + len(content) + 1]


def _table(batch: pa.RecordBatch, content: pa.BinaryArray) -> pa.Table:
    """The table of rows of which each is kept."""
    data, ends = _bytes_of(content), _ends(content)
    edges = (ends - ends[0]).tolist()
    values = [data[begin:end] for begin, end in zip(edges, edges[1:], strict=False)]
    digests = pa.array([hashlib.sha256(value).hexdigest() for value in values], pa.string())
    given = batch["git_sha1"].to_pylist()
    ids = [known or git_sha1(value) for known, value in zip(given, values, strict=True)]
    columns = {name: batch[name] for name in FILES.schema.names if name in batch.schema.names}
    columns |= {
        "content": content.cast(pa.string()),
        "sha256": digests,
        "raw_sha256": digests,
        "git_sha1": pa.array(ids, pa.string()),
        "size": pc.coalesce(batch["size"], pc.binary_length(content).cast(pa.int64())),
        "encoding": pa.array(["utf-8"] * len(batch), pa.string()),
        "licence_spdx": batch["licence_spdx"].fill_null(NO_ASSERTION),
    }
    return pa.Table.from_pydict(columns, schema=FILES.schema)
