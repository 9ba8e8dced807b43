"""Characters of UTF-8 text, for compiled kernels."""

import numba

# No letter or digit of Unicode lies beyond; the tests ask every code point of this Python.
LETTERS_END = 0x40000


@numba.njit(cache=True, nogil=True)
def code_point(data, at, end):  # type: ignore[no-untyped-def]
    """Code point and length of the UTF-8 sequence that starts at `at`."""
    lead = data[at]
    if lead >= 0xF0 and at + 3 < end:
        point = (lead & 7) << 18 | (data[at + 1] & 63) << 12
        return point | (data[at + 2] & 63) << 6 | (data[at + 3] & 63), 4
    if lead >= 0xE0 and at + 2 < end:
        return (lead & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63), 3
    if at + 1 < end:
        return (lead & 31) << 6 | (data[at + 1] & 63), 2
    return 0, 1
