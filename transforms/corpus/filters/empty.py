"""Drops files without a character."""

from transforms.corpus.filters.measured import Drops, MeasuredFiles, drops


def reject(files: MeasuredFiles) -> Drops:
    """The empty files, with the reason `empty`."""
    characters = files.statistics.characters
    return drops(characters == 0, "empty", characters)
