"""Writes `signals`: statistics, digest, filter reason and signature of every file, in one read."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import SIGNALS
from transforms.corpus import LEXICAL, NONE, STAGE, filters, presets
from transforms.corpus.filters import Drops, MeasuredFiles
from transforms.corpus.opted_out import opted_out
from transforms.corpus.quality.lexical import LexicalCounts, lexical_counts
from transforms.corpus.quality.quality_columns import Columns, lexical_columns, no_columns
from transforms.corpus.representatives import REPRESENTATIVE_COLUMNS, representatives
from transforms.corpus.scope import scoped_digests
from transforms.corpus.statistics import Statistics, statistics
from transforms.lib.duplicates import minhash
from transforms.lib.licences.headers import conflicts, licences_of_heads
from transforms.lib.rights.left_opt_outs import left_opt_outs
from transforms.lib.rights.opt_outs import NOBODY, OptOuts
from transforms.lib.skeleton.exchange import Keyed, by_key
from transforms.lib.skeleton.memory import reuse_memory
from transforms.lib.skeleton.parquet_files import open_parquet, read_shard, reading
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import UnitShards, finished, own_shard
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import TextBatch, blanked, text_batch, undecodable

# Columns of the input that are taken as they are.
CARRIED = ("repo", "path", "commit", "stars", "licence_spdx", "git_sha1", "repo_id")
# The first eight bytes of a sha256 are enough to find which rows may share one.
DIGEST_PREFIX = np.dtype([("digest", "<u8"), ("row", "<u4")])


@dataclass(frozen=True)
class Asked:
    """Which signals and which filters are asked for: one of LEVELS and one of PRESET_LEVELS."""

    signals: str = LEXICAL
    filters: str = "codex"


DEFAULT = Asked()


def sign_batch(
    batch: pa.RecordBatch,
    unit: int,
    first_row: int,
    permutations: NDArray[np.uint32] | None,
    asked: Asked = DEFAULT,
    opt_outs: OptOuts = NOBODY,
) -> pa.Table:
    """The rows of `signals` for one batch of a unit, whose first row has the number `first_row`.

    The signatures are null if `permutations` is None, and for dropped rows.
    """
    unreadable = _unreadable(batch["content"])
    texts = text_batch(blanked(batch["content"], unreadable))
    measured = statistics(texts)
    size = _sizes(batch["size"], texts)
    drops = filters.reject(MeasuredFiles(texts, measured, size)) | _nameless(batch) | unreadable
    digests = _digests(texts)
    if opt_outs:
        drops |= opted_out(batch, digests, opt_outs)
    quality = _quality(batch, texts, drops, asked)
    drops = presets.reject(asked.filters, quality, _first_bytes(digests)) | drops
    signature = _signatures(texts, digests, drops, permutations)
    columns = _columns(batch, measured, drops) | quality
    columns |= {
        "unit": np.full(len(texts), unit, np.int32),
        "row": np.arange(first_row, first_row + len(texts), dtype=np.int32),
        "sha256": [None if row in unreadable else d for row, d in enumerate(digests)],
        "size": size,
        "signature": signature,
    }
    return pa.table({name: columns[name] for name in SIGNALS.schema.names}, schema=SIGNALS.schema)


def _unreadable(content: pa.StringArray) -> Drops:
    drops: Drops = {int(row): ("not_utf8", "") for row in np.flatnonzero(undecodable(content))}
    return drops | _nulls(content, "null_content")


def _nameless(batch: pa.RecordBatch) -> Drops:
    return _nulls(batch["path"], "null_path") | _nulls(batch["repo"], "null_repo")


def _nulls(column: pa.Array, reason: str) -> Drops:
    if not column.null_count:
        return {}
    missing = np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))
    return {int(row): (reason, "") for row in missing}


def _sizes(original: pa.Array, texts: TextBatch) -> NDArray[np.int64]:
    """Bytes of each original file if the input has a column of them, else of its UTF-8 text."""
    own = np.diff(texts.offsets)
    if original.null_count == len(original):
        return own
    sizes = original.to_numpy(zero_copy_only=False).astype(float)
    return np.where(np.isnan(sizes), own, np.nan_to_num(sizes)).astype(np.int64)


def _digests(texts: TextBatch) -> list[bytes]:
    view, bounds = texts.data.data, texts.offsets.tolist()
    pairs = zip(bounds, bounds[1:], strict=False)
    return [hashlib.sha256(view[begin:end]).digest() for begin, end in pairs]


def _signatures(
    texts: TextBatch, digests: list[bytes], drops: Drops, permutations: NDArray | None
) -> list[bytes | None]:
    """Signatures of the texts that no filter drops; copies inside the batch are signed once."""
    if permutations is None:
        return [None] * len(texts)
    first: dict[bytes, int] = {}
    for row, digest in enumerate(digests):
        if row not in drops:
            first.setdefault(digest, row)
    rows = np.fromiter(first.values(), np.int64, len(first))
    signed = minhash.signatures(texts, rows, permutations)
    by_digest = {digest: signed[i].tobytes() for i, digest in enumerate(first)}
    return [None if row in drops else by_digest[digest] for row, digest in enumerate(digests)]


def _quality(batch: pa.RecordBatch, texts: TextBatch, drops: Drops, asked: Asked) -> Columns:
    """The columns of QUALITY; but for the licence they are null for rows that a filter drops."""
    if asked.signals == NONE:
        return no_columns(len(texts), NONE)
    rows = np.array([row for row in range(len(texts)) if row not in drops], np.int64)
    counts = lexical_counts(texts, rows)
    stated = licences_of_heads(texts)
    projects = batch["licence_spdx"].to_pylist()
    return {
        "licence_file": pa.array(stated, pa.string()),
        "licence_conflict": pa.array(map(conflicts, projects, stated), pa.bool_()),
        **lexical_columns(counts),
        **_further_columns(texts, counts, rows, asked.signals),
    }


def _further_columns(
    texts: TextBatch, counts: LexicalCounts, rows: NDArray[np.int64], level: str
) -> Columns:
    if level == LEXICAL or not len(rows):
        return no_columns(len(texts), LEXICAL)
    from transforms.corpus.quality.further import further_columns  # seldom asked for, and large

    return further_columns(level, texts, counts, rows)


def _first_bytes(digests: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(digests), "<u8")[::4]


def _columns(batch: pa.RecordBatch, measured: Statistics, drops: Drops) -> dict:
    rows = range(len(batch))
    return {
        **{name: batch[name] for name in CARRIED},
        "characters": measured.characters,
        "lines": measured.lines,
        "mean_line": measured.mean_line,
        "max_line": measured.max_line,
        "alphanumeric": measured.alphanumeric,
        "reason": [drops[row][0] if row in drops else None for row in rows],
        "value": [drops[row][1] if row in drops else None for row in rows],
    }


def read_signals_in_parts(data: Storage, unit: int, columns: list[str]) -> Iterator[pa.Table]:
    """Yields columns of the signals of one unit, a row group at a time."""
    file = data.path(_signals_shard(data, unit))
    with open_parquet(file) as parquet:
        for group in range(parquet.num_row_groups):
            with reading(file, group):
                yield parquet.read_row_group(group, columns, use_threads=False)


def read_signals(data: Storage, unit: int, columns: list[str]) -> pa.Table:
    """Columns of the signals of one unit, in row order."""
    return read_shard(data, _signals_shard(data, unit), columns)


def _signals_shard(data: Storage, unit: int) -> str:
    return own_shard(data, STAGE, SIGNALS.name, f"part-{unit:05d}.parquet")


@dataclass
class SignUnit(beam.DoFn):
    """Takes a unit and writes its shard of signals; yields the digest prefixes of its rows.

    Only rows that no filter drops are sent, and of identical ones only the representative. The
    marker of the shard goes to the output `markers`.
    """

    data: Storage
    config: str
    permutations: NDArray[np.uint32] | None
    scope: str
    partitions: int
    asked: Asked = DEFAULT

    def setup(self) -> None:
        reuse_memory()
        self._opt_outs = left_opt_outs(self.data, STAGE)

    def process(self, unit: Unit) -> Iterator[Keyed | beam.pvalue.TaggedOutput]:
        marker = finished(self.data, STAGE, "signed", unit.name, self.config)
        if marker is None:
            shards = UnitShards(self.data, STAGE, unit.name, self.config)
            row = 0
            for batch in read_unit(unit):
                asked, opted = self.asked, self._opt_outs
                table = sign_batch(batch, unit.index, row, self.permutations, asked, opted)
                shards.write("signals", table)
                row += len(batch)
            marker = shards.commit("signed")
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker))
        if marker["shards"]:
            yield from self._keys(unit.index)

    def _keys(self, unit: int) -> Iterator[Keyed]:
        """Yields the digest prefixes of the unit's representatives by partition."""
        table = read_signals(self.data, unit, REPRESENTATIVE_COLUMNS)
        passed = table["reason"].is_null().to_numpy()
        rows = np.unique(representatives(table, self.scope)[passed])
        prefixes = scoped_digests(table, self.scope)[rows]
        yield from send_prefixes(prefixes, rows, unit, self.partitions)


def send_prefixes(
    digests: NDArray, rows: NDArray[np.int64], unit: int, partitions: int
) -> Iterator[Keyed]:
    """Yields the first bytes of the digests, V32[n], of rows of a unit, by partition."""
    records = np.empty(len(rows), DIGEST_PREFIX)
    records["digest"] = digests.view("<u8").reshape(-1, 4)[:, 0]
    records["row"] = rows
    yield from by_key("digest", records["digest"] % partitions, records, unit)
