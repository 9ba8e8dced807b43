"""Files without a character."""

from transforms.corpus.filters.measured import Drops, Measured, drops


def reject(files: Measured) -> Drops:
    """Drop empty files as `empty`."""
    characters = files.statistics.characters
    return drops(characters == 0, "empty", characters)
