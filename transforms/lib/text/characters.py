"""Characters of UTF-8 text, for compiled kernels."""

from transforms.lib.compiled import kernel

# No code point from here on is a letter or digit; the tests check every code point of Python.
LETTERS_END = 0x40000


@kernel
def code_point(data, at, end):  # type: ignore[no-untyped-def]
    """The code point that begins at `at`, and how many bytes it has; (0, 1) if it is cut.

    `data` is UTF-8, and the byte at `at` is not ASCII.
    """
    lead = data[at]
    if lead >= 0xF0 and at + 3 < end:
        point = (lead & 7) << 18 | (data[at + 1] & 63) << 12
        return point | (data[at + 2] & 63) << 6 | (data[at + 3] & 63), 4
    if lead >= 0xE0 and at + 2 < end:
        return (lead & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63), 3
    if at + 1 < end:
        return (lead & 31) << 6 | (data[at + 1] & 63), 2
    return 0, 1
