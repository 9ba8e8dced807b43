"""Files with masks in place of secrets before functions are cut from them, and what these hold."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from transforms.lib.detection.masked_files import (
    MaskedText,
    StoredSecrets,
    kinds_of,
    masked_text,
)
from transforms.lib.detection.policy import strongest

SECRET_COLUMNS = ("masked_sha256", "secret_kinds", "secrets_action")

# What is known of each file of a batch; None if nobody has looked for secrets.
Looked = list[MaskedText] | None


def masked_batch(
    batch: pa.RecordBatch, secrets: StoredSecrets | None
) -> tuple[pa.RecordBatch, Looked]:
    """A batch of files with their texts as they may be read on, and what is known of each."""
    if secrets is None:
        return batch, None
    pairs = zip(batch["sha256"].to_pylist(), batch["content"].to_pylist(), strict=True)
    files = [masked_text(text, secrets.of(sha256)) for sha256, text in pairs]
    if all(file.sha256 is None for file in files):
        return batch, files
    place = batch.schema.get_field_index("content")
    texts = pa.array([file.text for file in files], batch.schema.field("content").type)
    return batch.set_column(place, "content", texts), files


def secret_columns(
    looked: Looked, files: Sequence[int], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The columns of functions that say what secrets are in them; `files` are those of the rows."""
    if looked is None:
        return {name: pa.nulls(len(rows)) for name in SECRET_COLUMNS}
    held = [_held(looked[file], row) for file, row in zip(files, rows, strict=True)]
    return {
        "masked_sha256": [looked[file].sha256 for file in files],
        "secret_kinds": [kinds for kinds, _ in held],
        "secrets_action": [action for _, action in held],
    }


def _held(file: MaskedText, row: dict[str, Any]) -> tuple[list[str], str | None]:
    """The kinds of the secrets in a function, and the strongest of what is done about them."""
    begin = row["start_byte"]
    end = begin + len(row["prompt"].encode()) + len(row["body"].encode())
    inside = [each for each in file.findings if each.begin < end and begin < each.end]
    return kinds_of(inside), strongest([finding.action for finding in inside])
