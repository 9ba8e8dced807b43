"""The columns of functions that say what secrets are in them."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from transforms.lib.detection.masked_files import MaskedText, kinds_of
from transforms.lib.detection.policy import strongest

SECRET_COLUMNS = ("masked_sha256", "secret_kinds", "secrets_action")

# What is known of each file of a batch; None if nobody has looked for secrets.
Looked = list[MaskedText] | None


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
