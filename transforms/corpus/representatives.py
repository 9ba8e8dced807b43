"""The winners' order: which of several duplicates stands for them.

Permissive licence first, then more stars, then longer, then (repo, path, commit, sha256). The
order of a file is a byte string, so that files of different units are sorted without their rows
being Python objects; sha256 stands beside it. Copies inside a unit are settled there: what one
repository repeats a million times is sent once.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.lib.licences import is_permissive
from transforms.lib.skeleton.columns import column, fixed_binary

# What the order needs of a file.
FIELDS = ("licence_spdx", "stars", "characters", "repo", "path", "commit", "sha256")
STANDING = ["row", "reason", *FIELDS]  # and what `standing` needs
RANK = np.dtype([("restricted", "u1"), ("stars", ">u8"), ("characters", ">u8")])
MOST = np.uint64(2**63 - 1)
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")  # names of one project are much alike


def order_keys(table: pa.Table) -> pa.Array:
    """The order of each row of FIELDS, but for its sha256, as binary: the smallest wins."""
    rank = np.empty(len(table), RANK)
    rank["restricted"] = _restricted(table["licence_spdx"])
    for name in ("stars", "characters"):
        numbers = pc.fill_null(table[name], 0).to_numpy().astype(np.uint64)
        rank[name] = MOST - numbers  # wraps for negative ones, and so still sorts them last
    first = fixed_binary(rank.tobytes(), RANK.itemsize).cast(pa.binary())
    names = [_text(table[name]) for name in ("repo", "path", "commit")]
    # Each name ends with NUL, which sorts before all that a longer name goes on with.
    end = pa.scalar(b"", pa.binary())
    return pc.binary_join_element_wise(first, *names, end, b"\0")


def _restricted(licences: pa.ChunkedArray) -> NDArray[np.bool_]:
    encoded = pc.fill_null(licences, "").combine_chunks().dictionary_encode()
    permissive = [is_permissive(licence) for licence in encoded.dictionary.to_pylist()]
    places = encoded.indices.to_numpy()
    restricted: NDArray[np.bool_] = ~np.array(permissive, np.bool_)[places]
    return restricted


def _text(column: pa.ChunkedArray) -> pa.Array:
    return pc.fill_null(column, "").combine_chunks().cast(pa.binary())


def standing(signals: pa.Table) -> NDArray[np.int64]:
    """For each row of a unit's signals the row that stands for it in the unit; int64[n].

    That is itself, but for a row that passes the filters and has an equal one before it in the
    winners' order.
    """
    stands = np.arange(len(signals))
    kept = np.flatnonzero(signals["reason"].is_null().to_numpy())
    digests = column(signals["sha256"], "V32")[kept]
    _, group, count = np.unique(digests, return_inverse=True, return_counts=True)
    tied = kept[count[group] > 1]
    if len(tied):
        taken = signals.take(pa.array(tied))
        order = pa.table({"digest": taken["sha256"], "order": order_keys(taken), "row": tied})
        places = pc.sort_indices(order, [(name, "ascending") for name in order.column_names])
        rows = tied[places.to_numpy()]
        digest = column(taken["sha256"], "V32")[places.to_numpy()]
        first = np.r_[True, digest[1:] != digest[:-1]]
        stands[rows] = rows[first][np.cumsum(first) - 1]
    return stands


def describe(signals: pa.Table, rows: NDArray[np.uint32]) -> pa.Table:
    """Rows of a unit's signals as they are sent to meet others.

    Columns: unit, row, sha256, order, copies (rows of the unit that it stands for, with itself).
    """
    taken = signals.take(pa.array(rows))
    copies = np.bincount(standing(signals), minlength=len(signals))[taken["row"].to_numpy()]
    found = taken.select(["unit", "row", "sha256"]).append_column("order", order_keys(taken))
    return found.append_column("copies", pa.array(copies.astype(np.uint32)))


def write_table(table: pa.Table) -> bytes:
    """A small table of descriptions for the exchange."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=COMPRESSED) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_tables(contents: Iterable[bytes], *by: str) -> pa.Table:
    """One or more such tables as one, sorted by columns of it."""
    table = pa.concat_tables([pa.ipc.open_stream(content).read_all() for content in contents])
    return table.sort_by([(name, "ascending") for name in by]) if by else table
