"""What `secrets` says of files of `corpus`, and their texts with masks in place of secrets.

Whoever reads a text of `corpus` to write something of it takes it through `masked_text`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import pyarrow as pa

from schemas import SECRETS
from transforms.lib.detection.finding import HIGH
from transforms.lib.detection.masks import Masked, masked
from transforms.lib.detection.policy import MASK
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

COLUMNS = ["sha256", "start_byte", "end_byte", "kind", "confidence", "action", "mask"]


class StoredFinding(NamedTuple):
    """A row of `secrets`, without what names its file."""

    begin: int
    end: int
    kind: str
    confidence: str
    action: str
    mask: str | None


@dataclass(frozen=True)
class StoredSecrets:
    """What `secrets` says of the files in some shards of `corpus`, read when first asked for."""

    data: Storage
    shards: tuple[str, ...]

    def of(self, sha256: str) -> list[StoredFinding]:
        """The findings in a file, given its digest in `corpus`, in the order of the bytes.

        Raises UsageError that names a shard of `secrets` if it cannot be read.
        """
        rows = self._places.get(sha256)
        if rows is None:  # most files
            return []
        columns = self._table.slice(rows.start, len(rows)).select(COLUMNS[1:]).to_pydict()
        return [StoredFinding(*values) for values in zip(*columns.values(), strict=True)]

    @cached_property
    def _table(self) -> pa.Table:
        tables = [read_shard(self.data, f"{SECRETS.name}/{s}", COLUMNS) for s in self.shards]
        schema = pa.schema([SECRETS.schema.field(name) for name in COLUMNS])
        return pa.concat_tables([schema.empty_table(), *tables])

    @cached_property
    def _places(self) -> dict[str, range]:
        """The rows of each file; of files with one content those of the first, as all are alike."""
        places: dict[str, range] = {}
        file, last, first = "", -1, 0
        names, begins = (self._table[name].to_pylist() for name in COLUMNS[:2])
        for row, (sha256, begin) in enumerate(zip(names, begins, strict=True)):
            if sha256 != file or begin <= last:  # the next file, maybe with the same content
                first = row
            if first in places.get(sha256, (first,)):
                places[sha256] = range(first, row + 1)
            file, last = sha256, begin
        return places


def stored_secrets(data: Storage, files: Iterable[str]) -> StoredSecrets | None:
    """What `secrets` says of these shards of `corpus`, paths or URLs; None if it is not committed.

    The shard of `secrets` that was made of a shard of `corpus` has the same name.
    """
    manifest = read_manifest(data, SECRETS.name)
    if manifest is None:
        return None
    made = {shard["name"] for shard in manifest["shards"]}
    names = dict.fromkeys(file.rpartition("/")[2] for file in files)
    return StoredSecrets(data, tuple(name for name in names if name in made))


class MaskedText(NamedTuple):
    """A text with masks in place of the secrets that are to be masked.

    `sha256` is its digest, None if nothing is masked; `findings` are those of high confidence, at
    their places in this text.
    """

    text: str
    sha256: str | None
    findings: list[StoredFinding]


def masked_text(text: str, findings: Sequence[StoredFinding]) -> MaskedText:
    """The text of a file with masks as its findings say, which are sorted and do not overlap.

    >>> finding = StoredFinding(5, 11, "email", "high", "mask", "<EMAIL>")
    >>> masked_text("mail a@b.co now", [finding]).text
    'mail <EMAIL> now'
    """
    ranges = [Masked(f.begin, f.end, f.mask or "") for f in findings if f.action == MASK]
    high = [finding for finding in moved(findings) if finding.confidence == HIGH]
    if not ranges:
        return MaskedText(text, None, high)
    content = masked(text.encode(), ranges)
    return MaskedText(content.decode(), hashlib.sha256(content).hexdigest(), high)


def masked_files(
    batch: pa.RecordBatch, secrets: StoredSecrets
) -> tuple[pa.RecordBatch, list[MaskedText]]:
    """A batch of files with their texts as they may be read on, and each of these texts.

    It has the columns `sha256` and `content`, and is returned as it is if nothing is masked.
    """
    pairs = zip(batch["sha256"].to_pylist(), batch["content"].to_pylist(), strict=True)
    files = [masked_text(text, secrets.of(sha256)) for sha256, text in pairs]
    if all(file.sha256 is None for file in files):
        return batch, files
    place = batch.schema.get_field_index("content")
    texts = pa.array([file.text for file in files], batch.schema.field("content").type)
    return batch.set_column(place, "content", texts), files


def moved(findings: Sequence[StoredFinding]) -> Iterator[StoredFinding]:
    """Yields the findings with the places that they have where masks stand in the text."""
    grown = accumulate(map(_growth, findings), initial=0)
    for finding, shift in zip(findings, grown, strict=False):
        begin, end = finding.begin + shift, finding.end + shift + _growth(finding)
        yield finding._replace(begin=begin, end=end)


def _growth(finding: StoredFinding) -> int:
    """By how many bytes a text is longer where the finding is masked."""
    if finding.action != MASK:
        return 0
    return len((finding.mask or "").encode()) - (finding.end - finding.begin)


def kinds_of(findings: Iterable[StoredFinding]) -> list[str]:
    """The kinds of the findings of high confidence, each once, sorted."""
    return sorted({finding.kind for finding in findings if finding.confidence == HIGH})
