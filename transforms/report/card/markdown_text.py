"""Text from outside in Markdown: nothing in it is a link, a table's border, HTML or a heading."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# What becomes a character reference, which Markdown shows as it is: all but letters, digits and the
# punctuation that has no meaning. A `_` has one outside of a word; `://` and `www.` make links.
NOT_PLAIN = re.compile(
    r":(?=//)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|[^A-Za-z0-9 .,:;'\"=_+()/%\u00a0-\U0010ffff-]"
)
# Blanks, what no terminal or page shows, and what turns the direction of writing.
BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
LONGEST = 200  # characters of a value that a card shows


def plain(value: Any) -> str:
    """A value as text in a line of Markdown; numbers have separators of thousands.

    >>> plain("<b>|[x]"), plain(12345), plain(None)
    ('&#60;b&#62;&#124;&#91;x&#93;', '12,345', '')
    """
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = BLANKS.sub(" ", str(value))
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return NOT_PLAIN.sub(lambda match: f"&#{ord(match[0])};", shown)


class Written(str):
    """Markdown of quire's own, which a table takes as it is."""


def code(text: str) -> Written:
    """Text of quire's own, such as the name of a column, as code."""
    return Written(f"`{text}`")


def sentence(text: str) -> Written:
    """A text of quire's own, in which names stand as code; all else is made plain.

    >>> sentence("a file of `corpus`, such as <x>")
    'a file of `corpus`, such as &#60;x&#62;'
    """
    parts = re.split("(`[^`|]+`)", text)
    return Written("".join(part if part[:1] == "`" else plain(part) for part in parts))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a table: what is Written stays as it is, all else is made plain."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"


def _cell(value: Any) -> str:
    return value if isinstance(value, Written) else plain(value)
