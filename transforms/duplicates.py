"""Exact and near duplicates by the packed-key exchange: which rows of which unit go, and why.

No content is exchanged. Digests meet by partition; only files that have a copy send the strings
of the winners' order. Bands meet by partition and give a graph of candidates; the files of one
component meet with sketches of 8 bits a place. Borderline pairs meet in storage: the unit of a
file that may matter reads its content once more and leaves its shingle set beside the unit's
work, and who resolves the component reads just those sets, one pair at a time.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.components import components, star_edges
from transforms.exchange import PARTITIONS, Keyed, Packed, by_key, pack, unpack
from transforms.minhash import BANDS, PERMUTATIONS, band_keys, is_shingled
from transforms.near_duplicates import Members, borderline, jaccard, resolve
from transforms.shingles import shingle_set
from transforms.signals import DIGEST, read_signals
from transforms.storage import Storage
from transforms.text_batch import text_batch
from transforms.units import Unit, read_unit
from transforms.winners import FIELDS, order, read_tables, write_table

Address = tuple[int, int]  # unit, row

ROW = np.dtype([("row", "<u4")])
TIE = np.dtype([("row", "<u4"), ("partition", "<u4")])
# A copy dropped in favour of `row`, told to the unit of `row`.
COPY = np.dtype([("row", "<u4"), ("loser_unit", "<u4"), ("loser_row", "<u4")])
BAND = np.dtype([("key", "<u8"), ("node", "<u8")])
EDGE = np.dtype([("left", "<u8"), ("right", "<u8")])
NODE = np.dtype([("row", "<u4"), ("component", "<u8")])
# A row dropped as near duplicate of the file at `kept`, told to the row's unit.
NEAR = np.dtype([("row", "<u4"), ("kept", "<u8"), ("sha256", "V32"), ("jaccard", "<f4")])
# The last word on a dropped row, and what a kept row stands for; told to its unit.
DROP = np.dtype([("row", "<u4"), ("exact", "?"), ("sha256", "V32"), ("jaccard", "<f4")])
CREDIT = np.dtype([("row", "<u4"), ("exact", "<u4"), ("near", "<u4")])


def node(unit: int, row: Any) -> Any:
    """A file's address in 64 bits."""
    return np.uint64(unit) << np.uint64(32) | np.asarray(row, np.uint64)


def address(node: int) -> Address:
    """Unit and row of an address."""
    return int(node) >> 32, int(node) & 0xFFFFFFFF


def records(rows: list[tuple], dtype: np.dtype) -> NDArray:
    """Records from tuples; empty for none."""
    return np.array(rows, dtype)


def grouped(keys: Iterable[int], rows: list[tuple], tag: str, dtype: np.dtype) -> Iterator[Keyed]:
    """Tuples sent each to the unit beside it."""
    if rows:
        yield from by_key(tag, np.fromiter(keys, np.int64, len(rows)), records(rows, dtype))


