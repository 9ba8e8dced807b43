"""What entries mean in a DATA: names, digests and places of rows that do not show it themselves.

A function knows neither the number of its repository nor who holds its rights. `repositories` and
the datasets of files do, and tell which names and digests are meant.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from transforms.lib.git_ids import git_sha1
from transforms.lib.rights.holders import notice_domains
from transforms.lib.rights.opt_outs import KEY_COLUMNS, OptOuts, name_of, place_of, version_of
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

REPOSITORIES = "repositories"
BATCH_ROWS = 1024
ROWS_WITH_TEXT = 32  # at a time


def with_names(data: Storage, opt_outs: OptOuts) -> OptOuts:
    """The opt-outs with the names of the repositories of DATA that they mean.

    Of what is known by its address alone only this version is meant: an archive from a forge has
    the name that its metadata says, which a release on an index may have, too.
    """
    if not opt_outs:
        return opt_outs
    found = {}
    for _, row in key_rows(data, REPOSITORIES):
        version = version_of(row)
        if version and (entry := opt_outs.entry(row | {"url": None})):
            found[name_of(row["repo"])] = entry
        elif version and (entry := opt_outs.entry(row)):
            found[version] = entry
    return opt_outs | OptOuts(found=_other(found, opt_outs))


def with_files(
    data: Storage, opt_outs: OptOuts, datasets: Iterable[str], *, heads: bool = False
) -> OptOuts:
    """The same, with the digests and places of the files in `datasets` that they mean.

    A file is meant by its digest; then by its place, too, for rows that have no digest. That its
    repository is meant says nothing of files of the same content elsewhere. With `heads`, the
    beginning of each file is read for its holders, if one is listed.
    """
    heads = heads and opt_outs.names_domains
    opt_outs = with_names(data, opt_outs)
    for dataset in datasets if opt_outs else ():
        found: dict[str, str] = {}
        for _, row in key_rows(data, dataset, heads=heads):
            if row["repo"] and (entry := opt_outs.entry({"repo_id": row.get("repo_id")})):
                found[name_of(row["repo"])] = entry
            if entry := _of_file(row, opt_outs):
                found |= dict.fromkeys(filter(None, (row.get("sha256"), place_of(row))), entry)
        opt_outs |= OptOuts(found=_other(found, opt_outs))
    return opt_outs


def _of_file(row: dict[str, Any], opt_outs: OptOuts) -> str | None:
    """The entry that means a file by its content, wherever it is."""
    content = ("sha256", "raw_sha256", "git_sha1", "holder_domains")
    return opt_outs.entry({name: row.get(name) for name in content})


def _other(found: dict[str, str], opt_outs: OptOuts) -> dict[str, str]:
    """What is found and no entry already."""
    return {key: entry for key, entry in found.items() if key not in opt_outs.entries}


def key_rows(
    data: Storage, dataset: str, further: Iterable[str] = (), *, heads: bool = False
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields of each row of a dataset its shard, and what it has that an entry may name.

    And the columns `further`. Nothing if the dataset is not committed. With `heads`, also the
    domains of the holders that the text of a file names at its beginning.
    """
    if read_manifest(data, dataset) is None:
        return
    for path in shard_paths(data, dataset):
        file = data.path(path)
        with open_parquet(file) as parquet, reading(file):
            wanted = [*KEY_COLUMNS, *further, *(["content"] if heads else [])]
            columns = [name for name in wanted if name in parquet.schema_arrow.names]
            rows = ROWS_WITH_TEXT if "content" in columns else BATCH_ROWS
            for batch in parquet.iter_batches(rows, columns=columns, use_threads=False):
                for row in batch.to_pylist():
                    yield path.rpartition("/")[2], key_row(row)


def key_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its digest as text, and with the domains that the head of its content names.

    Of content without a digest beside it also with its digests.
    """
    if isinstance(digest := row.get("sha256"), bytes):
        row["sha256"] = digest.hex()
    if (content := row.pop("content", None)) is not None:
        row["holder_domains"] = " ".join(notice_domains(content))
        if "sha256" not in row:
            text = content.encode()
            row |= {"sha256": hashlib.sha256(text).hexdigest(), "git_sha1": git_sha1(text)}
    return row
