"""Files of 1 MB and more (Codex section 3.1)."""

import numpy as np

from transforms.corpus.filters.measured import Drops, Measured

MAX_BYTES = 1_000_000  # a file must stay strictly below it


def reject(files: Measured) -> Drops:
    """Drop files whose original bytes reach the limit as `too_large`."""
    rows = np.flatnonzero(files.size >= MAX_BYTES)
    return {int(row): ("too_large", str(files.size[row])) for row in rows}
