"""How a removal becomes valid: all that replaces shards waits beside them, then takes their place.

It is prepared under `_work/remove`, which changes nothing. From the moment in which a last file
says that all is there, it is finished by whatever comes next, however often it is interrupted.
"""

from collections.abc import Iterable
from typing import Any

from schemas import DATASETS
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.rights.purged_archives import delete_answers, delete_archives
from transforms.lib.rights.removal_log import FOLDER, log_name
from transforms.lib.skeleton.shards import (
    MANIFEST,
    clear_work,
    committed,
    committing_file,
    put_in_place,
    read_manifest,
    remove_dataset,
    remove_strays,
    staged,
)
from transforms.lib.skeleton.storage import Storage

REMOVE = "remove"  # its folder below `_work`, as a stage's
FETCHED = ("archives", "pages", "searches")  # folders of what is no dataset
ORDER = f"_work/{REMOVE}/order.json"


def begin_removal(data: Storage) -> None:
    """Forget what a removal prepared that was killed before it was whole."""
    clear_work(data, REMOVE)


def commit_removal(data: Storage, order: dict[str, Any], shards: Iterable[str]) -> None:
    """Make valid what was prepared: the `shards`, by their paths below DATA, wait there.

    `order` says what else is to be done: `log`, the removal in the log; `deleted`, datasets that go
    as a whole; `archives` that go, by digest; `files` that go, by path; `opt_outs`, of whom answers
    of indexes and forges go.
    """
    data.put_json(ORDER, order)
    data.to_disk([*shards, ORDER])
    data.put(committing_file(REMOVE), b"")
    data.to_disk([committing_file(REMOVE)])
    settle_removal(data)


def interrupted_removal(data: Storage) -> bool:
    """Whether a removal was interrupted while it put what it had prepared in place."""
    return data.exists(committing_file(REMOVE))


def settle_removal(data: Storage) -> None:
    """Finish the removal that was interrupted, if one was."""
    if not interrupted_removal(data):
        return
    order = data.read_json(ORDER)
    data.remove_scratch(FOLDER)
    data.put_json(log_name(order["log"]["number"]), order["log"])
    for dataset in order["deleted"]:
        remove_dataset(data, dataset)
    for dataset in (each.name for each in DATASETS):
        if data.exists(f"{staged(REMOVE, dataset)}/{MANIFEST}"):
            put_in_place(data, REMOVE, dataset)
    delete_archives(data, order["archives"])
    delete_answers(data, OptOuts.unpack(order["opt_outs"]))
    for name in order["files"]:
        data.delete(name)
    _delete_leftovers(data)
    clear_work(data, REMOVE)


def _delete_leftovers(data: Storage) -> None:
    """Delete what killed runs have left, which may hold the same: no stage is unfinished here."""
    for dataset in committed(data):
        remove_strays(data, dataset.name)
        data.remove_scratch(dataset.name)
    for folder in FETCHED:
        data.remove_scratch(folder, recursive=True)


def cut(data: Storage, datasets: Iterable[str]) -> bool:
    """Whether rows were removed from a committed dataset since its stage has written it."""
    return any("removed" in (read_manifest(data, name) or {}) for name in datasets)


def removed_projects(data: Storage) -> list[str]:
    """The digests of the projects that were removed, as `project_digest` makes them."""
    removed = (read_manifest(data, "repositories") or {}).get("removed", {})
    digests: list[str] = removed.get("projects", [])
    return digests
