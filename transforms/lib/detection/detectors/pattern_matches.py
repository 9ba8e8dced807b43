"""Matches of a regular expression in each text of a batch."""

import re
from collections.abc import Iterator

from transforms.lib.text.batch import TextBatch


def matches(
    texts: TextBatch, pattern: re.Pattern[bytes]
) -> Iterator[tuple[int, int, re.Match[bytes]]]:
    """Yields number and first byte of a text with each match in it; places count from the batch.

    A match and what it looks ahead at end with the text, but not what it looks behind at.
    """
    content = texts.data.tobytes()
    bounds = texts.offsets.tolist()
    for index, (begin, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
        for found in pattern.finditer(content, begin, end):
            yield index, begin, found
