"""check: compares every shard with its manifest and schema, and figures that must add up.

Stages verify what they read. DuckDB verifies no checksum: where a disk is in doubt, this command
tells before `sql` and other questions to the shards.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.running.sums import LEFT, SUMS
from schemas import DATASETS, Dataset, by_name
from schemas.runs import EVERY_STAGE
from transforms.feed.settings import TOKENIZERS_FOLDER
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.rights.removal_commit import interrupted_removal
from transforms.lib.rights.removal_log import FOLDER, log_strays, read_log
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.damage import READERS, resume, sha256_of, size_fault
from transforms.lib.skeleton.inputs import content_digest, made_of
from transforms.lib.skeleton.manifest_form import SHARD_NAME
from transforms.lib.skeleton.parquet_files import UNREADABLE, open_parquet
from transforms.lib.skeleton.shards import (
    MANIFEST,
    committed,
    files_of,
    read_manifest,
    strays,
)
from transforms.lib.skeleton.storage import SCRATCH, Storage

EPILOG = """examples:
  quire check ./data      exit 5, and a line for each fault, if anything is not as committed
"""
FAULTY = 5  # exit code
OTHER_SCHEMA = "its schema is not that of"
TOKENIZER = re.compile(r"[0-9a-f]{64}\.json")  # below TOKENIZERS_FOLDER
ARCHIVE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")  # below `archives`


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the faults; returns 0 if there are none, else 5."""
    data = Storage(options.data)
    if not any(data.list(dataset.name) for dataset in DATASETS):
        raise UsageError(f"{data.path()}: no datasets here")
    faults = [fault for dataset in DATASETS for fault in dataset_faults(data, dataset)]
    faults += archive_faults(data) + removal_faults(data)
    faults = faults or tokenizer_faults(data) or list(stage_faults(data)) or list(sum_faults(data))
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return FAULTY
    rows = [f"{d.name} {(read_manifest(data, d.name) or {})['rows']:,}" for d in committed(data)]
    print(f"ok, rows: {', '.join(rows)}")
    return 0


def dataset_faults(data: Storage, dataset: Dataset) -> Iterator[str]:
    """One line for each fault of the manifest and the shards of a dataset."""
    try:
        manifest = read_manifest(data, dataset.name)
    except UsageError as error:
        yield str(error)
        return
    shards = manifest["shards"] if manifest else []
    faults = list[str]()
    for shard in shards:
        found = list(shard_faults(data, dataset, shard))
        # A dataset of another quire has other columns in every shard: one line says it.
        faults += [line for line in found if not (OTHER_SCHEMA in line and faults)]
    yield from faults
    if manifest and not faults:
        yield from manifest_faults(data, dataset, manifest)
    named = {file["name"] for shard in shards for file in files_of(shard)}
    for name in strays(data, dataset.name, named):
        yield f"{dataset.name}/{name}: {_stray(name, dataset)}"


def _stray(name: str, dataset: Dataset) -> str:
    """What a file in a dataset's folder is that no manifest names, and what to do about it."""
    if SHARD_NAME.fullmatch(name) and dataset.stage != EVERY_STAGE:
        return "no manifest names it (a stray, or a stage to --resume)"
    if SCRATCH.search(name) or SHARD_NAME.fullmatch(name):
        return f"left by a killed run; the next run of {_command(dataset)} removes it"
    if name.endswith(".parquet"):
        return "no shard of quire (a copy by what synchronises the folder?); delete it"
    return "no file of quire; delete it or move it elsewhere"


def shard_faults(data: Storage, dataset: Dataset, shard: dict) -> Iterator[str]:
    """One line for each way in which a shard, or a file beside it, is not as the manifest says."""
    for file in shard.get("files", ()):
        if fault := content_or_fault(data, dataset, file)[1]:
            yield fault
    name = f"{dataset.name}/{shard['name']}"
    content, fault = content_or_fault(data, dataset, shard)
    if content is None:
        yield fault
        return
    try:
        parquet = pq.ParquetFile(pa.BufferReader(content))
    except UNREADABLE as error:
        yield f"{name}: not a readable Parquet file ({error!s:.200})"
        return
    if parquet.metadata.num_rows != shard["rows"]:
        yield f"{name}: {parquet.metadata.num_rows} rows, the manifest says {shard['rows']}"
    if not parquet.schema_arrow.equals(dataset.schema):
        yield (
            f"{name}: {OTHER_SCHEMA} {dataset.name} in quire {VERSION}; "
            f"{_with_our_columns(dataset)}"
        )


def _with_our_columns(dataset: Dataset) -> str:
    """What gives a dataset of another version of quire the columns of this one."""
    if dataset.stage == EVERY_STAGE:
        return f"the next run of {_command(dataset)} writes it with them"
    return f"{_command(dataset)} with --overwrite makes it anew"


def _command(dataset: Dataset) -> str:
    return "a stage" if dataset.stage == EVERY_STAGE else f"`quire {dataset.stage}`"


def content_or_fault(data: Storage, dataset: Dataset, file: dict) -> tuple[bytes | None, str]:
    """The content of a file, given its entry in the manifest; None and what is wrong with it."""
    name = f"{dataset.name}/{file['name']}"
    try:
        content = data.read(name)
    except FileNotFoundError:
        return None, f"{name}: missing; {resume(data.root, dataset.name)}"
    except OSError as error:
        return None, f"{name}: cannot be read ({error!s:.200})"
    length = size_fault(len(content), file["bytes"])
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        fault = length or "its sha256 is not the manifest's"
        return None, f"{name}: {fault}; {resume(data.root, dataset.name)}"
    return (None, f"{name}: {length}") if length else (content, "")


