"""The winners' order: which of several duplicates stands for them.

Permissive licence first, then more stars, then longer, then (repo, path, commit, sha256). The
order of a file is a byte string, so that files of different units are sorted without their rows
being Python objects.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.licences import is_permissive

# What the order needs of a file.
FIELDS = ("licence_spdx", "stars", "characters", "repo", "path", "commit", "sha256")
RANK = np.dtype([("restricted", "u1"), ("stars", ">u8"), ("characters", ">u8")])
MOST = np.uint64(2**63 - 1)


def order_keys(table: pa.Table) -> pa.Array:
    """The order of each row of FIELDS as binary: the smallest wins."""
    rank = np.empty(len(table), RANK)
    rank["restricted"] = _restricted(table["licence_spdx"])
    for name in ("stars", "characters"):
        numbers = pc.fill_null(table[name], 0).to_numpy().astype(np.uint64)
        rank[name] = MOST - numbers  # wraps for negative ones, and so still sorts them last
    first = fixed_binary(rank.tobytes(), RANK.itemsize).cast(pa.binary())
    names = [_text(table[name]) for name in ("repo", "path", "commit")]
    parts = [first, *names, table["sha256"].combine_chunks().cast(pa.binary())]
    # The names end with NUL, which sorts before all that a longer name goes on with.
    return pc.binary_join_element_wise(*parts, b"\0")


def _restricted(licences: pa.ChunkedArray) -> NDArray[np.bool_]:
    encoded = pc.fill_null(licences, "").combine_chunks().dictionary_encode()
    permissive = [is_permissive(licence) for licence in encoded.dictionary.to_pylist()]
    places = encoded.indices.to_numpy()
    restricted: NDArray[np.bool_] = ~np.array(permissive, np.bool_)[places]
    return restricted


def _text(column: pa.ChunkedArray) -> pa.Array:
    return pc.fill_null(column, "").combine_chunks().cast(pa.binary())


def fixed_binary(content: bytes, width: int) -> pa.Array:
    """Records back to back as an Arrow array of binary(width)."""
    kind = pa.binary(width)
    return pa.Array.from_buffers(kind, len(content) // width, [None, pa.py_buffer(content)])


def describe(signals: pa.Table, rows: NDArray[np.uint32]) -> pa.Table:
    """Rows of a unit's signals as they are sent to meet others: unit, row, sha256, order."""
    taken = signals.select(["unit", "row", *FIELDS]).take(pa.array(rows))
    return taken.select(["unit", "row", "sha256"]).append_column("order", order_keys(taken))


def write_table(table: pa.Table) -> bytes:
    """A small table of descriptions for the exchange."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_tables(contents: Iterable[bytes], *by: str) -> pa.Table:
    """One or more such tables as one, sorted by columns of it."""
    table = pa.concat_tables([pa.ipc.open_stream(content).read_all() for content in contents])
    return table.sort_by([(name, "ascending") for name in by]) if by else table
