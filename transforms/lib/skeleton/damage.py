"""Committed shards that are gone, cut or changed: how they are found, and what makes them anew."""

import functools
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from schemas import DATASETS, by_name
from schemas.runs import EVERY_STAGE
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import (
    MANIFEST,
    committed_files,
    made_anew,
    read_manifest,
)
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.versions import digest_of

READERS = 4  # digests at the same time: more than that waits for the disk
# What must be named again for a stage to go on, where the command line alone does not say it.
ARGUMENTS = {"contests": "{data} SOURCE …", "evaluate": "SAMPLES --data {data}"}


class Harm(NamedTuple):
    """A committed shard that is not as its manifest says, and what is wrong with it."""

    dataset: str
    name: str
    fault: str


def harmed_shards(data: Storage, datasets: Iterable[str]) -> list[Harm]:
    """The committed shards that are gone or not as long as when they were committed.

    On this machine also those whose content has changed. An object store keeps checksums of its
    own, and everything would have to be fetched from it.
    """
    harms, whole = [], []
    for dataset in datasets:
        sizes = data.sizes(dataset, recursive=by_name(dataset).folders)
        for file in committed_files(data, dataset):
            if fault := size_fault(sizes.get(file["name"]), file["bytes"]):
                harms.append(Harm(dataset, file["name"], fault))
            elif data.local:
                whole.append((dataset, file["name"], file["sha256"]))
    with ThreadPoolExecutor(READERS) as pool:
        digests = pool.map(lambda shard: sha256_of(data, f"{shard[0]}/{shard[1]}"), whole)
        for (dataset, name, expected), actual in zip(whole, digests, strict=True):
            if actual != expected:
                harms.append(Harm(dataset, name, "its sha256 is not the manifest's"))
    return harms


def size_fault(size: int | None, expected: int) -> str | None:
    """What is wrong with a shard of so many bytes, None being a file that is gone; None if nothing.

    >>> size_fault(None, 7), size_fault(5, 7), size_fault(7, 7)
    ('missing', '5 bytes, the manifest says 7', None)
    """
    if size is None:
        return "missing"
    return None if size == expected else f"{size} bytes, the manifest says {expected}"


def sha256_of(data: Storage, name: str) -> str:
    """The sha256 of a file as hex, read in pieces; OSError if it cannot be read."""
    with data.open(name) as file:
        return digest_of(file)


def repair(file: str) -> str:
    """What to do about a shard of quire that cannot be read, as the end of a line.

    Empty if the file, by its path or URL, is none.
    """
    place = _place(file)
    return f"; {resume(*place[:2])}" if place and _entry(*place) else ""


def resume(root: str, dataset: str) -> str:
    """The command that makes harmed shards of a dataset anew, in a sentence."""
    stage = by_name(dataset).stage
    if stage == EVERY_STAGE:
        return made_anew(root, dataset)
    arguments = ARGUMENTS.get(stage, "{data}").format(data=root)
    return f"`quire {stage} {arguments} --resume`, with the flags of its run, makes it anew"


def manifest_entry(file: str) -> dict | None:
    """What the manifest beside a file says of it; None if no manifest lists it.

    Raises UsageError, with the command that makes it anew, if such a shard is gone or has not the
    size that its manifest says.
    """
    place = _place(file)
    entry = _entry(*place) if place else None
    if place and entry:
        root, dataset, name = place
        if fault := size_fault(Storage(root).size(f"{dataset}/{name}"), entry["bytes"]):
            raise UsageError(f"{file}: {fault}; {resume(root, dataset)}")
    return entry


def cut_shards(files: Iterable[str]) -> list[str]:
    """The digests of those files, by path or URL, that are shards from which rows were removed."""
    entries = filter(None, map(manifest_entry, files))
    return [str(entry["sha256"]) for entry in entries if "before" in entry]


def _place(file: str) -> tuple[str, str, str] | None:
    """DATA, dataset and name of a file in a folder that is called as a dataset is; None if not."""
    folder, _, name = file.rpartition("/")
    for dataset in DATASETS:
        if folder.endswith(f"/{dataset.name}"):
            return folder.removesuffix(f"/{dataset.name}") or "/", dataset.name, name
    return None


def _entry(root: str, dataset: str, name: str) -> dict | None:
    """What the manifest says of a shard; None if there is no manifest, or none that lists it."""
    state = Storage(root).modified(f"{dataset}/{MANIFEST}")
    return _entries(root, dataset, state).get(name) if state is not None else None


@functools.lru_cache(8)
def _entries(root: str, dataset: str, state: int) -> dict[str, dict]:
    """The entries of a manifest by name; `state` is when it was written, so that none is old."""
    try:
        manifest = read_manifest(Storage(root), dataset)
    except UsageError:
        return {}
    return {shard["name"]: shard for shard in manifest["shards"]} if manifest else {}
