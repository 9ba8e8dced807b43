"""The packed-key exchange: numpy records as bytes, in a few large elements per worker and key.

One element per key would cost 8 to 16 times as much in Beam. What crosses a GroupByKey in quire is
therefore always `(int, (tag, bytes))`: a partition or a unit as the key, a tag that says what the
records are, and the records. If all records of a value come from one unit, the tag names the unit
as well: "digest 17".
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = tuple[str, bytes]
Keyed = tuple[int, Packed]

# A partition is a range of keys that one worker sorts at a time. Their number changes how much
# memory a worker needs, but no result.
LEAST_PARTITIONS = 16
PARTITION_ROWS = 500_000  # rows of the corpus for each partition


def partition_count(rows: int) -> int:
    """How many partitions a corpus of so many rows has; a power of two.

    >>> [partition_count(rows) for rows in (1_000, 10_000_000, 1_000_000_000)]
    [16, 32, 2048]
    """
    return max(LEAST_PARTITIONS, 1 << (rows // PARTITION_ROWS).bit_length())


def node(unit: Any, row: Any) -> Any:
    """The address of rows, as nodes of a graph: unit and row in the unit, in one 64-bit number.

    >>> address = node(3, np.array([0, 5]))
    >>> unit_of(address).tolist(), row_of(address).tolist()
    ([3, 3], [0, 5])
    """
    return np.asarray(unit, np.uint64) << np.uint64(32) | np.asarray(row, np.uint64)


def unit_of(node: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The units of addresses that `node` made."""
    return (node >> np.uint64(32)).astype(np.int64)


def row_of(node: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The rows of addresses that `node` made."""
    return node.astype(np.uint32)


def pack(tag: str, records: NDArray) -> Packed:
    """The records as one value of the exchange."""
    return tag, records.tobytes()


def unpack(values: Iterable[Packed], tag: str, dtype: np.dtype) -> NDArray:
    """The records of all values with this tag, sorted, so that no result depends on arrival.

    >>> pair = np.dtype([("row", "<u4"), ("count", "<u4")])
    >>> late, early = np.array([(7, 1)], pair), np.array([(2, 5)], pair)
    >>> unpack([pack("pair", late), pack("pair", early)], "pair", pair).tolist()
    [(2, 5), (7, 1)]
    """
    parts = [np.frombuffer(content, dtype) for kind, content in values if kind == tag]
    return _sorted(np.concatenate(parts) if parts else np.empty(0, dtype))


def unpack_with_unit(values: Iterable[Packed], tag: str, dtype: np.dtype) -> NDArray:
    """The records of all values with this tag and a unit, sorted.

    They have a field `unit` after their first field: the unit that the tag of their value names.
    """
    parts = [
        (int(kind.split()[1]), np.frombuffer(content, dtype))
        for kind, content in values
        if kind.startswith(tag + " ")
    ]
    first, *rest = dtype.descr
    records = np.empty(sum(len(part) for _, part in parts), [first, ("unit", "<u4"), *rest])
    at = 0
    for unit, part in parts:
        records["unit"][at : at + len(part)] = unit
        for name in dtype.names or ():
            records[name][at : at + len(part)] = part[name]
        at += len(part)
    return _sorted(records)


def _sorted(records: NDArray) -> NDArray:
    dtype = records.dtype
    names = dtype.names or ()
    if any(dtype[name].kind == "V" for name in names):  # digests cannot be compared, bytes can
        return np.sort(records.view(f"V{dtype.itemsize}")).view(dtype)
    return records[np.lexsort([records[name] for name in reversed(names)])]


def by_key(tag: str, keys: NDArray, records: NDArray, unit: int | None = None) -> Iterator[Keyed]:
    """The records, packed into one value for each of their integer keys (partitions or units).

    `unit` is the unit that all of them come from, for `unpack_with_unit`.
    """
    tag = tag if unit is None else f"{tag} {unit}"
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    bounds = np.flatnonzero(np.diff(keys)) + 1
    for part, first in zip(np.split(records, bounds), [0, *bounds], strict=True):
        if len(part):
            yield int(keys[first]), pack(tag, part)
