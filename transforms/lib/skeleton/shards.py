"""Shards of datasets: how a work unit writes them, and how a commit makes them valid.

A unit writes each of its shards, and then a marker that lists them. A commit turns all markers into
one manifest for each dataset, writes these last, and removes the files that no manifest lists.
Readers trust the manifest; progress and `--resume` go by the markers.

Shards are written under their final names. Where a run replaces datasets that are committed, they
wait beside its work until its commit, so that what they replace can be read until then.
"""

import contextlib
import fnmatch
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import DATASETS, Dataset, by_name
from schemas.runs import EVERY_STAGE
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.manifest_form import are_shards, is_manifest
from transforms.lib.skeleton.memory import give_back_memory
from transforms.lib.skeleton.storage import Storage

ROW_GROUP_BYTES = 32_000_000  # of Arrow memory: waiting rows of that size become a row group
PAGE_ROWS = 64  # a page may end after so many rows, so that its size stays near a megabyte
MANIFEST = "_manifest.json"
ZSTD_LEVEL = 3  # smaller and faster than pyarrow's default of 1 on source text
# Hashes cannot be compressed: the attempt costs time and saves nothing.
UNCOMPRESSED_COLUMNS = ("signature", "sha256")
DICTIONARY_COLUMNS = (
    "repo",
    "repo_id",
    "commit",
    "licence_spdx",
    "encoding",
    "reason",
    "split",
    "kind",
)


def parquet_writer(
    sink: Any, dataset: Dataset, config: str, version: str = VERSION
) -> pq.ParquetWriter:
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
    writer.add_key_value_metadata({"quire_version": version, "quire_config": config})
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

    def __init__(
        self,
        data: Storage,
        folder: str,
        dataset: str,
        unit: str,
        config: str,
        version: str = VERSION,
    ) -> None:
        super().__init__()
        self.dataset, self.unit, self.name = dataset, unit, f"part-{unit}.parquet"
        self.rows = self.size = 0
        place = f"{folder}/{self.name}"
        self._path, self._digest = data.path(place), hashlib.sha256()
        self._end = contextlib.ExitStack()
        # The commit has all shards written to the disk: one by one, each would wait for it.
        self._stream = self._end.enter_context(data.create(place, durable=False))
        self._writer = parquet_writer(self, by_name(dataset), config, version)

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
    _sizes: dict[str, int] = field(default_factory=dict)  # bytes of the rows that wait
    _files: dict[str, list[dict]] = field(default_factory=dict)

    def write(self, dataset: str, table: pa.Table) -> None:
        """Append rows to the unit's shard of `dataset`; without any row there is no shard."""
        if not table.num_rows:
            return
        self._waiting.setdefault(dataset, []).append(table)
        self._sizes[dataset] = self._sizes.get(dataset, 0) + table.nbytes
        if self._sizes[dataset] >= ROW_GROUP_BYTES:
            self._flush(dataset)

    def _flush(self, dataset: str) -> None:
        """Write the rows of `dataset` that wait as one row group."""
        if dataset not in self._shards:
            folder = shard_folder(self.data, self.stage, dataset)
            self._shards[dataset] = Shard(self.data, folder, dataset, self.unit, self.config)
        self._shards[dataset].add(pa.concat_tables(self._waiting.pop(dataset)))
        del self._sizes[dataset]

    @property
    def name(self) -> str:
        """The name of the unit's shards without an ending."""
        return f"part-{self.unit}"

    def put_file(self, dataset: str, name: str, content: bytes) -> dict[str, Any]:
        """Write a file beside the unit's shard of `dataset`, which has rows; returns its entry.

        The name begins with that of the shard, or with a folder of its own. The entry, of name,
        bytes and sha256, stands in that of the shard.
        """
        folder = shard_folder(self.data, self.stage, dataset)
        self.data.put(f"{folder}/{name}", content, durable=False)
        digest = hashlib.sha256(content).hexdigest()
        entry = {"name": name, "bytes": len(content), "sha256": digest}
        self._files.setdefault(dataset, []).append(entry)
        return entry

    def commit(self, phase: str = "done") -> dict[str, Any]:
        """Finish every shard, then write the marker of `phase`; returns the marker."""
        for name in list(self._waiting):
            self._flush(name)
        shards = []
        for dataset, shard in sorted(self._shards.items()):
            files = self._files.get(dataset)
            shards.append(shard.finish() | ({"files": files} if files else {}))
        if phase != "done":  # what was made of this unit's earlier shards is to be made again
            self.data.delete(marker_name(self.stage, "done", self.unit))
        marker = put_marker(self.data, self.stage, phase, self.unit, self.config, shards)
        give_back_memory()
        return marker


