"""Eight bytes of a text as one number, for compiled kernels to which single bytes are too slow."""

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from transforms.lib.compiled import inlined_kernel

LINE_FEED, RETURN = b"\n\r"
ONE, SEVEN, TOP_BYTE = np.uint64(1), np.uint64(7), np.uint64(56)
# How to find a byte among eight: https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
ONES, TOP_BITS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
LINE_FEEDS, RETURNS = np.uint64(LINE_FEED) * ONES, np.uint64(RETURN) * ONES
PLACES = np.uint64(0x0001020304050607)


@intrinsic  # type: ignore[untyped-decorator]
def eight_bytes(typing_context: Any, data: Any, at: Any) -> Any:
    """data[at:at + 8] as a little-endian uint64; the array must have them."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(array.data, [arguments[1]])
        return builder.load(
            builder.bitcast(address, context.get_value_type(types.uint64).as_pointer()), align=1
        )

    return types.uint64(data, at), generate


@inlined_kernel
def line_breaks(part):  # type: ignore[no-untyped-def]
    r"""A mark for the first `\n` or `\r` among eight bytes: 1 in its byte; 0 if there is none."""
    feeds, returns = part ^ LINE_FEEDS, part ^ RETURNS
    breaks = ((feeds - ONES) & ~feeds | (returns - ONES) & ~returns) & TOP_BITS
    return (breaks & (~breaks + ONE)) >> SEVEN


@inlined_kernel
def place_of(mark):  # type: ignore[no-untyped-def]
    """Which of eight bytes a mark of `line_breaks` is in, from 0."""
    return np.int64(mark * PLACES >> TOP_BYTE)
