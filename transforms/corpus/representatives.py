"""Which of several duplicate files is the representative: the first in the winners' order.

The winners' order is: permissive licence first, then more stars, then longer, then (repo, path,
commit, sha256). The order of a file is a byte string, so that files of different units are sorted
without a Python object for each; its sha256 is a column beside it. Copies inside one unit are
settled first: of what one repository repeats a million times, one row is sent to other workers.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.corpus.scope import WHOLE_CORPUS, scoped_digests
from transforms.lib.duplicates.order import LICENCE_AND_STARS, largest_first, licence_and_stars
from transforms.lib.skeleton.columns import fixed_binary

# The columns that decide the winners' order, and those that `representatives` reads.
ORDER_COLUMNS = ("licence_spdx", "stars", "characters", "repo", "path", "commit", "sha256")
REPRESENTATIVE_COLUMNS = ["row", "reason", *ORDER_COLUMNS]
FILE_RANK = np.dtype([*LICENCE_AND_STARS.descr, ("characters", ">u8")])
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")  # names of one project are much alike


def order_keys(table: pa.Table) -> pa.Array:
    """The winners' order of each row without its sha256, as binary: the smallest wins."""
    ranks = np.empty(len(table), FILE_RANK)
    shared = licence_and_stars(table["licence_spdx"], table["stars"])
    for name in shared.dtype.names or ():
        ranks[name] = shared[name]
    ranks["characters"] = largest_first(table["characters"])
    first = fixed_binary(ranks.tobytes(), FILE_RANK.itemsize).cast(pa.binary())
    names = [_utf8(table[name]) for name in ("repo", "path", "commit")]
    # Each name ends with NUL, which sorts before whatever a longer name goes on with.
    end = pa.scalar(b"", pa.binary())
    return pc.binary_join_element_wise(first, *names, end, b"\0")


def _utf8(names: pa.ChunkedArray) -> pa.Array:
    return pc.fill_null(names, "").combine_chunks().cast(pa.binary())


def representatives(signals: pa.Table, scope: str = WHOLE_CORPUS) -> NDArray[np.int64]:
    """For each row of a unit's signals the row that represents it inside the unit; int64[n].

    A row represents itself, unless it passed the filters and an identical file of the unit (in the
    scope "repo": of its project) comes before it in the winners' order.

    >>> signals = pa.table({
    ...     "reason": pa.nulls(3, pa.string()),  # no filter dropped a row
    ...     "licence_spdx": ["GPL-3.0-only", "MIT", "MIT"],
    ...     "stars": [900, 7, 7],
    ...     "characters": [10, 10, 10],
    ...     "repo": ["a", "b", "c"],
    ...     "path": ["x.py", "x.py", "x.py"],
    ...     "commit": ["1", "1", "1"],
    ...     "sha256": pa.array([b"A" * 32, b"A" * 32, b"B" * 32], pa.binary(32)),
    ... })
    >>> representatives(signals).tolist()  # the MIT copy represents the GPL one
    [1, 1, 2]
    """
    representative = np.arange(len(signals))
    passed = np.flatnonzero(signals["reason"].is_null().to_numpy())
    digests = scoped_digests(signals, scope)
    _, group, count = np.unique(digests[passed], return_inverse=True, return_counts=True)
    tied = passed[count[group] > 1]
    if len(tied):
        taken = signals.take(pa.array(tied))
        digest = fixed_binary(digests[tied].tobytes(), 32)
        order = pa.table({"digest": digest, "order": order_keys(taken), "row": tied})
        places = pc.sort_indices(order, [(name, "ascending") for name in order.column_names])
        rows = tied[places.to_numpy()]
        ordered = digests[rows]
        first = np.r_[True, ordered[1:] != ordered[:-1]]
        representative[rows] = rows[first][np.cumsum(first) - 1]
    return representative


def describe(signals: pa.Table, rows: NDArray[np.uint32], scope: str = WHOLE_CORPUS) -> pa.Table:
    """The rows of a unit's signals that are sent to meet rows of other units.

    The columns are unit, row, sha256, order (see `order_keys`) and copies: how many rows of the
    unit the row represents, itself included.
    """
    taken = signals.take(pa.array(rows))
    copies = np.bincount(representatives(signals, scope), minlength=len(signals))
    described = taken.select(["unit", "row", "sha256"])
    described = described.append_column("order", order_keys(taken))
    represented = copies[taken["row"].to_numpy()].astype(np.uint32)
    return described.append_column("copies", pa.array(represented))


def write_table(table: pa.Table) -> bytes:
    """A small table as the bytes of a compressed Arrow IPC stream, to be sent in the exchange."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=COMPRESSED) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_tables(contents: Iterable[bytes], *by: str) -> pa.Table:
    """The tables that `write_table` packed, as one table, sorted by the columns `by` if any."""
    table = pa.concat_tables([pa.ipc.open_stream(content).read_all() for content in contents])
    return table.sort_by([(name, "ascending") for name in by]) if by else table
