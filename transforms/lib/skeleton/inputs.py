"""The datasets of DATA that a stage reads: what content they had, so that `check` sees changes."""

import hashlib
from collections.abc import Collection, Iterable

from schemas import by_name
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.parquet_files import open_parquet
from transforms.lib.skeleton.shards import digest_before, read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage


def read_inputs(data: Storage, datasets: Iterable[str]) -> dict[str, str]:
    """A digest of the content of each of these committed datasets.

    Raises UsageError that names the stage to run again for a dataset with the columns of another
    version of quire.
    """
    digests = {}
    for dataset in datasets:
        if manifest := read_manifest(data, dataset):
            if not has_schema(data, dataset):
                stage = by_name(dataset).stage
                raise UsageError(
                    f"{data.path(dataset)}: not with the columns of this quire (written by "
                    f"{manifest['version']}); run `quire {stage} {data.root} --overwrite` first"
                )
            digests[dataset] = content_digest(manifest)
    return digests


def has_schema(data: Storage, dataset: str, harmed: Collection[str] = ()) -> bool:
    """Whether a committed dataset, by its first shard, has the columns of this version of quire.

    The first that is not among the names of `harmed` shards.
    """
    paths = (path for path in shard_paths(data, dataset) if path.rpartition("/")[2] not in harmed)
    first = next(paths, None)
    if first is None:
        return True
    with open_parquet(data.path(first)) as parquet:
        return bool(parquet.schema_arrow.equals(by_name(dataset).schema))


def made_of(manifest: dict | None) -> dict[str, str]:
    """What a dataset was made of, by its manifest: digests of what its stage read, by dataset.

    Empty without a manifest.
    """
    return dict((manifest or {}).get("inputs", {}))


def content_digest(manifest: dict) -> str:
    """A digest of the content of a dataset: that of the digests of its shards in their order.

    Rows that were removed since its commit change nothing.
    """
    digests = "".join(map(digest_before, manifest["shards"]))
    return hashlib.sha256(digests.encode()).hexdigest()
