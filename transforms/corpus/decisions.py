"""The decision on every duplicate, sent to its unit, and what each kept file represents."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from transforms.corpus.exact import COPY_OF_ROW
from transforms.corpus.near import NEAR_DUPLICATE
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack

# A decision, sent to the unit of the row: the row is dropped for a file with other content. It is a
# near duplicate of that file (`exact` false), or an exact copy of such a near duplicate (`exact`
# true). `sha256` is that of the file that is kept.
DROPPED_ROW = np.dtype([("row", "<u4"), ("exact", "?"), ("sha256", "V32"), ("jaccard", "<f4")])
# And how many rows of other units a kept row represents.
REPRESENTED_ROWS = np.dtype([("row", "<u4"), ("exact", "<u4"), ("near", "<u4")])


def decide(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the duplicates of a unit's rows; yields the decisions, by the unit they concern.

    A copy of a near duplicate is dropped for the representative of the latter, so that every
    `kept_sha256` names a row of the corpus.
    """
    unit, values = element
    values = list(values)
    copies = unpack(values, "copy", COPY_OF_ROW)
    drops, counts = _Outbox("drop", DROPPED_ROW), _Outbox("represented", REPRESENTED_ROWS)
    near = {int(record["row"]): record for record in unpack(values, "near", NEAR_DUPLICATE)}
    represented = Counter({row: int(record["copies"]) for row, record in near.items()})
    for row, duplicate_unit, duplicate_row, count in copies.tolist():
        represented[row] += count
        if (record := near.get(row)) is not None:
            decision = (duplicate_row, True, record["sha256"], record["jaccard"])
            drops.send(duplicate_unit, decision)
    for row, record in near.items():
        drops.send(unit, (row, False, record["sha256"], record["jaccard"]))
    for row, count in represented.items():
        if (record := near.get(row)) is None:
            counts.send(unit, (row, count, 0))
        else:
            kept_unit, kept_row = divmod(int(record["kept"]), 1 << 32)
            counts.send(kept_unit, (kept_row, 0, count))
    yield from drops.flush()
    yield from counts.flush()
    yield from ((unit, value) for value in values if value[0] == "duplicate")


class _Outbox:
    """Records of one tag, collected by the unit that each is sent to."""

    def __init__(self, tag: str, dtype: np.dtype) -> None:
        self.tag, self.dtype = tag, dtype
        self.rows: list[tuple] = []
        self.units: list[int] = []

    def send(self, unit: int, record: tuple) -> None:
        """Adds a record for a unit."""
        self.units.append(unit)
        self.rows.append(record)

    def flush(self) -> Iterator[Keyed]:
        """Yields all records as values of the exchange, one for each unit."""
        keys = np.array(self.units, np.int64)
        yield from by_key(self.tag, keys, np.array(self.rows, self.dtype))
