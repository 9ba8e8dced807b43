"""Arrow columns of a fixed width as numpy arrays, and back."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column(values: pa.ChunkedArray, dtype: Any) -> NDArray:
    """The values of a column of fixed width, their bytes taken as `dtype`; undefined for nulls.

    >>> digests = pa.chunked_array([fixed_binary(bytes(range(4)), 2)])
    >>> column(digests, "<u2").tolist()
    [256, 770]
    """
    parts = [_values(chunk, dtype) for chunk in values.chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _values(array: pa.Array, dtype: Any) -> NDArray:
    width = array.type.bit_width // 8
    raw = np.frombuffer(array.buffers()[1], np.uint8)
    return raw[array.offset * width : (array.offset + len(array)) * width].view(dtype)


def fixed_binary(content: bytes, width: int) -> pa.Array:
    """Records of `width` bytes, back to back, as an Arrow array of binary(width)."""
    kind = pa.binary(width)
    return pa.Array.from_buffers(kind, len(content) // width, [None, pa.py_buffer(content)])
