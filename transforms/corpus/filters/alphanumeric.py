"""Drops files with few alphanumeric characters (Codex section 3.1)."""

from transforms.corpus.filters.measured import Drops, MeasuredFiles, drops

MIN_ALPHANUMERIC = 0.25  # the paper gives no number; this is CodeParrot's


def reject(files: MeasuredFiles) -> Drops:
    """The files whose fraction of alphanumeric characters is below MIN_ALPHANUMERIC."""
    fraction = files.statistics.alphanumeric
    return drops(fraction < MIN_ALPHANUMERIC, "few_alphanumeric", fraction)
