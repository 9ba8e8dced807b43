"""The code in texts that wrap it: JSON, HTML, diffs, line numbers, an interpreter's transcript."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

LONGEST = 100_000  # characters of a text that is looked at
MOST_STRINGS = 100  # of a JSON text, that may be code

JSON_BEGINS = re.compile(r"[\[{]\s*[\[{\"]")
PROMPTED = re.compile(r"[ \t]*(?:>>>|\.\.\.|In ?\[\d+\]:|\.\.\.:)(?: |$)")
ADDED = re.compile(r"\+(?!\+\+)")
NUMBERED = re.compile(r"[ \t]*\d{1,4}(?:[ \t]*[|│:])?(?: |$)")
TAGS = re.compile(r"</?(?:span|div|p|b|i|code)\b[^<>]{0,200}>")
BLOCK_TAGS = re.compile(r"(?:</?(?:pre|code)\b[^<>]{0,200}>\s{0,20}){1,4}")


def unwrapped(text: str) -> Iterator[str]:
    r"""The texts that a text may wrap, without what is around each of their lines.

    >>> list(unwrapped('{"code": "x = 1\\ny = 2"}'))
    ['x = 1\ny = 2']
    >>> list(unwrapped(">>> def f():\n...     return 1\n>>> f()\n1\n"))
    ['def f():\n    return 1\nf()\n']
    """
    text = text[:LONGEST]
    yield from _in_json(text)
    lines = text.split("\n")
    yield from _without_marks(lines, PROMPTED)
    yield from _added_lines(lines)
    yield from _without_marks(lines, NUMBERED)
    if "</" in text:
        yield html.unescape(TAGS.sub("", BLOCK_TAGS.sub("\n```\n", text)))


def _in_json(text: str) -> Iterator[str]:
    """The texts of several lines in the first JSON value of a text, the last one first."""
    begin = JSON_BEGINS.search(text)
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, begin.start() if begin else 0)
    except (ValueError, RecursionError):
        return
    yield from [each for each in _strings(value) if "\n" in each][: -MOST_STRINGS - 1 : -1]


def _strings(value: Any) -> Iterator[str]:
    """The strings in a JSON value, and lists of strings as one, as notebooks have cells."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        yield from value
        yield "".join(value)
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _without_marks(lines: list[str], mark: re.Pattern[str]) -> Iterator[str]:
    """The lines that have a mark, without it, if there are several."""
    marked = [line[found.end() :] for line in lines if (found := mark.match(line))]
    if len(marked) > 1:
        yield "".join(f"{line}\n" for line in marked)


def _added_lines(lines: list[str]) -> Iterator[str]:
    """The lines that a diff adds or keeps."""
    if sum(bool(ADDED.match(line)) for line in lines) > 1:
        kept = [line[1:] for line in lines if line[:1] in ("+", " ") and line[:3] != "+++"]
        yield "".join(f"{line}\n" for line in kept)
