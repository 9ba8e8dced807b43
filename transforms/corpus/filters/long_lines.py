"""Drops files whose lines are over 100 characters on average, or one over 1000 (Codex 3.1)."""

from transforms.corpus.filters.measured import Drops, MeasuredFiles, drops

MAX_MEAN_LINE = 100  # characters, without the line end
MAX_LINE_CHARACTERS = 1000


def reject(files: MeasuredFiles) -> Drops:
    """The files with a line that is too long (`long_line_max`), else with a mean that is.

    The reason of the latter is `long_lines_mean`.
    """
    lines = files.statistics
    mean = drops(lines.mean_line > MAX_MEAN_LINE, "long_lines_mean", lines.mean_line)
    return mean | drops(lines.max_line > MAX_LINE_CHARACTERS, "long_line_max", lines.max_line)
