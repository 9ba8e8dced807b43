"""HTML as the text that it shows: tags left out, entities as their characters."""

import html
import re
from collections.abc import Iterator, Sequence

LINE_BREAK_TAG = re.compile(r"<(?:br|/p|/div|/li|/tr|/pre)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(
    r"""</?[a-zA-Z][\w:-]*(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))?)*\s*/?>
        |<!\[CDATA\[|\]\]>|<!--|-->""",
    re.VERBOSE,
)
MAX_ESCAPED = 3  # how many times over entities may be written


def shown(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines as they show, each with the number of the line that it comes from, from 0.

    >>> list(shown(["<b>if</b> a &lt; b:<br>", "  c"]))
    [(0, 'if a < b:\\n'), (1, '  c')]
    """
    for number, line in enumerate(lines):
        text = TAG.sub("", LINE_BREAK_TAG.sub("\n", line)) if "<" in line or "]" in line else line
        for _ in range(MAX_ESCAPED):
            if "&" not in text:
                break
            text = html.unescape(text)
        yield number, text
