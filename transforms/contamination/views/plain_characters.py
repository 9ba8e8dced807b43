"""Characters that look like ASCII or like nothing, as ASCII: both tasks and texts are made so.

A page, a word processor or a copyist puts other spaces, invisible marks, typographic quotes or
full-width signs in the place of those that were typed.
"""

from unicodedata import category, is_normalized, normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.lib.compiled import kernel
from transforms.lib.text.batch import text_batch
from transforms.lib.text.characters import code_point

LAST_POINT = 0x10000  # code points from here on stay as they are
ELLIPSIS = 0x2026  # the only one that becomes several characters, all of them equal
LINE_ENDS = "\x85\u2028\u2029"
OTHERS = {"'": "‘’‚‛′＇", '"': "“”„‟″＂", "-": "‐‑‒–—―−", "...": "…"}
VARIATION_SELECTORS = range(0xFE00, 0xFE10)
FULL_WIDTH = range(0xFF01, 0xFF5F)  # as many signs, in the order of ASCII, from `!`


def _plain(character: str) -> str:
    """What a character becomes; itself if it is none of these."""
    kind, point = category(character), ord(character)
    if character in LINE_ENDS:
        return "\n"
    if kind == "Zs":
        return " "
    if kind == "Cf" or point in VARIATION_SELECTORS:
        return ""
    if point in FULL_WIDTH:
        return chr(point - FULL_WIDTH.start + ord("!"))
    return next((plain for plain, others in OTHERS.items() if character in others), character)


def _plain_characters() -> dict[int, str]:
    points = (p for p in range(0x80, LAST_POINT) if p not in range(0xD800, 0xE000))
    return {p: plain for p in points if (plain := _plain(chr(p))) != chr(p)}


PLAIN_CHARACTERS = _plain_characters()
# By code point, the first character of what it becomes; 0 for those that disappear. For kernels.
PLAIN_POINTS = np.arange(LAST_POINT, dtype=np.uint32)
PLAIN_POINTS[list(PLAIN_CHARACTERS)] = [ord(text[:1] or "\0") for text in PLAIN_CHARACTERS.values()]


@kernel
def _put_plain(data, begin, end, points, out):  # type: ignore[no-untyped-def]
    """Write data[begin:end] with plain characters; returns how many bytes; -1 if it is plain."""
    at = begin
    size, changed = 0, False
    while at < end:
        width, point = 1, np.uint32(0)
        if data[at] >= 0x80:
            found, width = code_point(data, at, end)
            point = np.uint32(found)
        plain = points[point] if point < len(points) else point
        if plain == point:
            for i in range(at, at + width):
                out[size] = data[i]
                size += 1
        else:
            changed = True
            for _ in range(3 if point == ELLIPSIS else min(plain, 1)):
                out[size] = plain  # all that they become is ASCII
                size += 1
        at += width
    return size if changed else -1


def plain_text(text: str) -> str:
    """A text in Unicode's normal form C, with plain characters in the place of their likes.

    >>> plain_text("x\u00a0= \u201cna\u200bme\u201d\u2026")
    'x = "name"...'
    """
    return text if text.isascii() else str(plain_texts(pa.array([text]))[0])


def plain_texts(contents: pa.StringArray) -> pa.StringArray:
    """`plain_text` of each text (`pc.utf8_normalize` gives another form, up to Arrow 25)."""
    others = pc.invert(pc.string_is_ascii(contents)).to_numpy(zero_copy_only=False)
    changed: dict[int, str] = {}
    batch = text_batch(contents)
    for row in np.flatnonzero(others).tolist():
        begin, end = batch.offsets[row], batch.offsets[row + 1]
        out = np.empty(end - begin, np.uint8)
        size = _put_plain(batch.data, begin, end, PLAIN_POINTS, out)
        text = (out[:size] if size >= 0 else batch.data[begin:end]).tobytes().decode()
        if not is_normalized("NFC", text):
            changed[row] = normalize("NFC", text)
        elif size >= 0:
            changed[row] = text
    if not changed:
        return contents
    mask = np.zeros(len(contents), np.bool_)
    mask[list(changed)] = True
    return pc.replace_with_mask(contents, mask, pa.array(changed.values(), pa.string()))