def find_ties(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Digests of a partition to the rows, by unit, that share one with another row."""
    partition, values = element
    found = unpack(values, "digest", DIGEST)
    if len(found) < 2:
        return
    same = found["digest"][1:] == found["digest"][:-1]
    tied = found[np.r_[False, same] | np.r_[same, False]]
    rows = np.empty(len(tied), TIE)
    rows["row"], rows["partition"] = tied["row"], partition
    yield from by_key("tie", tied["unit"], rows)


@dataclass
class DescribeTies(beam.DoFn):
    """Tied rows of a unit to their descriptions, by partition."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        ties = unpack(values, "tie", TIE)
        table = read_signals(self.data, unit, ["unit", "row", *FIELDS])
        for partition in np.unique(ties["partition"]).tolist():
            rows = ties["row"][ties["partition"] == partition]
            yield partition, ("description", write_table(table.take(pa.array(rows))))


def choose_exact(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Descriptions of tied rows to the copies that each winner stands for."""
    groups: dict[bytes, list[dict]] = defaultdict(list)
    for row in read_tables(content for _, content in element[1]):
        groups[row["sha256"]].append(row)
    copies, units = [], []
    for group in groups.values():
        winner, *losers = sorted(group, key=order)
        for loser in losers:
            copies.append((winner["row"], loser["unit"], loser["row"]))
            units.append(winner["unit"])
    yield from grouped(units, copies, "copy", COPY)
    lost = [(row,) for _, _, row in copies]
    yield from grouped((unit for _, unit, _ in copies), lost, "lost", ROW)


@dataclass
class BandUnit(beam.DoFn):
    """The rows of a unit that no copy beats, to their band keys by partition."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        lost = unpack(values, "lost", ROW)["row"]
        rows, signature = read_signatures(self.data, unit)
        wanted = is_shingled(signature) & ~np.isin(rows, lost)
        keys = band_keys(signature[wanted]).ravel()
        found = np.empty(len(keys), BAND)
        found["key"], found["node"] = keys, np.repeat(node(unit, rows[wanted]), BANDS)
        yield from by_key("band", keys % np.uint64(PARTITIONS), found)


def read_signatures(data: Storage, unit: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Rows of a unit that have a signature: row numbers, uint32[n, PERMUTATIONS]."""
    table = read_signals(data, unit, ["row", "signature"])
    table = table.filter(table["signature"].is_valid())
    content = b"".join(chunk for chunk in table["signature"].to_pylist())
    return table["row"].to_numpy(), np.frombuffer(content, "<u4").reshape(-1, PERMUTATIONS)


def join_bands(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Band keys of a partition to edges of the candidates' graph."""
    found = unpack(element[1], "band", BAND)
    edges = np.unique(star_edges(found["key"], found["node"]), axis=0)
    yield 0, pack("edge", edges)


def find_components(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """All edges to the component of each node, by the node's unit."""
    edges = unpack(element[1], "edge", EDGE)
    nodes, component = components(np.stack([edges["left"], edges["right"]], axis=1))
    found = np.empty(len(nodes), NODE)
    found["row"], found["component"] = nodes & np.uint64(0xFFFFFFFF), component
    yield from by_key("node", (nodes >> np.uint64(32)).astype(np.int64), found)


@dataclass
class DescribeMembers(beam.DoFn):
    """Rows of a unit that have candidates, to their descriptions by component."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        found = unpack(values, "node", NODE)
        table = read_signals(self.data, unit, ["unit", "row", *FIELDS])
        table = table.take(pa.array(found["row"]))
        rows, signature = read_signatures(self.data, unit)
        signature = signature[np.searchsorted(rows, found["row"])]
        sketch = signature.astype(np.uint8).tobytes()
        buckets = band_keys(signature).astype(np.uint32).tobytes()
        table = table.append_column("component", pa.array(found["component"]))
        table = table.append_column("sketch", _fixed(sketch, PERMUTATIONS))
        table = table.append_column("buckets", _fixed(buckets, 4 * BANDS))
        partition = component_partition(found["component"])
        for key in np.unique(partition).tolist():
            mine = table.filter(pa.array(partition == key))
            yield key, ("member", write_table(mine))


def _fixed(content: bytes, width: int) -> pa.Array:
    kind = pa.binary(width)
    return pa.Array.from_buffers(kind, len(content) // width, [None, pa.py_buffer(content)])


def component_partition(component: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Components spread by their mixed number: neighbours in a unit must not stay together."""
    mixed = component * np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(60)


@dataclass(frozen=True)
class Component:
    """The files of one component in the winners' order: where they are, and their members."""

    rows: list[dict]
    members: Members

    def address(self, member: int) -> Address:
        """Unit and row of a member."""
        return self.rows[member]["unit"], self.rows[member]["row"]


def read_components(values: Iterable[Packed]) -> Iterator[Component]:
    """The components of a partition, smallest number first."""
    groups: dict[int, list[dict]] = defaultdict(list)
    for row in read_tables(content for tag, content in values if tag == "member"):
        groups[row["component"]].append(row)
    for _, rows in sorted(groups.items()):
        rows.sort(key=order)
        sketches = np.frombuffer(b"".join(row["sketch"] for row in rows), np.uint8)
        buckets = np.frombuffer(b"".join(row["buckets"] for row in rows), "<u4")
        members = Members(sketches.reshape(-1, PERMUTATIONS), buckets.reshape(-1, BANDS))
        yield Component(rows, members)


def ask_shingles(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Components of a partition to the rows, by unit, whose shingle sets may be needed."""
    wanted: set[Address] = set()
    for component in read_components(element[1]):
        pairs = borderline(component.members)
        wanted.update(component.address(member) for pair in pairs for member in pair)
    ordered = sorted(wanted)
    yield from grouped((u for u, _ in ordered), [(r,) for _, r in ordered], "shingle", ROW)


def shingles_name(unit: int) -> str:
    """Where a unit leaves the shingle sets of its borderline rows."""
    return f"_work/corpus/shingles/{unit:05d}.npz"


@dataclass
class WriteShingles(beam.DoFn):
    """Borderline rows of a unit to their shingle sets in storage; tells every partition."""

    data: Storage
    units: list[Unit]

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        wanted = np.unique(unpack(values, "shingle", ROW)["row"])
        sets, first = {}, 0
        for batch in read_unit(self.units[unit]):
            inside = wanted[(wanted >= first) & (wanted < first + len(batch))]
            texts = text_batch(batch["content"])
            sets |= {str(row): shingle_set(texts, row - first) for row in inside.tolist()}
            first += len(batch)
        content = io.BytesIO()
        np.savez(content, **sets)
        self.data.put(shingles_name(unit), content.getvalue())
        for partition in range(PARTITIONS):
            yield partition, ("ready", b"")


@dataclass
class ResolveNear(beam.DoFn):
    """Components of a partition to near duplicates by unit."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        load = lru_cache(maxsize=256)(self._shingles)
        found, units = [], []
        for component in read_components(element[1]):
            dropped = resolve(component.members, Exact(component, load).jaccard)
            for member, (kept, value) in dropped.items():
                unit, row = component.address(member)
                digest = component.rows[kept]["sha256"]
                found.append((row, node(*component.address(kept)), digest, value))
                units.append(unit)
        yield from grouped(units, found, "near", NEAR)

    def setup(self) -> None:
        self._archives = lru_cache(maxsize=16)(self._archive)

    def _archive(self, unit: int) -> Any:
        return np.load(self.data.open(shingles_name(unit)))

    def _shingles(self, unit: int, row: int) -> NDArray[np.uint64]:
        content: NDArray[np.uint64] = self._archives(unit)[str(row)]
        return content


@dataclass(frozen=True)
class Exact:
    """The exact Jaccard of two members, from the shingle sets in storage."""

    component: Component
    load: Any

    def jaccard(self, left: int, right: int) -> float:
        """Jaccard of two members; 0 (so both stay) if no set was asked for."""
        try:
            return jaccard(*(self.load(*self.component.address(m)) for m in (left, right)))
        except (KeyError, FileNotFoundError):
            return 0.0


def decide(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """What a unit's rows stand for, to the last word on every dropped row, by unit.

    The copies of a near duplicate are told the file that stands for it, so that every
    `kept_sha256` names a row of the corpus.
    """
    unit, values = element
    values = list(values)
    copies = unpack(values, "copy", COPY)
    drops, credits = _Outbox("drop", DROP), _Outbox("credit", CREDIT)
    near = {int(found["row"]): found for found in unpack(values, "near", NEAR)}
    count = dict(zip(*np.unique(copies["row"], return_counts=True), strict=True))
    for row, found in near.items():
        drops.send(unit, (row, False, found["sha256"], found["jaccard"]))
        kept_unit, kept_row = address(found["kept"])
        credits.send(kept_unit, (kept_row, 0, 1 + count.get(row, 0)))
    for row, loser_unit, loser_row in copies.tolist():
        found = near.get(row)
        digest, value = (found["sha256"], found["jaccard"]) if found is not None else (b"", 1.0)
        drops.send(loser_unit, (loser_row, True, digest, value))
        if found is None:
            credits.send(unit, (row, 1, 0))
    yield from drops.flush()
    yield from credits.flush()


class _Outbox:
    """Records collected by the unit they go to."""

    def __init__(self, tag: str, dtype: np.dtype) -> None:
        self.tag, self.dtype = tag, dtype
        self.rows: list[tuple] = []
        self.units: list[int] = []

    def send(self, unit: int, record: tuple) -> None:
        """Send one record to a unit."""
        self.units.append(unit)
        self.rows.append(record)

    def flush(self) -> Iterator[Keyed]:
        """Everything that was sent."""
        yield from grouped(self.units, self.rows, self.tag, self.dtype)


@dataclass
class FindDuplicates(beam.PTransform):
    """Digests (partition, records) and unit numbers to the last word on dropped rows, by unit."""

    data: Storage
    units: list[Unit]
    near: bool

    def expand(self, pcolls: tuple) -> beam.PCollection:
        digests, ticks = pcolls
        exact = (
            digests
            | "Meet digests" >> beam.GroupByKey()
            | "Find ties" >> beam.FlatMap(find_ties).with_output_types(Keyed)
            | "Meet ties" >> beam.GroupByKey()
            | "Describe ties" >> beam.ParDo(DescribeTies(self.data)).with_output_types(Keyed)
            | "Meet copies" >> beam.GroupByKey()
            | "Choose exact" >> beam.FlatMap(choose_exact).with_output_types(Keyed)
        )
        told = [exact, self._near((exact, ticks))] if self.near else [exact]
        return (
            told
            | "Tell units" >> beam.Flatten()
            | "Meet decisions" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMap(decide).with_output_types(Keyed)
        )

    def _near(self, exact_and_ticks: tuple) -> beam.PCollection:
        members = (
            exact_and_ticks
            | "With every unit" >> beam.Flatten()
            | "Meet losers" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(BandUnit(self.data)).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Join bands" >> beam.FlatMap(join_bands).with_output_types(Keyed)
            | "Meet edges" >> beam.GroupByKey()
            | "Find components" >> beam.FlatMap(find_components).with_output_types(Keyed)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe members" >> beam.ParDo(DescribeMembers(self.data)).with_output_types(Keyed)
        )
        ready = (
            members
            | "Meet members" >> beam.GroupByKey()
            | "Ask shingles" >> beam.FlatMap(ask_shingles).with_output_types(Keyed)
            | "Meet borderline" >> beam.GroupByKey()
            | "Write shingles"
            >> beam.ParDo(WriteShingles(self.data, self.units)).with_output_types(Keyed)
        )
        return (
            (members, ready)
            | "When sets are ready" >> beam.Flatten()
            | "Meet components" >> beam.GroupByKey()
            | "Resolve near" >> beam.ParDo(ResolveNear(self.data)).with_output_types(Keyed)
        )
