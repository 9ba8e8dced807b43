"""What a compiled kernel of contamination makes of one text."""

from collections.abc import Callable
from typing import Any

import numpy as np

from transforms.contamination.grams.raw_tokens import room_for_tokens


def lexed(text: str, kernel: Callable[..., int]) -> tuple[Any, list[str]]:
    """What a kernel makes of a text, cut to its tokens, and the text of each."""
    content = text.encode()
    data, found = np.frombuffer(content, np.uint8), room_for_tokens(len(content) + 1)
    count = kernel(data, 0, len(data), found)
    bounds = zip(found.start[:count].tolist(), found.stop[:count].tolist(), strict=True)
    return (
        type(found)(*(column[:count] for column in found)),
        [content[start:stop].decode() for start, stop in bounds],
    )
