"""Work units of Parquet: which row groups a worker reads at a time."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.lib.skeleton.layouts import layout_of
from transforms.lib.skeleton.parquet_files import content_versions, open_parquet
from transforms.lib.skeleton.row_groups import group_bytes, leaves
from transforms.lib.skeleton.source_columns import SOURCE_COLUMNS, require_columns, require_single

UNIT_BYTES = 32_000_000  # uncompressed bytes of a unit; more if MAX_UNITS would be exceeded
MAX_UNITS = 20_000  # each unit has shards, and an entry for each of them in a manifest
ROW_BYTES = 1200  # of signals and decisions that a unit holds for each row
FOOTERS_AT_A_TIME = 16  # files opened at the same time, as object stores are slow to answer


class Part(NamedTuple):
    """Row groups `first` to `last` (included) of one file."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Unit:
    """The parts of files that one worker reads at a time; `index` is its place in the plan."""

    index: int
    parts: tuple[Part, ...]
    rows: int

    @property
    def name(self) -> str:
        """The unit's part of the name of its shards."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as bytes, for a file of the plan or a value of the exchange.

        >>> unit = Unit(7, (Part("/in/a.parquet", 0, 3),), 1000)
        >>> Unit.unpack(unit.pack()) == unit
        True
        """
        return json.dumps([self.index, self.parts, self.rows]).encode()

    @staticmethod
    def unpack(content: bytes) -> "Unit":
        """The unit that `pack` made these bytes of."""
        index, parts, rows = json.loads(content)
        return Unit(index, tuple(Part(*part) for part in parts), rows)


@dataclass(frozen=True)
class Footer:
    """What a plan needs to know of a file, from its footer.

    sizes: int64[row groups], the bytes that a unit reads and holds; rows: int64[row groups];
    content: a digest of the whole file, where one is known already; layout: the name of the
    published layout that it has, if any. Its rows are files, of which not all may be Python.
    """

    file: str
    sizes: NDArray[np.int64]
    rows: NDArray[np.int64]
    content: bytes = b""
    layout: str = ""


def source_footer(file: str) -> Footer:
    """The footer of Parquet with source files; UsageError if it cannot be read as such."""
    with open_parquet(file) as parquet:
        layout = layout_of(file, parquet.schema_arrow)
        if layout is None:
            require_columns(file, parquet.schema_arrow)
            return footer_of(file, parquet, SOURCE_COLUMNS)
        require_single(file, parquet.schema_arrow, layout.tops())
        footer = footer_of(file, parquet, layout.leaves(parquet, SOURCE_COLUMNS))
        rows = np.array(layout.file_counts(parquet), np.int64)
        sizes = footer.sizes + ROW_BYTES * (rows - footer.rows)
        return replace(footer, sizes=sizes, rows=rows, layout=layout.layout.name)


def plan_units(
    files: Sequence[str], footer: Callable[[str], Footer] = source_footer
) -> tuple[list[Unit], str]:
    """The units of `files` in order, and a digest of the inputs, whatever folder they are in.

    The digest is that of the content of all files, as `file_versions` knows it, or the manifest of
    those that are shards of quire. Raises UsageError for a shard that is not as its manifest says.
    """
    with ThreadPoolExecutor(FOOTERS_AT_A_TIME) as pool:
        footers = list(pool.map(footer, files) if len(files) > 1 else map(footer, files))
    versions = content_versions([each.file for each in footers if not each.content])
    contents = [each.content.decode() or versions[each.file] for each in footers]
    digest = hashlib.sha256("\0".join(contents).encode()).hexdigest()
    total = sum(int(footer.sizes.sum()) for footer in footers)
    return list(_gathered(footers, max(UNIT_BYTES, total // MAX_UNITS))), digest


def footer_of(file: str, parquet: pq.ParquetFile, columns: Collection[str]) -> Footer:
    """The footer of a file of which units read `columns`."""
    groups, places = range(parquet.num_row_groups), leaves(parquet, columns)
    rows = np.array([parquet.metadata.row_group(i).num_rows for i in groups], np.int64)
    sizes = np.array([group_bytes(parquet, i, places) for i in groups], np.int64)
    return Footer(file, sizes + ROW_BYTES * rows, rows)


def _gathered(footers: list[Footer], max_bytes: int) -> Iterator[Unit]:
    """Row groups in order, as many in a unit as fit into `max_bytes`, but at least one."""
    index, parts, rows, total = 0, list[Part](), 0, 0
    for footer in footers:
        for group in np.flatnonzero(footer.rows).tolist():
            size = int(footer.sizes[group])
            if parts and total + size > max_bytes:
                yield Unit(index, tuple(parts), rows)
                index, parts, rows, total = index + 1, [], 0, 0
            if parts and parts[-1].file == footer.file:
                parts[-1] = parts[-1]._replace(last=group)
            else:
                parts.append(Part(footer.file, group, group))
            rows, total = rows + int(footer.rows[group]), total + size
    if parts:
        yield Unit(index, tuple(parts), rows)