def manifest_faults(data: Storage, dataset: Dataset, manifest: dict) -> Iterator[str]:
    """One line for each figure of a manifest that its shards, which are sound, do not confirm."""
    name = f"{dataset.name}/{MANIFEST}"
    shards = manifest["shards"]
    for key in ("rows", "bytes"):
        total = sum(shard[key] for shard in shards)
        if manifest[key] != total:
            yield f"{name}: {manifest[key]} {key}, its shards have {total}"
    for key, value in _written(data, dataset, shards).items():
        if manifest[key] != value:
            yield f"{name}: {key} {manifest[key]}, its shards have {value}"


def _written(data: Storage, dataset: Dataset, shards: list[dict]) -> dict[str, str]:
    """The version and the configuration that the first shard says it was written with."""
    if not shards:
        return {}
    with open_parquet(data.path(f"{dataset.name}/{shards[0]['name']}")) as parquet:
        said = parquet.metadata.metadata or {}
    keys = {"version": b"quire_version", "config": b"quire_config"}
    return {name: said[key].decode(errors="replace") for name, key in keys.items() if key in said}


def archive_faults(data: Storage) -> list[str]:
    """One line for each archive of the crawl whose content is not what its name says."""
    names = [name for name in data.list("archives", recursive=True) if ARCHIVE.fullmatch(name)]
    with ThreadPoolExecutor(READERS) as pool:
        digests = pool.map(lambda name: sha256_of(data, f"archives/{name}"), names)
    return [
        f"archives/{name}: its sha256 is not its name; delete it, a crawl that needs it fetches it"
        for name, sha256 in zip(names, digests, strict=True)
        if name.rpartition("/")[2] != sha256
    ]


def removal_faults(data: Storage) -> list[str]:
    """A line for each fault of the log of removals, and one if a removal was interrupted."""
    try:
        read_log(data)
    except UsageError as error:
        return [str(error)]
    faults = [f"{FOLDER}/{name}: no file of the log; delete it" for name in log_strays(data)]
    if interrupted_removal(data):
        faults.append("a removal was interrupted; `quire remove`, as it was run, finishes it")
    return faults


def tokenizer_faults(data: Storage) -> list[str]:
    """One line for each tokenizer's file whose content is not what its name says, or that is gone.

    Those of a name are part of quire, and can be had again.
    """
    folder = TOKENIZERS_FOLDER
    names = data.list(folder)
    faults = [
        f"{folder}/{name}: its sha256 is not its name; delete it, `quire feed` puts it there"
        for name in names
        if TOKENIZER.fullmatch(name) and sha256_of(data, f"{folder}/{name}") != name[:64]
    ]
    if not read_manifest(data, "tokens"):
        return faults
    with connect(data) as connection:
        used = connection.execute("SELECT DISTINCT tokenizer FROM tokens").fetchall()
    return faults + [
        f"{folder}/{name}.json: missing, and `tokens` were made with it"
        for (name,) in used
        if TOKENIZER.fullmatch(f"{name}.json") and f"{name}.json" not in names
    ]


def stage_faults(data: Storage) -> Iterator[str]:
    """One line for each stage whose datasets are of several runs, or whose input is newer."""
    manifests = {name: m for d in DATASETS if (m := read_manifest(data, name := d.name))}
    for stage in dict.fromkeys(dataset.stage for dataset in DATASETS):
        own = [manifest for name, manifest in manifests.items() if by_name(name).stage == stage]
        if len({manifest["config"] for manifest in own}) > 1:
            names = ", ".join(manifest["dataset"] for manifest in own)
            yield f"{names}: not of one run; `quire {stage}` with --overwrite makes them anew"
        for manifest in own:
            if deleted := manifest.get("removed", {}).get("deleted"):
                yield (
                    f"{stage}: a removal took rows of it, and {', '.join(deleted)}; "
                    f"`quire {stage}` with --overwrite makes it anew"
                )
        for name, digest in made_of(own[0] if own else None).items():
            if _is_other(data, manifests.get(name), digest):
                yield (
                    f"{stage}: made of another `{name}` than is here now; "
                    f"`quire {stage}` with --overwrite makes it anew"
                )


def _is_other(data: Storage, manifest: dict | None, digest: str) -> bool:
    """Whether a dataset has not the content any more that a later stage has read.

    Nothing is known of shards that another program has written again.
    """
    if manifest is None or content_digest(manifest) == digest:
        return manifest is None
    return bool(_written(data, by_name(manifest["dataset"]), manifest["shards"]))


def sum_faults(data: Storage) -> Iterator[str]:
    """One line for each of SUMS that is not zero."""
    with connect(data) as connection:
        for query, line in SUMS:
            row = connection.execute(query).fetchone()
            if apart := (row and row[0] or 0) - left_behind(data, line):
                yield line.format(apart)


def left_behind(data: Storage, line: str) -> int:
    """How far a sum is from zero because rows stay that name, or count, what was removed."""
    manifest = read_manifest(data, LEFT[line]) if line in LEFT else None
    left: int = (manifest or {}).get("removed", {}).get("left", 0)
    return left
