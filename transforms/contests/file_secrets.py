"""What `secrets` has found in the files of DATA's own corpus that problems are made of."""

from schemas import CORPUS
from transforms.contests.units import ContestUnit
from transforms.lib.detection.finding import HIGH
from transforms.lib.detection.masked_files import StoredSecrets, stored_secrets
from transforms.lib.records.entry import Entry
from transforms.lib.records.parquet_rows import RowGroups
from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage


def secrets_of_unit(data: Storage, unit: ContestUnit) -> StoredSecrets | None:
    """The findings in the shard of `corpus` that a unit reads; None if it reads something else."""
    part = unit.part
    if not isinstance(part, RowGroups) or read_manifest(data, CORPUS.name) is None:
        return None
    is_own = part.file in shard_files(data, CORPUS.name)
    return stored_secrets(data, [part.file]) if is_own else None


def known_values(entry: Entry, stored: StoredSecrets | None) -> dict[bytes, str]:
    """The values that were found in the file of an entry, each with its kind.

    What told them there may be left out of a problem, and the problem is to have masks of its own.
    """
    if stored is None or entry.record is None:
        return {}
    content = str(entry.record["content"]).encode()
    findings = stored.of(str(entry.record["sha256"]))
    return {content[f.begin : f.end]: f.kind for f in findings if f.confidence == HIGH}
