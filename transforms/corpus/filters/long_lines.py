"""Files with long lines: on average over 100, or any over 1000 characters (Codex section 3.1)."""

from transforms.corpus.filters.measured import Drops, Measured, drops

MAX_MEAN_LINE = 100
MAX_LINE = 1000


def reject(files: Measured) -> Drops:
    """Drop as `long_line_max` or, below that, as `long_lines_mean`."""
    statistics = files.statistics
    mean = drops(statistics.mean_line > MAX_MEAN_LINE, "long_lines_mean", statistics.mean_line)
    return mean | drops(statistics.max_line > MAX_LINE, "long_line_max", statistics.max_line)
