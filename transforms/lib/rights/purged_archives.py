"""Archives of what has opted out or was removed: which are to go, and all that is kept of them."""

from collections.abc import Collection, Iterable
from typing import Any

from schemas import REPOSITORIES, rejects
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import name_of
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import read_shard

HTTP_STATES = "archives/http"
PAGES = "pages"
REJECTS = rejects("crawl").name


def delete_opted_out(data: Storage) -> None:
    """Delete the archives of sources that have opted out, or that hold a file that has.

    But for those that another source has, too. Until the commit a worker may have needed them.
    """
    if read_manifest(data, REPOSITORIES.name) is None or read_manifest(data, REJECTS) is None:
        return
    files = {
        (row["repo"], row["commit"])
        for row in _rows(data, REJECTS, ["repo", "commit", "path", "reason"])
        if row["reason"] == "opt_out" and row["path"]
    }
    gone, kept = set[str](), set[str]()
    for row in _rows(data, REPOSITORIES.name, ["repo", "commit", "archive_sha256", "status"]):
        opted = row["status"] == "opted_out" or (row["repo"], row["commit"]) in files
        (gone if opted else kept).add(row["archive_sha256"] or "")
    delete_archives(data, gone - kept - {""})


def _rows(data: Storage, dataset: str, columns: list[str]) -> Iterable[dict[str, Any]]:
    for path in shard_paths(data, dataset):
        yield from read_shard(data, path, columns).to_pylist()


def delete_archives(data: Storage, digests: Collection[str]) -> None:
    """Delete archives, and what was kept of the requests that brought them."""
    store = ArchiveStore(data)
    for sha256 in digests:
        data.delete(store.name(sha256))
    for name in data.list(HTTP_STATES) if digests else ():
        if _value(data, f"{HTTP_STATES}/{name}").get("sha256") in digests:
            data.delete(f"{HTTP_STATES}/{name}")


def _value(data: Storage, name: str) -> dict[str, Any]:
    """What is kept of a request; empty if that is damaged."""
    try:
        value = data.read_json(name)
    except UsageError:
        return {}
    return value if isinstance(value, dict) else {}


def delete_pages(data: Storage, names: Collection[str]) -> None:
    """Delete what was kept of the index pages of projects, by their names as they are compared."""
    for name in data.list(PAGES, recursive=True) if names else ():
        url = str(_value(data, f"{PAGES}/{name}").get("url", ""))
        if name_of(url.rstrip("/").rpartition("/")[2]) in names:
            data.delete(f"{PAGES}/{name}")
