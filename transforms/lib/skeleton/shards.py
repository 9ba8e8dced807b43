"""Shards of datasets: how a work unit writes them, and how a commit makes them valid.

A unit writes each of its shards under its final name, and then a marker that lists them. A commit
turns all markers into one manifest for each dataset, writes these last, and removes the files
that no manifest lists. Readers trust the manifest; progress and `--resume` go by the markers.
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import DATASETS, Dataset, by_name
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.memory import give_back_memory
from transforms.lib.skeleton.storage import Storage

ROW_GROUP_BYTES = 32_000_000  # of Arrow memory: waiting rows of that size become a row group
PAGE_ROWS = 64  # a page may end after so many rows, so that its size stays near a megabyte
MANIFEST = "_manifest.json"
ZSTD_LEVEL = 3  # smaller and faster than pyarrow's default of 1 on source text
# Hashes cannot be compressed: the attempt costs time and saves nothing.
UNCOMPRESSED_COLUMNS = ("signature", "sha256")
DICTIONARY_COLUMNS = ("repo", "commit", "licence_spdx", "encoding", "reason", "split", "kind")


def parquet_writer(sink: Any, dataset: Dataset, config: str) -> pq.ParquetWriter:
    """A writer of Parquet to `sink`, with the options that every shard of quire has."""
    names = list(leaf_paths(dataset.schema))
    writer = pq.ParquetWriter(
        sink,
        dataset.schema,
        compression={n: "NONE" if n in UNCOMPRESSED_COLUMNS else "zstd" for n in names},
        compression_level={n: ZSTD_LEVEL for n in names if n not in UNCOMPRESSED_COLUMNS},
        use_dictionary=[n for n in DICTIONARY_COLUMNS if n in names],
        write_page_index=True,
        write_page_checksum=True,
        write_batch_size=PAGE_ROWS,
        store_schema=False,
    )
    writer.add_key_value_metadata({"quire_version": VERSION, "quire_config": config})
    return writer


def leaf_paths(fields: Iterable[pa.Field], above: str = "") -> Iterator[str]:
    """The paths of a schema's columns in Parquet, which goes into lists and structs.

    >>> schema = pa.schema([("repo", pa.string()), ("tags", pa.list_(pa.string()))])
    >>> list(leaf_paths(schema))
    ['repo', 'tags.list.element']
    """
    for column in fields:
        path = f"{above}{column.name}"
        if pa.types.is_list(column.type):
            element = column.type.value_field.with_name("element")
            yield from leaf_paths([element], f"{path}.list.")
        elif pa.types.is_struct(column.type):
            yield from leaf_paths(column.type, f"{path}.")
        else:
            yield path


class Shard(io.RawIOBase):
    """A shard that is being written: a file for Arrow that sends what it gets to storage.

    Size and digest are counted on the way, so that no shard is held in memory.
    """

    def __init__(self, data: Storage, dataset: str, unit: str, config: str) -> None:
        super().__init__()
        self.dataset, self.unit, self.name = dataset, unit, f"part-{unit}.parquet"
        self.rows = self.size = 0
        self._path, self._digest = data.path(f"{dataset}/{self.name}"), hashlib.sha256()
        self._end = contextlib.ExitStack()
        self._stream = self._end.enter_context(data.create(f"{dataset}/{self.name}"))
        self._writer = parquet_writer(self, by_name(dataset), config)

    def writable(self) -> bool:
        """True: Arrow checks it before it writes."""
        return True

    def write(self, content: Any) -> int:
        """Write bytes that Arrow has encoded; raises OSError that names the shard."""
        try:
            self._stream.write(content)
        except OSError as error:
            raise OSError(error.errno, os.strerror(error.errno or 0), self._path) from error
        self._digest.update(content)
        self.size += len(content)
        return len(content)

    def add(self, table: pa.Table) -> None:
        """Write the table as one row group."""
        self._writer.write_table(table, row_group_size=table.num_rows)
        self.rows += table.num_rows

    def finish(self) -> dict:
        """Close the file; returns its entry for the manifest."""
        self._writer.close()
        self._end.close()
        return {
            "dataset": self.dataset,
            "name": self.name,
            "unit": self.unit,
            "rows": self.rows,
            "bytes": self.size,
            "sha256": self._digest.hexdigest(),
        }


@dataclass
class UnitShards:
    """The shards of one work unit: call `write` with tables in order, then `commit` once."""

    data: Storage
    stage: str
    unit: str
    config: str
    _shards: dict[str, Shard] = field(default_factory=dict)
    _waiting: dict[str, list[pa.Table]] = field(default_factory=dict)

    def write(self, dataset: str, table: pa.Table) -> None:
        """Append rows to the unit's shard of `dataset`; without any row there is no shard."""
        if not table.num_rows:
            return
        waiting = self._waiting.setdefault(dataset, [])
        waiting.append(table)
        if sum(part.nbytes for part in waiting) >= ROW_GROUP_BYTES:
            self._flush(dataset)

    def _flush(self, dataset: str) -> None:
        """Write the rows of `dataset` that wait as one row group."""
        if dataset not in self._shards:
            self._shards[dataset] = Shard(self.data, dataset, self.unit, self.config)
        self._shards[dataset].add(pa.concat_tables(self._waiting.pop(dataset)))

    def commit(self, phase: str = "done") -> dict[str, Any]:
        """Finish every shard, then write the marker of `phase`; returns the marker."""
        for name in list(self._waiting):
            self._flush(name)
        shards = [shard.finish() for _, shard in sorted(self._shards.items())]
        marker = {"unit": self.unit, "config": self.config, "shards": shards}
        self.data.put_json(marker_name(self.stage, phase, self.unit), marker)
        give_back_memory()
        return marker


