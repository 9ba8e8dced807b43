"""A batch of texts as flat buffers, which compiled kernels read."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True)
class TextBatch:
    """UTF-8 texts back to back: text i is `data[offsets[i]:offsets[i + 1]]`.

    data: uint8[bytes]; offsets: int64[n + 1]; array: the Arrow strings that they come from.
    """

    array: pa.StringArray
    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.array)


def text_batch(array: pa.StringArray) -> TextBatch:
    """The buffers of an Arrow string array without nulls; the texts are not copied.

    >>> batch = text_batch(pa.array(["a", "", "bc"]))
    >>> batch.offsets.tolist(), bytes(batch.data)
    ([0, 1, 1, 3], b'abc')
    """
    _, offsets, data = array.buffers()
    begin = array.offset
    bounds = np.frombuffer(offsets, np.int32)[begin : begin + len(array) + 1].astype(np.int64)
    content = np.frombuffer(data or b"", np.uint8)
    # numba compiles a kernel once more for writable arrays; Arrow's are mostly read-only, so all
    # are made so.
    content.flags.writeable = False
    return TextBatch(array, content, bounds)


def undecodable(array: pa.StringArray) -> NDArray[np.bool_]:
    """Which texts are not valid UTF-8; bool[n]. Parquet demands it, but not every writer obeys."""
    raw = array.cast(pa.binary())
    try:
        raw.cast(pa.string())
    except pa.ArrowInvalid:
        return np.array([not _is_utf8(value) for value in raw.to_pylist()], np.bool_)
    return np.zeros(len(array), np.bool_)


def blanked(array: pa.StringArray, rows: Collection[int]) -> pa.StringArray:
    """The texts with those of `rows` empty, so that kernels need not deal with them."""
    if not rows:
        return array
    raw = array.cast(pa.binary()).to_pylist()
    return pa.array(["" if i in rows else text.decode() for i, text in enumerate(raw)])


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def heads(array: pa.StringArray, characters: int) -> pa.StringArray:
    """The first `characters` of each text, in lower case."""
    return pc.utf8_lower(pc.utf8_slice_codeunits(array, 0, characters))