def put_marker(
    data: Storage,
    stage: str,
    phase: str,
    unit: str,
    config: str,
    shards: list[dict],
    *,
    durable: bool = True,
) -> dict[str, Any]:
    """Write the marker of a unit, and return it."""
    marker = {"unit": unit, "config": config, "shards": shards}
    data.put_json(marker_name(stage, phase, unit), marker, durable=durable)
    return marker


def marker_name(stage: str, phase: str, unit: str) -> str:
    """The path, below DATA, of the marker that a finished unit has until the commit."""
    return f"_work/{stage}/{phase}-{unit}.json"


def finished(data: Storage, stage: str, phase: str, unit: str, config: str) -> dict | None:
    """The marker of a unit, if it was finished before with the same configuration, or None.

    None too if a shard of it is gone or cut: somebody has deleted it, or the power failed.
    """
    marker = read_marker(data, stage, phase, unit)
    if marker is None or marker["config"] != config:
        return None
    lost = [shard for shard in marker["shards"] if not _is_whole(data, stage, shard)]
    if not lost:
        return marker
    # A later phase may have written a shard again: then its marker says how large it is now.
    later = finished(data, stage, "done", unit, config) if phase != "done" else None
    names = [(shard["dataset"], shard["name"]) for shard in (later or {"shards": []})["shards"]]
    return marker if all((shard["dataset"], shard["name"]) in names for shard in lost) else None


def read_marker(data: Storage, stage: str, phase: str, unit: str) -> dict | None:
    """The marker of a unit; None if there is none, or what a power cut has left of it."""
    try:
        marker: Any = data.read_json(marker_name(stage, phase, unit))
    except UsageError:
        return None
    whole = isinstance(marker, dict) and marker.keys() == {"unit", "config", "shards"}
    return marker if whole and are_shards(marker["shards"]) else None


def _is_whole(data: Storage, stage: str, shard: dict) -> bool:
    """Whether a shard, and each file beside it, is there and as long as when it was written."""
    return all(
        data.size(own_shard(data, stage, shard["dataset"], file["name"])) == file["bytes"]
        for file in files_of(shard)
    )


def digest_before(shard: dict) -> str:
    """The sha256 that a shard had when its stage committed it, before rows were removed from it.

    What was made of the shard lost the same rows: it is no other input than before.
    """
    return str(shard.get("before", shard["sha256"]))


def files_of(shard: dict) -> list[dict]:
    """The entries of all files of a shard: its own, and those that stand beside it."""
    return [shard, *shard.get("files", ())]


def committed_files(data: Storage, dataset: str) -> list[dict]:
    """The entries of all files of a committed dataset; none if it is not committed."""
    shards = (read_manifest(data, dataset) or {"shards": []})["shards"]
    return [file for shard in shards for file in files_of(shard)]


def staged(stage: str, dataset: str) -> str:
    """The folder, below DATA, where shards wait that replace those of a committed dataset."""
    return f"_work/{stage}/shards/{dataset}"


def replacing_file(stage: str) -> str:
    """The name, below DATA, of the file that says that a stage replaces committed datasets.

    It holds the configuration of the run.
    """
    return f"_work/{stage}/replacing"


def shard_folder(data: Storage, stage: str, dataset: str) -> str:
    """The folder, below DATA, into which a run of a stage writes the shards of a dataset."""
    return staged(stage, dataset) if data.exists(replacing_file(stage)) else dataset