SHARD_KEYS = {"dataset", "name", "unit", "rows", "bytes", "sha256"}


def marker_name(stage: str, phase: str, unit: str) -> str:
    """The path, below DATA, of the marker that a finished unit has until the commit."""
    return f"_work/{stage}/{phase}-{unit}.json"


def finished(data: Storage, stage: str, phase: str, unit: str, config: str) -> dict | None:
    """The marker of a unit, if it was finished before with the same configuration, or None."""
    marker = data.read_json(marker_name(stage, phase, unit))
    return marker if marker and marker["config"] == config else None


def read_manifest(data: Storage, dataset: str) -> dict | None:
    """The manifest of a committed dataset, or None; UsageError if the file is not a manifest."""
    name = f"{dataset}/{MANIFEST}"
    manifest: dict | None = data.read_json(name)
    if manifest is not None and not _is_manifest(manifest):
        raise UsageError(f"{data.path(name)}: not a manifest of quire")
    return manifest


def committed_rows(data: Storage, datasets: Iterable[str]) -> dict[str, int]:
    """How many rows each dataset has; 0 if it is not committed."""
    return {name: (read_manifest(data, name) or {}).get("rows", 0) for name in datasets}


def _is_manifest(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"dataset", "version", "config", "rows", "bytes", "shards"}
        and all(set(shard) == SHARD_KEYS for shard in value["shards"])
    )


def committed(data: Storage) -> list[Dataset]:
    """The committed datasets of DATA, in the order of DATASETS."""
    return [dataset for dataset in DATASETS if read_manifest(data, dataset.name)]


def write_manifest(data: Storage, dataset: str, config: str, shards: list[dict]) -> None:
    """Write the manifest of a dataset; the shards that it lists must exist already."""
    shards = sorted(shards, key=lambda shard: shard["name"])
    data.put_json(
        f"{dataset}/{MANIFEST}",
        {
            "dataset": dataset,
            "version": VERSION,
            "config": config,
            "rows": sum(shard["rows"] for shard in shards),
            "bytes": sum(shard["bytes"] for shard in shards),
            "shards": shards,
        },
    )


def commit(
    data: Storage, stage: str, datasets: Iterable[str], config: str, shards: Iterable[dict]
) -> None:
    """Write the manifests of a stage, then remove stray files and the stage's markers.

    `shards` are the entries of all markers. A dataset without any shard gets an empty one.
    """
    by_dataset: dict[str, list[dict]] = {name: [] for name in datasets}
    for shard in shards:
        by_dataset[shard["dataset"]].append(shard)
    for name, entries in by_dataset.items():
        if not entries:
            entries.append(_put_empty(data, name, config))
        write_manifest(data, name, config, entries)
    for name, entries in by_dataset.items():
        remove_strays(data, name, {entry["name"] for entry in entries})
    clear_work(data, stage)


def clear_work(data: Storage, stage: str) -> None:
    """Remove the temporary files of a stage."""
    data.delete_folder(f"_work/{stage}")
    if not data.list("_work", recursive=True):
        data.delete_folder("_work")


def _put_empty(data: Storage, dataset: str, config: str) -> dict:
    """Write a shard without rows, so that a glob finds the dataset's schema; returns its entry."""
    return Shard(data, dataset, "empty", config).finish()


def strays(data: Storage, dataset: str, named: set[str]) -> list[str]:
    """The names of files in a dataset's folder that are not among `named`, its shards."""
    return [name for name in data.list(dataset) if name != MANIFEST and name not in named]


def remove_strays(data: Storage, dataset: str, named: set[str]) -> None:
    """Remove the files that a killed or an older run left in a dataset's folder."""
    for name in strays(data, dataset, named):
        data.delete(f"{dataset}/{name}")


def uncommit(data: Storage, datasets: Iterable[str]) -> None:
    """Remove the manifests of datasets, which are not committed from then on."""
    for name in datasets:
        data.delete(f"{name}/{MANIFEST}")


def shard_paths(data: Storage, dataset: str) -> Iterator[str]:
    """The paths, below DATA, of a dataset's shards; FileNotFoundError if it is not committed."""
    manifest = read_manifest(data, dataset)
    if manifest is None:
        raise FileNotFoundError(f"{data.path(dataset)}: no committed dataset {dataset!r}")
    for shard in manifest["shards"]:
        yield f"{dataset}/{shard['name']}"


def shard_files(data: Storage, dataset: str) -> list[str]:
    """The committed shards of a dataset as paths or URLs; FileNotFoundError as `shard_paths`."""
    return [f"{data.root.rstrip('/')}/{name}" for name in shard_paths(data, dataset)]
