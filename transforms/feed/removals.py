"""What `removed` lists: the texts that hold evaluation tasks, and are left out of training."""

import hashlib
from dataclasses import dataclass

import pyarrow as pa

from schemas import REMOVED
from transforms.feed.feed_sources import FeedSource, Reason, Row
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

COLUMNS = ["dataset", "granularity", "repo", "sha256", "function", "tasks"]


@dataclass(frozen=True)
class Removals:
    """The tasks for which a text is left out, by what names the text.

    texts: by dataset and digest of the text; functions: by digest of a file of `corpus` and
    qualified name; repositories: by name.
    """

    texts: dict[tuple[str, str], str]
    functions: dict[tuple[str, str], str]
    repositories: dict[str, str]

    def concerns(self, source: FeedSource) -> bool:
        """Whether a text of the source is named by its digest."""
        return any(dataset == source.name for dataset, _ in self.texts)

    def reason(self, source: FeedSource, row: Row, digest: str | None) -> Reason | None:
        """Why a row is left out; None if it is not. `digest` is that of the text checked."""
        tasks = (
            self.repositories.get(row["repo"])
            or self.texts.get((source.name, digest or ""))
            or self.functions.get((row.get("sha256") or "", row.get("qualname") or ""))
        )
        return ("contaminated", tasks) if tasks else None


def read_removals(data: Storage) -> Removals:
    """The rows of `removed`; none if contamination has not run."""
    removals = Removals({}, {}, {})
    if read_manifest(data, REMOVED.name):
        for shard in shard_paths(data, REMOVED.name):
            for row in read_shard(data, shard, COLUMNS).to_pylist():
                _add(removals, row)
    return removals


def _add(removals: Removals, row: Row) -> None:
    if row["granularity"] == "repository":
        removals.repositories[row["repo"]] = row["tasks"]
    elif row["granularity"] == "function" and row["dataset"] == "corpus":
        removals.functions[row["sha256"], row["function"]] = row["tasks"]
    else:
        removals.texts[row["dataset"], row["sha256"]] = row["tasks"]


def checked_digests(source: FeedSource, batch: pa.RecordBatch) -> list[str]:
    """The digest of the text of each row that contamination has checked, as hex."""
    columns = [batch[name].fill_null("").to_pylist() for name in source.checked]
    texts = map(source.glue.join, zip(*columns, strict=True))
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]