def own_shard(data: Storage, stage: str, dataset: str, name: str) -> str:
    """Where a run of a stage finds a shard that it wrote, or that it keeps: its path below DATA."""
    waiting = f"{staged(stage, dataset)}/{name}"
    return waiting if data.exists(waiting) else f"{dataset}/{name}"


def read_manifest(data: Storage, dataset: str) -> dict | None:
    """The manifest of a committed dataset, or None; UsageError if the file is not a manifest."""
    name = f"{dataset}/{MANIFEST}"
    manifest: Any = data.read_json(name)
    if manifest is None and not data.exists(name):
        return None
    if not is_manifest(manifest, dataset):
        raise UsageError(
            f"{data.path(name)}: not a manifest of quire; {made_anew(data.root, dataset)}"
        )
    return dict(manifest)


def made_anew(root: str, dataset: str) -> str:
    """What makes a dataset of DATA at `root` anew, in a sentence."""
    stage = by_name(dataset).stage
    if stage == EVERY_STAGE:
        folder = Storage(root).path(dataset)
        return f"delete the folder {folder}: the next run of a stage begins it anew"
    return f"`quire {stage}` with --overwrite makes {dataset} anew"


def committed_rows(data: Storage, datasets: Iterable[str]) -> dict[str, int]:
    """How many rows each dataset has; 0 if it is not committed."""
    return {name: (read_manifest(data, name) or {}).get("rows", 0) for name in datasets}


def committed(data: Storage) -> list[Dataset]:
    """The committed datasets of DATA, in the order of DATASETS."""
    return [dataset for dataset in DATASETS if read_manifest(data, dataset.name)]


def write_manifest(
    data: Storage,
    dataset: str,
    config: str,
    shards: list[dict],
    origin: dict | None = None,
    folder: str | None = None,
) -> None:
    """Write the manifest of a dataset; the shards that it lists must exist already.

    `origin` is what `origin_file` holds, `folder` where the manifest waits, if not in its place.
    """
    manifest = {
        "dataset": dataset,
        "version": VERSION,
        "config": config,
        "rows": sum(shard["rows"] for shard in shards),
        "bytes": sum(shard["bytes"] for shard in shards),
        "shards": sorted(shards, key=lambda shard: shard["name"]),
    }
    manifest |= {key: value for key, value in (origin or {}).items() if value}
    data.put_json(f"{folder or dataset}/{MANIFEST}", manifest)


def origin_file(stage: str) -> str:
    """The name, below DATA, of the file that says what the datasets of a running stage are made of.

    It holds what the manifests get: `inputs`, a digest of each dataset that the stage reads, and
    `schemes`, the names of the schemes that decide which rows are alike.
    """
    return f"_work/{stage}/plan/origin.json"


def commit(
    data: Storage, stage: str, datasets: Iterable[str], config: str, shards: Iterable[dict]
) -> None:
    """Write the manifests of a stage, then remove stray files and the stage's markers.

    `shards` are the entries of all markers. A dataset without any shard gets an empty one. The
    manifests are on the disk only after all that they list.
    """
    by_dataset: dict[str, list[dict]] = {name: [] for name in datasets}
    for shard in shards:
        by_dataset[shard["dataset"]].append(shard)
    for name, entries in by_dataset.items():
        if not entries:
            entries.append(_put_empty(data, stage, name, config))
    data.to_disk(
        own_shard(data, stage, name, file["name"])
        for name, entries in by_dataset.items()
        for entry in entries
        for file in files_of(entry)
    )
    origin = data.read_json(origin_file(stage)) or {}
    replacing = data.exists(replacing_file(stage))
    for name, entries in by_dataset.items():
        folder = staged(stage, name) if replacing else name
        write_manifest(data, name, config, entries, origin, folder)
    if replacing:
        data.put(committing_file(stage), b"")
        waiting = [f"{staged(stage, name)}/{MANIFEST}" for name in by_dataset]
        data.to_disk([*waiting, committing_file(stage)])
        finish_commit(data, stage)
        return
    for name in by_dataset:
        remove_strays(data, name)
    clear_work(data, stage)


def committing_file(stage: str) -> str:
    """The name, below DATA, of the file that says that all which replaces datasets is there."""
    return f"_work/{stage}/committing"


