"""The filters of Codex section 3.1. A new filter is one file here and one line in FILTERS."""

from transforms.corpus.filters import alphanumeric, empty, generated, long_lines, too_large
from transforms.corpus.filters.measured import Drops, MeasuredFiles

# In this order: a file that several filters drop has the reason of the first of them.
FILTERS = (
    empty.reject,
    too_large.reject,
    long_lines.reject,
    alphanumeric.reject,
    generated.reject,
)

__all__ = ["FILTERS", "Drops", "MeasuredFiles", "reject"]


def reject(files: MeasuredFiles) -> Drops:
    r"""The rows to drop, each with the reason and value of the first filter that drops it.

    >>> import numpy as np, pyarrow as pa
    >>> from transforms.corpus.statistics import statistics
    >>> from transforms.lib.text.batch import text_batch
    >>> texts = ["x = 1\n", "# Do not edit!\n", "x = '" + "a" * 2000 + "'\n", "#!---------\n"]
    >>> batch = text_batch(pa.array(texts))
    >>> files = MeasuredFiles(batch, statistics(batch), size=np.diff(batch.offsets))
    >>> for row, (reason, value) in sorted(reject(files).items()):
    ...     print(row, reason, value)
    1 generated_do_not_edit do not edit
    2 long_line_max 2006
    3 few_alphanumeric 0
    """
    dropped: Drops = {}
    for filter_reject in FILTERS:
        dropped = filter_reject(files) | dropped
    return dropped
