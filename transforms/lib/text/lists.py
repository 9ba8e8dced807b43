"""Lists in text files: one entry a line, with comments, in the encodings that editors write."""

import codecs
import re

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
COMMENT = re.compile(r"(^|\s)#.*")
# What is no blank for Python and cannot be seen either; a mark stands amid files put together.
INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060")


def numbered_entries(content: bytes) -> list[tuple[int, str]]:
    r"""The lines of a list, each with its number, without blank ones; `#` begins a comment.

    Raises ValueError if it is no text: UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    >>> numbered_entries(b"\xef\xbb\xbf# ours\r\nflask  # the web\r\n\r\nclick ")
    [(2, 'flask'), (4, 'click')]
    """
    mark, encoding = next(
        (each for each in BYTE_ORDER_MARKS if content.startswith(each[0])), (b"", "utf-8")
    )
    text = content[len(mark) :].decode(encoding)
    if len(mark) == 2 and not text:
        raise ValueError("a byte order mark of UTF-16, and nothing behind it")
    if "\0" in text:
        raise ValueError("NUL characters, as in UTF-16 without a byte order mark")
    lines = re.split("\r\n|\r|\n", text)
    entries = [COMMENT.sub("", line.translate(INVISIBLE)).strip() for line in lines]
    return [(number, entry) for number, entry in enumerate(entries, 1) if entry]
