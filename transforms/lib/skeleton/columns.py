"""Arrow columns of a fixed width as numpy sees their bytes, and back."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column(values: pa.ChunkedArray, kind: Any) -> NDArray:
    """Values of a fixed width as `kind`; what stands under a null is undefined."""
    parts = [_values(chunk, kind) for chunk in values.chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0, kind)


def _values(array: pa.Array, kind: Any) -> NDArray:
    width = array.type.bit_width // 8
    raw = np.frombuffer(array.buffers()[1], np.uint8)
    return raw[array.offset * width : (array.offset + len(array)) * width].view(kind)


def fixed_binary(content: bytes, width: int) -> pa.Array:
    """Records back to back as an Arrow array of binary(width)."""
    kind = pa.binary(width)
    return pa.Array.from_buffers(kind, len(content) // width, [None, pa.py_buffer(content)])
