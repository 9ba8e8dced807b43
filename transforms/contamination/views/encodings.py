r"""Lines whose characters are written as `%0A`, `=0A`, `\n` or doubled, with these resolved.

Each function takes the lines of a text and yields lines with the number of the line that they
come from, from 0; one that it yields may hold line breaks.
"""

import quopri
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, unquote_plus

# Backslash, and what it stands before: a letter, digits, or a sign that Markdown gives a meaning.
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")
ESCAPED_SPACES = {"n": "\n", "r": "\n", "t": "\t"}
KEPT_LETTERS = re.compile(r"[A-Za-z0-9]")
ESCAPED_LINE_ENDS = 2  # so many in one line: it is a text by itself
STILL_ENCODED = re.compile(r"%(?:2[058]|0[aA])")
MAX_ENCODED = 3  # how many times over a URL may be written in a URL
FIELD_NAME = re.compile(r"(?:^|[?&])[\w.~-]+=")
ESCAPED_SPACE = re.compile(r"%20")
DOUBLED_QUOTES = re.compile(r"([\"'])\1")


def percent_decoded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines of URLs and forms, each field in a line of its own.

    >>> list(percent_decoded(["q=def+f%28x%29%3A%0A"]))
    [(0, '\\ndef f(x):\\n')]
    """
    for number, line in enumerate(lines):
        for _ in range(MAX_ENCODED):
            line = FIELD_NAME.sub("\n", line)
            line = unquote(line) if ESCAPED_SPACE.search(line) else unquote_plus(line)
            if not STILL_ENCODED.search(line):
                break
        yield number, line


def quoted_printable_decoded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines of mails, in which `=` at the end continues a line."""
    first, parts = 0, ""
    for number, line in enumerate(lines):
        first = first if parts else number
        if line.endswith("="):
            parts += line[:-1]
            continue
        joined = parts + line
        parts = ""
        decoded = quopri.decodestring(joined.encode()).decode("utf-8", "replace")
        yield first, decoded if "=" in joined else joined
    if parts:
        yield first, parts


def unescaped(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    r"""Lines with escapes outside of strings, such as a string without its quotes, or Markdown's.

    >>> list(unescaped([r"def f(x):\n    return \"a\_b\"\n\n"]))
    [(0, 'def f(x):\n    return "a_b"\n\n')]
    """
    marked = any("\\_" in line for line in lines)
    for number, line in enumerate(lines):
        if "\\" in line and (marked or line.count("\\n") >= ESCAPED_LINE_ENDS):
            yield number, ESCAPE.sub(_character, line)
        elif marked:
            yield number, line


def _character(escape: re.Match) -> str:
    """What one escape stands for."""
    code = escape[1] or escape[2]
    if code:
        return chr(int(code, 16))
    if escape[3] in ESCAPED_SPACES:
        return ESCAPED_SPACES[escape[3]]
    sign: str = escape[3]
    return escape[0] if KEPT_LETTERS.match(sign) else sign


def undoubled(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines whose quotes are doubled because they stand in quotes, as in CSV; those are left out.

    What is quoted begins a line:

    >>> list(undoubled(['7,"print(""a"")"']))
    [(0, '7,\\nprint("a")')]
    """
    singles, doubles = (sum(line.count(quote * 2) for line in lines) for quote in "'\"")
    doubled = "'" if singles > doubles else '"'
    opening = re.compile(rf"(?:^|(?<=,)){doubled}(?!\s*$)")
    for number, line in enumerate(lines):
        halves = (opening.sub("\n", half) for half in line.split(doubled * 2))
        yield number, doubled.join(half.replace(doubled, "") for half in halves)
