"""Text from outside as it can be shown: nothing in it acts on the page or on a terminal."""

import re

CELL_CHARACTERS = 240  # of a cell of a table
# Characters that are not seen, or that change how others are seen: controls, marks of direction,
# zero-width ones, line and paragraph separators, what is in no alphabet.
UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\ud800-\udfff]"
)


def seen(text: str) -> str:
    r"""The text with its code point in place of each character that is not seen.

    >>> seen("a\0b \u202e")
    'a⟨U+0000⟩b ⟨U+202E⟩'
    """
    return UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def shortened(text: str, characters: int = CELL_CHARACTERS) -> str:
    """The text on one line, cut in the middle if it is longer.

    >>> shortened("0123456789", 5)
    '01 … 89'
    """
    line = " ".join(text[: 4 * characters].split()) if len(text) < 4 * characters else text
    if len(line) <= characters:
        return line
    half = characters // 2
    return f"{line[:half]} … {line[-half:]}"
