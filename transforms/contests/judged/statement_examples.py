"""Examples of a statement's text: `Input: a = 1, b = [2]`, `Output: 3`, as Python values."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.python.literals import Unparsable, literal

LABEL = re.compile(
    r"[ \t>*_`#-]*(?P<label>input|output|explanation|example|constraints?|notes?|follow[ -]?up)s?"
    r"\b[ \t]*(?P<number>\d{0,3})[ \t*_`]*(?P<colon>:?)[*_`]*(?P<rest>.*)",
    re.IGNORECASE,
)
ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)(.*)", re.DOTALL)
ASSIGNMENT = re.compile(r"= *\n\s*(?=[\[\"'\w-])")  # a value that begins in the next line
TRAILING = " \t\n,;."
QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "′": "'", "″": '"'})
WORDS = {"null": "None", "true": "True", "false": "False", "nil": "None"}
# Strings whole, closed or not, so that what stands in them is left as it is; else one word.
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|\'(?:[^\'\\\n]|\\.)*\'?|\w+')
OPENING, CLOSING = "([{", ")]}"
MAX_EXAMPLES = 50
MAX_EXAMPLE = 50_000  # characters


@dataclass(frozen=True)
class Example:
    """The text of an input and of the output it should give."""

    input: str
    output: str


def examples(text: str) -> list[Example]:
    """The examples of a statement, in its order."""
    found: list[Example] = []
    given: str | None = None
    for label, content in _labelled(text):
        if label == "input":
            given = content
        elif label == "output" and given is not None:
            found.append(Example(given[:MAX_EXAMPLE], content[:MAX_EXAMPLE]))
            given = None
    return found[:MAX_EXAMPLES]


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """What follows each label, up to the next one."""
    label, lines = "", list[str]()
    for line in text.split("\n"):
        if (match := LABEL.fullmatch(line)) and _is_label(match):
            yield label, "\n".join(lines).strip("\n")
            label, lines = match["label"].lower(), []
            line = match["rest"]
        lines.append(line)
    yield label, "\n".join(lines).strip("\n")


def _is_label(match: re.Match[str]) -> bool:
    """A label is followed by a colon, or stands alone in its line; a sentence is none."""
    return bool(match["colon"]) or not match["rest"].strip()


def value(text: str) -> Any:
    """The value that a statement writes, in JSON or nearly; Unparsable if there is none."""
    text = text.translate(QUOTES).strip().rstrip(TRAILING).removeprefix("Output:")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return literal(TOKEN.sub(lambda token: WORDS.get(token[0], token[0]), text))


def _no_constant(name: str) -> None:
    raise ValueError(name)


def first_value(text: str) -> Any:
    """The value that a text begins with: the whole of it, or its first lines."""
    try:
        return value(text)
    except Unparsable:
        lines = text.strip().split("\n")
        for count in range(1, min(len(lines), 8)):
            try:
                return value("\n".join(lines[:count]))
            except Unparsable:
                continue
        raise


def arguments(text: str) -> tuple[tuple[str, ...], list[Any]]:
    """Names and values of `a = 1, b = [2]`; no names where only values stand."""
    names, values = list[str](), list[Any]()
    for part in split(text):
        match = ASSIGNED.fullmatch(part)
        names += [match[1]] if match else []
        values.append(value(match[2] if match else part))
    if names and len(names) != len(values):
        raise Unparsable("input", text[:100])
    return tuple(names), values


def split(text: str) -> list[str]:
    """Parts of a text between commas and line breaks that stand in no bracket and no string."""
    text = ASSIGNMENT.sub("= ", text)
    parts, begin, depth = list[str](), 0, 0
    for at, character in _outside_strings(text.translate(QUOTES)):
        if character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth -= 1
        elif character in ",\n" and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    quote, escaped = "", False
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not escaped else quote
            escaped = character == "\\" and not escaped
        elif character in "\"'":
            quote, escaped = character, False
        else:
            yield at, character


def read_examples(
    found: Sequence[Example], names: tuple[str, ...]
) -> tuple[list[tuple[tuple, Any]], int]:
    """Arguments in the order of the parameters `names`, and result, of each example; and how many
    examples could not be read."""
    tests, unread = list[tuple[tuple, Any]](), 0
    for example in found:
        try:
            given, values = arguments(example.input)
            tests.append((_in_order(names, given, values), first_value(example.output)))
        except Unparsable:
            unread += 1
    return tests, unread


def _in_order(names: tuple[str, ...], given: tuple[str, ...], values: list[Any]) -> tuple:
    if given and set(given) == set(names) and len(set(given)) == len(given):
        by_name = dict(zip(given, values, strict=True))
        return tuple(by_name[name] for name in names)
    if len(values) != len(names):
        raise Unparsable("input", f"{len(values)} arguments for {len(names)} parameters")
    return tuple(values)
