"""`rejects/<stage>`: every row that a stage dropped, and why."""

import pyarrow as pa

from schemas.dataset import Dataset, dataset
from schemas.input_row import INPUT_ROW


def rejects(stage: str) -> Dataset:
    """The rejects of one stage; those of contamination also say which row of --files they are."""
    return dataset(
        f"rejects/{stage}",
        stage,
        f"a row that {stage} dropped, and why",
        ("repo", pa.string(), "project name; null where it is not known"),
        ("path", pa.string(), "path inside the project; null for a whole source"),
        ("commit", pa.string(), "commit or release version; null where there is none"),
        ("sha256", pa.string(), "hex digest of the content (of the raw bytes if undecodable)"),
        ("reason", pa.string(), "why it was dropped, from a closed list"),
        ("value", pa.string(), "the measured value or the detail behind the reason"),
        ("kept_sha256", pa.string(), "for duplicates: the file of `corpus` that stands for it"),
        *(INPUT_ROW if stage == "contamination" else ()),
    )
