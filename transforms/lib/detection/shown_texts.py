"""Texts for people to see, many at once: a detector costs more by the call than by the text."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from transforms.lib.detection.find import find_in_prose
from transforms.lib.detection.masks import with_masks
from transforms.lib.text.batch import text_batch


def shown_texts(texts: Sequence[str | None]) -> list[str | None]:
    """Each text with masks in place of all that is found in it; None stays None.

    >>> shown_texts(["by ann@firm.com", None])
    ['by <EMAIL>', None]
    """
    contents = [text or "" for text in texts]
    if not any(contents):
        return list(texts)
    found = find_in_prose(text_batch(pa.array(contents, pa.string())))
    return [
        None if text is None else with_masks(text, findings)
        for text, findings in zip(texts, found, strict=True)
    ]


def shown_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with masks in the texts of these columns."""
    texts = iter(shown_texts([row[name] for row in rows for name in columns]))
    return [row | {name: next(texts) for name in columns} for row in rows]
