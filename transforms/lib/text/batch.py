"""A batch of file contents as flat buffers: what the kernels read."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True)
class TextBatch:
    """UTF-8 texts back to back: text i is `data[offsets[i]:offsets[i + 1]]`.

    data: uint8[bytes]; offsets: int64[n + 1]; array: the Arrow strings they come from.
    """

    array: pa.StringArray
    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.array)


def text_batch(array: pa.StringArray) -> TextBatch:
    """Views over the buffers of an Arrow string array without nulls; nothing is copied."""
    _, offsets, data = array.buffers()
    begin = array.offset
    bounds = np.frombuffer(offsets, np.int32)[begin : begin + len(array) + 1].astype(np.int64)
    content = np.frombuffer(data or b"", np.uint8)
    content.flags.writeable = False  # whoever made the buffer: a kernel is compiled for one kind
    return TextBatch(array, content, bounds)


def undecodable(array: pa.StringArray) -> NDArray[np.bool_]:
    """Which rows are no valid UTF-8 (Parquet promises it, writers do not always keep it)."""
    raw = array.cast(pa.binary())
    try:
        raw.cast(pa.string())
    except pa.ArrowInvalid:
        return np.array([not _is_utf8(value) for value in raw.to_pylist()], np.bool_)
    return np.zeros(len(array), np.bool_)


def blanked(array: pa.StringArray, rows: Collection[int]) -> pa.StringArray:
    """The same texts with those of `rows` empty, for the kernels."""
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
