"""Which rows of a source may be trained on, and why the others may not."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas import rejects
from transforms.feed import STAGE
from transforms.feed.feed_sources import FeedSource, Reason, Row, secret_reason, strings
from transforms.feed.mixture import copies, example_id
from transforms.feed.removals import Removals, checked_digests
from transforms.feed.settings import FeedSettings
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.splits import split

REJECTS = rejects(STAGE)
ALL = "all"  # both splits


@dataclass(frozen=True)
class Selection:
    """What rows are judged by."""

    settings: FeedSettings
    opt_outs: OptOuts
    removals: Removals

    def reasons(self, source: FeedSource, batch: pa.RecordBatch) -> list[Reason | None]:
        """Why each row of a batch is not in the feed; None for those that may be."""
        digests: list[str | None] = [None] * len(batch)
        if self.removals.concerns(source):
            digests = [*checked_digests(source, batch)]
        rows = batch.select(source.short_columns()).to_pylist()
        missing = missing_columns(source, batch)
        return [self._reason(source, *each) for each in zip(rows, digests, missing, strict=True)]

    def _reason(
        self, source: FeedSource, row: Row, digest: str | None, missing: str | None
    ) -> Reason | None:
        own = split_of(row)
        if self.settings.split not in (own, ALL):
            return "split", own
        if missing:
            return "incomplete", missing
        if entry := self.opt_outs.entry(row):
            return "opt_out", entry
        return (
            self.removals.reason(source, row, digest)
            or source.reason(row, self.settings.language)
            or secret_reason(row)
            or self._mixed_out(source, row)
        )

    def _mixed_out(self, source: FeedSource, row: Row) -> Reason | None:
        """That a row has no copy, because its source weighs less than 1; None if it has one."""
        weight = self.settings.weights[source.name]
        row_id = example_id(source.name, row[source.source_id])
        return None if copies(row_id, weight, self.settings.seed) else ("mix", f"{weight:g}")


def missing_columns(source: FeedSource, batch: pa.RecordBatch) -> list[str | None]:
    """The column of prompt or completion that each row lacks; None for those that have both."""
    missing: list[str | None] = [None] * len(batch)
    for name in source.written:
        for row in np.flatnonzero(batch[name].is_null().to_numpy(zero_copy_only=False)):
            missing[int(row)] = name
    return missing


def split_of(row: Row) -> str:
    """The split of a row: what it says, or for a problem what its repository is in."""
    return row.get("split") or split(row["repo"] or "")


def splits_of(batch: pa.RecordBatch) -> pa.StringArray:
    """The split of each row of a batch."""
    names = [name for name in ("split", "repo") if name in batch.schema.names]
    return pa.array([split_of(row) for row in batch.select(names).to_pylist()], pa.string())


def kept_rows(batch: pa.RecordBatch, reasons: list[Reason | None]) -> pa.RecordBatch:
    """The rows of a batch that may be in the feed."""
    return batch.filter(pa.array([reason is None for reason in reasons], pa.bool_()))


def reject_rows(
    source: FeedSource, batch: pa.RecordBatch, reasons: list[Reason | None]
) -> pa.Table:
    """The rejects of a batch; a value begins with the source and the id of the row there."""
    rows = pa.array([i for i, reason in enumerate(reasons) if reason], pa.int64())
    dropped = batch.select(source.short_columns()).take(rows)
    ids = dropped[source.source_id].to_pylist()
    found = [reason for reason in reasons if reason]
    columns = {name: dropped[name] for name in ("repo", "path", "commit")}
    columns["sha256"] = strings(dropped, "sha256")
    columns["reason"] = [reason for reason, _ in found]
    columns["value"] = [
        f"{source.name} {row} {value}".rstrip() for row, (_, value) in zip(ids, found, strict=True)
    ]
    columns["kept_sha256"] = pa.nulls(len(dropped))
    return pa.table(columns, schema=REJECTS.schema)
