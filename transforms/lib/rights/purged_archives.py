"""Archives of what has opted out or was removed: which are to go, and all that is kept of them."""

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from schemas import REPOSITORIES, rejects
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import AT_A_TIME, Storage

STATES = ("archives/http", "archives/git")  # what is kept of requests for archives
ANSWERS = ("pages", "searches")  # what indexes and forges have answered
PART = 256  # JSON files that are read together
IN_FORGE = re.compile(r"/repos/([^/?#]+/[^/?#]+)")  # of the address of a REST interface
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
    for folder in STATES if digests else ():
        for name, value in json_files(data, folder):
            if value.get("sha256") in digests or value.get("archive_sha256") in digests:
                data.delete(name)


def delete_answers(data: Storage, opt_outs: OptOuts) -> None:
    """Delete what indexes and forges have answered of repositories that are named.

    And what attested that a release was built from one: first, for the answer alone names it.
    """
    gone, attestations = list[str](), set[str]()
    for folder in ANSWERS:
        for name, value in json_files(data, folder):
            found = value.get("repositories")
            if any(map(opt_outs.entry, _answered(value))):
                gone.append(name)
                attestations.add(str(value.get("attestation") or ""))
            elif isinstance(found, list):  # of a search, which stays for the others
                stays = [each for each in found if not _is_of(each, opt_outs)]
                if len(stays) < len(found):
                    data.put_json(name, value | {"repositories": stays})
    delete_archives(data, attestations - {""})
    for name in gone:
        data.delete(name)


def _answered(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields what an answer is about: names, and a number, that its repository may have."""
    for key in ("full_name", "repository", "release"):
        for repo in str(value.get(key) or "").split(", "):  # releases of one commit
            yield {"repo": repo, "repo_id": value.get("id")}
    if isinstance(url := value.get("url"), str):
        if in_forge := IN_FORGE.search(url):
            yield {"repo": in_forge[1]}
        elif url.endswith("/"):  # the page of a project on an index
            yield {"repo": url.rstrip("/").rpartition("/")[2]}


def _is_of(value: Any, opt_outs: OptOuts) -> bool:
    return isinstance(value, dict) and any(map(opt_outs.entry, _answered(value)))


def json_files(data: Storage, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the JSON files below a folder that hold an object: their paths below DATA, and it."""
    names = [f"{folder}/{name}" for name in data.list(folder, recursive=True)]

    def read(name: str) -> Any:
        with contextlib.suppress(UsageError):  # damaged, and so of no use
            return data.read_json(name)
        return None

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for first in range(0, len(names), PART):  # answers are not all held at once
            part = names[first : first + PART]
            for name, value in zip(part, pool.map(read, part), strict=True):
                if isinstance(value, dict):
                    yield name, value