def obsolete_file(stage: str) -> str:
    """The name, below DATA, of a list of datasets that the commit of a run removes.

    A run that replaces datasets leaves it if it does not write all that an earlier one wrote.
    """
    return f"_work/{stage}/plan/obsolete.json"


def finish_commit(data: Storage, stage: str) -> None:
    """Put what replaces the datasets of a stage in their place; goes on where it was interrupted.

    Datasets that the run makes obsolete are removed. Nothing here needs space on the disk. While it
    lasts, a dataset is not committed.
    """
    obsolete = data.read_json(obsolete_file(stage)) or []
    for dataset in (dataset.name for dataset in DATASETS if dataset.stage == stage):
        if data.exists(f"{staged(stage, dataset)}/{MANIFEST}"):
            put_in_place(data, stage, dataset)
        elif dataset in obsolete:
            remove_dataset(data, dataset)
        if read_manifest(data, dataset):
            remove_strays(data, dataset)
    clear_work(data, stage)


def put_in_place(data: Storage, stage: str, dataset: str) -> None:
    """Move what waits for a dataset, a manifest among it, over what is there."""
    folder = staged(stage, dataset)
    uncommit(data, [dataset])
    names = [name for name in _files(data, folder, dataset) if name != MANIFEST]
    data.move([(f"{folder}/{name}", f"{dataset}/{name}") for name in names])
    data.move([(f"{folder}/{MANIFEST}", f"{dataset}/{MANIFEST}")])
    data.to_disk([f"{dataset}/{MANIFEST}"])


def remove_dataset(data: Storage, dataset: str) -> None:
    """Remove a committed dataset, and nothing in its folder that no manifest names.

    The manifest goes last, so that another call finishes one that was killed.
    """
    for file in committed_files(data, dataset):
        data.delete(f"{dataset}/{file['name']}")
    uncommit(data, [dataset])
    data.remove_empty_folders(dataset.partition("/")[0])


def _files(data: Storage, folder: str, dataset: str) -> list[str]:
    """The files in a folder of shards of a dataset, by their paths below it."""
    return data.list(folder, recursive=by_name(dataset).folders)


def interrupted_commits(data: Storage) -> list[str]:
    """The stages whose commits were interrupted while they put new shards in place of others."""
    stages = dict.fromkeys(dataset.stage for dataset in DATASETS)
    return [stage for stage in stages if data.exists(committing_file(stage))]


def settle(data: Storage) -> None:
    """Finish the commits that were interrupted."""
    for stage in interrupted_commits(data):
        finish_commit(data, stage)


def clear_work(data: Storage, stage: str) -> None:
    """Remove the temporary files of a stage."""
    data.delete_folder(f"_work/{stage}")
    if not data.list("_work", recursive=True):
        data.delete_folder("_work")


def _put_empty(data: Storage, stage: str, dataset: str, config: str) -> dict:
    """Write a shard without rows, so that a glob finds the dataset's schema; returns its entry."""
    folder = shard_folder(data, stage, dataset)
    return Shard(data, folder, dataset, "empty", config).finish()


# Files of file managers, of NFS and of what copies folders: nobody reads them as Parquet.
FOREIGN = (".*", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r", "@eaDir", "~syncthing~*")


def strays(data: Storage, dataset: str, named: set[str]) -> list[str]:
    """The names of files in a dataset's folder that are not among `named`, its shards' files.

    Those of FOREIGN are left out.
    """
    return [
        name
        for name in _files(data, dataset, dataset)
        if name != MANIFEST and name not in named and not is_foreign(name)
    ]


def is_foreign(name: str) -> bool:
    """Whether a file is one of FOREIGN, by its name."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in FOREIGN)


def remove_strays(data: Storage, dataset: str) -> None:
    """Remove the files that a killed or an older run left in a committed dataset's folder."""
    named = {file["name"] for file in committed_files(data, dataset)}
    for name in strays(data, dataset, named):
        data.delete(f"{dataset}/{name}")
    if by_name(dataset).folders:
        data.remove_empty_folders(dataset.partition("/")[0])


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
