"""The rows of a work unit: which are in the feed, with masks in place of secrets."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from transforms.feed.feed_sources import FILES, SOURCES, Reason
from transforms.feed.selection import Selection, kept_rows
from transforms.feed.units import RowUnit, read_rows
from transforms.lib.detection.finding import HIGH
from transforms.lib.detection.masked_files import (
    StoredSecrets,
    kinds_of,
    masked_files,
    stored_secrets,
)
from transforms.lib.detection.policy import DROP, strongest
from transforms.lib.skeleton.storage import Storage

FOUND = pa.schema(
    [
        ("secret_kinds", pa.list_(pa.string())),
        ("secrets_action", pa.string()),
        ("secrets_found", pa.string()),
    ]
)


def selected_rows(
    data: Storage, unit: RowUnit, selection: Selection
) -> Iterator[tuple[pa.RecordBatch, list[Reason | None], pa.RecordBatch]]:
    """Yields the batches of a unit, why each row is left out, and the rows that are not.

    Texts of the latter alone have masks: rows are judged as they are in their source.
    """
    source, secrets = SOURCES[unit.source], _secrets(data, unit)
    for batch in read_rows(unit):
        batch = _with_findings(batch, secrets) if source == FILES else batch
        reasons = selection.reasons(source, batch)
        kept = kept_rows(batch, reasons)
        yield batch, reasons, _masked_files(kept, secrets) if secrets else kept


def _secrets(data: Storage, unit: RowUnit) -> StoredSecrets | None:
    """What `secrets` says of the files of a unit; other sources have columns that say it."""
    if unit.source != FILES.name:
        return None
    return stored_secrets(data, (part.file for part in unit.parts))


def _with_findings(batch: pa.RecordBatch, secrets: StoredSecrets | None) -> pa.RecordBatch:
    """The files with the columns FOUND, null where nobody has looked for secrets."""
    files = batch["sha256"].to_pylist()
    rows = [_found(secrets, sha256) if secrets else dict.fromkeys(FOUND.names) for sha256 in files]
    found = pa.RecordBatch.from_pylist(rows, schema=FOUND)
    for name in FOUND.names:
        batch = batch.append_column(name, found[name])
    return batch


def _found(secrets: StoredSecrets, sha256: str) -> dict[str, Any]:
    """The columns FOUND of a file; `secrets_found` counts what it is dropped for."""
    findings = secrets.of(sha256)
    counts = Counter(finding.kind for finding in findings if finding.action == DROP)
    return {
        "secret_kinds": kinds_of(findings),
        "secrets_action": strongest([f.action for f in findings if f.confidence == HIGH]),
        "secrets_found": ", ".join(f"{kind} {n}" for kind, n in sorted(counts.items())) or None,
    }


def _masked_files(batch: pa.RecordBatch, secrets: StoredSecrets) -> pa.RecordBatch:
    """The files with masks in place of what is to be masked, and `masked_sha256`."""
    batch, files = masked_files(batch, secrets)
    digests = pa.array([file.sha256 for file in files], pa.string())
    return batch.append_column("masked_sha256", digests)
