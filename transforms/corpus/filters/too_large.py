"""Drops files of 1 MB and more (Codex section 3.1)."""

import numpy as np

from transforms.corpus.filters.measured import Drops, MeasuredFiles

MAX_FILE_BYTES = 1_000_000  # a file must stay strictly below it


def reject(files: MeasuredFiles) -> Drops:
    """The files whose original bytes reach MAX_FILE_BYTES, with the reason `too_large`."""
    rows = np.flatnonzero(files.size >= MAX_FILE_BYTES)
    return {int(row): ("too_large", str(files.size[row])) for row in rows}
