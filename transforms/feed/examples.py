"""Rows of the sources as prompt and completion, in copies and with keys."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from schemas import EXAMPLES
from transforms.feed.feed_sources import FeedSource, strings
from transforms.feed.mixture import copies, example_id, keys
from transforms.feed.selection import splits_of
from transforms.feed.settings import FeedSettings

KEY = "key"  # a column that examples have until they are in order
KEYED = EXAMPLES.schema.append(pa.field(KEY, pa.uint64()))
STANDALONE = (None, "standalone")  # levels of problems that run without a project


def example_rows(source: FeedSource, batch: pa.RecordBatch, settings: FeedSettings) -> pa.Table:
    """The rows of a batch as examples, each as often as its weight says, with their keys."""
    weight = settings.weights[source.name]
    ids = [example_id(source.name, row) for row in batch[source.source_id].to_pylist()]
    counts = [copies(each, weight, settings.seed) for each in ids]
    repeated = pa.array(np.repeat(np.arange(len(batch)), counts))
    columns = _columns(source, batch, ids) | {"weight": np.full(len(batch), weight)}
    columns["copy"] = np.zeros(len(batch), np.int64)
    names = EXAMPLES.schema.names
    once = pa.table({name: columns[name] for name in names}, schema=EXAMPLES.schema)
    copy = [number for count in counts for number in range(count)]
    key = [
        each
        for example, count in zip(ids, counts, strict=True)
        for each in keys(example, count, settings.seed)
    ]
    rows = once.take(repeated).set_column(names.index("copy"), "copy", pa.array(copy, pa.int64()))
    return rows.append_column(KEY, pa.array(key, pa.uint64()))


def _columns(source: FeedSource, batch: pa.RecordBatch, ids: Sequence[str]) -> dict:
    """The columns that an example takes from its row."""
    same = ("repo", "path", "commit", "sha256", "masked_sha256", "licence_spdx")
    return {name: strings(batch, name) for name in same} | {
        "example_id": ids,
        "source": [source.name] * len(batch),
        "source_id": batch[source.source_id],
        "secret_kinds": batch["secret_kinds"],
        "split": splits_of(batch),
        "kind": strings(batch, source.kind) if source.kind else ["file"] * len(batch),
        "name": strings(batch, source.label),
        "prompt": strings(batch, source.prompt).fill_null(""),
        "completion": batch[source.completion],
        "indent": strings(batch, "indent").fill_null(""),
        "self_contained": _self_contained(batch),
    }


def _self_contained(batch: pa.RecordBatch) -> pa.Array:
    """Whether each row stands alone: as its column says, or for a problem as its level does."""
    if "self_contained" in batch.schema.names:
        return batch["self_contained"]
    if "level" in batch.schema.names:
        return pa.array([level in STANDALONE for level in batch["level"].to_pylist()])
    return pa.nulls(len(batch), pa.bool_())
