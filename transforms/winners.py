"""The winners' order: which of several duplicates stands for them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from transforms.licences import is_permissive

# What the order needs of a file, as columns of a description that is exchanged.
FIELDS = ("licence_spdx", "stars", "characters", "repo", "path", "commit", "sha256")
Order = tuple[bool, int, int, str, str, str, bytes]


def order(row: dict[str, Any]) -> Order:
    """Sort key: permissive first, more stars, longer, then (repo, path, commit, sha256)."""
    return (
        not is_permissive(row["licence_spdx"]),
        -(row["stars"] or 0),
        -row["characters"],
        row["repo"],
        row["path"],
        row["commit"] or "",
        row["sha256"],
    )


def write_table(table: pa.Table) -> bytes:
    """A small table of descriptions for the exchange."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_tables(contents: Iterable[bytes]) -> list[dict[str, Any]]:
    """The rows of several such tables."""
    rows: list[dict[str, Any]] = []
    for content in contents:
        rows += pa.ipc.open_stream(content).read_all().to_pylist()
    return rows
