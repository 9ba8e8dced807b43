"""A removal: rows, and what was made of them, are taken out of the committed shards of DATA."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from schemas import by_name
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import MARK, OptOuts
from transforms.lib.rights.removal_commit import REMOVE, begin_removal, commit_removal
from transforms.lib.rights.source_counts import COUNTED_SOURCES, Changes, changed_counts
from transforms.lib.rights.taken_rows import OF_EXAMPLES, TakenRows, take_rows
from transforms.lib.skeleton.inputs import has_schema
from transforms.lib.skeleton.parquet_files import open_parquet, reading, verified
from transforms.lib.skeleton.shards import MANIFEST, Shard, digest_before, read_manifest, staged
from transforms.lib.skeleton.storage import Storage

WRITTEN = (b"quire_config", b"quire_version")  # what a shard says of itself
REPORT = "contamination.md"  # has excerpts of hits
PAGE = "report.html"  # has excerpts of any dataset
SHOWN = "__marimo__"  # a folder; has what cells of the notebook showed of any dataset
# They have figures of all datasets, and people edit them: they are not deleted.
CARD_FILES = ("README.md", "croissant.json")


@dataclass(frozen=True)
class Removal:
    """What a removal is to do.

    - `number`: its number in the log; `opt_outs`: the entries of its list.
    - `changes`: by dataset and shard, columns that have other values.
    - `deleted`: datasets that go as a whole; `files`: other files that go; `archives`: by digest.
    """

    number: int
    opt_outs: OptOuts
    taken: TakenRows
    changes: dict[str, dict[str, Changes]]
    deleted: list[str]
    files: list[str]
    archives: list[str]

    def shards(self) -> dict[str, list[str]]:
        """The names of the shards to be written anew, by dataset.

        A dataset without any has a new manifest alone.
        """
        names: dict[str, set[str]] = {d: set() for d, left in self.taken.left.items() if left}
        for part in (self.taken.masks, self.changes):
            for dataset, shards in part.items():
                names.setdefault(dataset, set()).update(shards)
        return {dataset: sorted(names[dataset]) for dataset in sorted(names)}


def plan_removal(data: Storage, opt_outs: OptOuts, number: int) -> Removal:
    """What the removal of `opt_outs` from DATA would do; nothing is changed.

    Raises UsageError for a dataset with the columns of another quire, and for a damaged shard.
    """
    taken = take_rows(data, opt_outs)
    for dataset in taken.masks:
        if not has_schema(data, dataset):
            stage = by_name(dataset).stage
            raise UsageError(
                f"{data.path(dataset)}: not with the columns of this quire; "
                f"`quire {stage} {data.root} --overwrite` makes it anew"
            )
    changes = {
        source.dataset: changed
        for source in COUNTED_SOURCES
        if (changed := changed_counts(data, source, taken, number))
    }
    deleted = [d for d in OF_EXAMPLES if "examples" in taken.masks and read_manifest(data, d)]
    files = _files_that_show(data, taken)
    store = ArchiveStore(data)
    archives = sorted(d for d in taken.gone - taken.kept if d and store.has(d))
    return Removal(number, opt_outs, taken, changes, deleted, files, archives)


def _files_that_show(data: Storage, taken: TakenRows) -> list[str]:
    """The files beside the datasets that show texts of rows, if rows are taken."""
    stale = {REPORT: "hits" in taken.masks, PAGE: bool(taken.masks)}
    files = [name for name, is_stale in stale.items() if is_stale and data.exists(name)]
    if taken.masks:
        files += [f"{SHOWN}/{name}" for name in data.list(SHOWN, recursive=True)]
    return files


def stale_card(data: Storage, removal: Removal) -> list[str]:
    """The files of the card of DATA that still count the rows that are taken."""
    return [name for name in CARD_FILES if removal.taken.masks and data.exists(name)]


def remove(data: Storage, removal: Removal, date: str) -> None:
    """Carry out a removal. DATA is as before until all is written, and then as after it."""
    begin_removal(data)
    written = list[str]()
    shards: dict[str, list[str]] = {}
    for dataset, names in removal.shards().items():
        if (manifest := read_manifest(data, dataset)) is None:
            continue
        entries = {entry["name"]: entry for entry in manifest["shards"]}
        for name in names:
            new = _rewrite(data, removal, dataset, entries[name])
            shards[f"{dataset}/{name}"] = [entries[name]["sha256"], new["sha256"]]
            entries[name] = new
            written.append(f"{staged(REMOVE, dataset)}/{name}")
        written.append(_put_manifest(data, removal, manifest, list(entries.values())))
    log = _logged(removal, date, shards)
    order = {
        "log": log,
        "deleted": removal.deleted,
        "archives": removal.archives,
        "files": removal.files,
        "opt_outs": OptOuts(removal.opt_outs.entries, log["found"]).pack(),
    }
    commit_removal(data, order, written)


def _rewrite(
    data: Storage, removal: Removal, dataset: str, entry: dict[str, Any]
) -> dict[str, Any]:
    """Write what stays of a shard, a row group at a time; returns its entry."""
    file = data.path(f"{dataset}/{entry['name']}")
    verified([file])
    mask = removal.taken.masks.get(dataset, {}).get(entry["name"])
    changes = removal.changes.get(dataset, {}).get(entry["name"], {})
    with open_parquet(file) as parquet, reading(file):
        said = parquet.metadata.metadata or {}
        config, version = (said.get(key, b"").decode() for key in WRITTEN)
        shard = Shard(data, staged(REMOVE, dataset), dataset, entry["unit"], config, version)
        first = 0
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, use_threads=False)
            rows = slice(first, first + len(table))
            for name, values in changes.items():
                table = _with_column(table, name, values[rows])
            stays = table if mask is None else table.filter(pa.array(~mask[rows]))
            if len(stays):
                shard.add(stays)
            first += len(table)
    return shard.finish() | {"before": digest_before(entry)}


def _with_column(table: pa.Table, name: str, values: Sequence[Any]) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table[name].type))


def _put_manifest(
    data: Storage, removal: Removal, manifest: dict[str, Any], entries: list[dict[str, Any]]
) -> str:
    """Write the manifest that replaces one; returns its path below DATA."""
    dataset, taken = manifest["dataset"], removal.taken
    earlier = manifest.get("removed", {"rows": 0, "left": 0, "deleted": [], "projects": []})
    deleted = removal.deleted if dataset == "examples" else []
    projects = taken.tested if dataset == "repositories" else []
    removed = {
        "rows": earlier["rows"] + taken.rows().get(dataset, 0),
        "left": earlier["left"] + taken.left[dataset],
        "deleted": sorted({*earlier["deleted"], *deleted}),
        "projects": sorted({*earlier["projects"], *projects}),
    }
    totals = {key: sum(entry[key] for entry in entries) for key in ("rows", "bytes")}
    place = f"{staged(REMOVE, dataset)}/{MANIFEST}"
    data.put_json(place, manifest | totals | {"shards": entries, "removed": removed})
    return place


def _logged(removal: Removal, date: str, shards: dict[str, list[str]]) -> dict[str, Any]:
    """The removal in the log: nothing of what was removed but names and digests of it."""
    found = {k: entry for k, entry in removal.taken.opt_outs.found.items() if MARK not in k}
    return {
        "number": removal.number,
        "date": date,
        "entries": sorted(removal.opt_outs.entries),
        "found": found,
        "rows": removal.taken.rows(),
        "rows_by_entry": dict(removal.taken.used),
        "shards": shards,
        "archives": removal.archives,
        "deleted": removal.deleted,
    }
