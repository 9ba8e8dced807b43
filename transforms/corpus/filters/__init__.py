"""Which files may train a model. A new filter is one file here and one line in FILTERS."""

from transforms.corpus.filters import alphanumeric, empty, generated, long_lines, too_large
from transforms.corpus.filters.measured import Drops, Measured

FILTERS = (
    empty.reject,
    too_large.reject,
    long_lines.reject,
    alphanumeric.reject,
    generated.reject,
)

__all__ = ["FILTERS", "Drops", "Measured", "reject"]


def reject(files: Measured) -> Drops:
    """Dropped rows with the reason of the first filter that drops them."""
    dropped: Drops = {}
    for rejects in FILTERS:
        dropped = rejects(files) | dropped
    return dropped
