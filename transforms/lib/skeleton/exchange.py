"""The packed-key exchange: numpy records as bytes, a few large elements per worker and key.

One element per key costs 8 to 16 times as much in Beam. What crosses a GroupByKey in quire is
always `(int, (tag, bytes))`: a partition or a unit, what the records are, and the records. Where
all records of a value come from one unit, the tag names it: "digest 17".
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = tuple[str, bytes]
Keyed = tuple[int, Packed]

# Key ranges that are sorted apart: no result depends on them, but what a worker holds does.
LEAST_PARTITIONS = 16
PARTITION_ROWS = 500_000  # files whose keys are one partition's worth


def partition_count(rows: int) -> int:
    """Key ranges for a corpus of so many files; a power of two."""
    return max(LEAST_PARTITIONS, 1 << (rows // PARTITION_ROWS).bit_length())


def node(unit: Any, row: Any) -> Any:
    """A file's address, unit and row in the unit, in 64 bits."""
    return np.asarray(unit, np.uint64) << np.uint64(32) | np.asarray(row, np.uint64)


def unit_of(node: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The units of addresses."""
    return (node >> np.uint64(32)).astype(np.int64)


def row_of(node: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The rows of addresses."""
    return node.astype(np.uint32)


def pack(tag: str, records: NDArray) -> Packed:
    """Records as one value of the exchange."""
    return tag, records.tobytes()


def unpack(values: Iterable[Packed], tag: str, dtype: np.dtype) -> NDArray:
    """All records of one tag, sorted: their order never depends on arrival."""
    parts = [np.frombuffer(content, dtype) for kind, content in values if kind == tag]
    return _sorted(np.concatenate(parts) if parts else np.empty(0, dtype))


def unpack_sent(values: Iterable[Packed], tag: str, dtype: np.dtype) -> NDArray:
    """All records of one tag with the unit that each comes from, sorted: their fields, `unit`."""
    sent = [
        (int(kind.split()[1]), np.frombuffer(content, dtype))
        for kind, content in values
        if kind.startswith(tag + " ")
    ]
    first, *rest = dtype.descr
    records = np.empty(sum(len(part) for _, part in sent), [first, ("unit", "<u4"), *rest])
    at = 0
    for unit, part in sent:
        records["unit"][at : at + len(part)] = unit
        for name in dtype.names or ():
            records[name][at : at + len(part)] = part[name]
        at += len(part)
    return _sorted(records)


def _sorted(records: NDArray) -> NDArray:
    dtype = records.dtype
    names = dtype.names or ()
    if any(dtype[name].kind == "V" for name in names):  # digests: by their bytes
        return np.sort(records.view(f"V{dtype.itemsize}")).view(dtype)
    return records[np.lexsort([records[name] for name in reversed(names)])]


def by_key(tag: str, keys: NDArray, records: NDArray, unit: int | None = None) -> Iterator[Keyed]:
    """Records split by an integer key (a partition or a unit), one value for each.

    `unit` is where all of them come from, for `unpack_sent`.
    """
    tag = tag if unit is None else f"{tag} {unit}"
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    bounds = np.flatnonzero(np.diff(keys)) + 1
    for part, first in zip(np.split(records, bounds), [0, *bounds], strict=True):
        if len(part):
            yield int(keys[first]), pack(tag, part)
