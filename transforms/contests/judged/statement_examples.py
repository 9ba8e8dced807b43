"""Examples in the text of a statement (`Input: a = 1, b = [2]`, `Output: 3`) as Python values."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.checks import ValueTest
from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected

LABEL = re.compile(
    r"[ \t>*_`#-]*(?P<label>input|output|explanation|example|constraints?|notes?|follow[ -]?up)s?"
    r"\b[ \t]*(?P<number>\d{0,3})[ \t*_`]*(?P<colon>:?)[*_`]*(?P<rest>.*)",
    re.IGNORECASE,
)
ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)(.*)", re.DOTALL)
ASSIGNMENT = re.compile(r"= *\n\s*(?=[\[\"'\w-])")  # a value that begins in the next line
TRAILING = " \t\n,;."  # characters after a value that are no part of it
PLAIN_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "′": "'", "″": '"'})
PYTHON_WORDS = {"null": "None", "true": "True", "false": "False", "nil": "None"}
# Strings whole, closed or not, so that what stands in them is left as it is; else one word.
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|\'(?:[^\'\\\n]|\\.)*\'?|\w+')
OPENING_BRACKETS, CLOSING_BRACKETS = "([{", ")]}"
MAX_EXAMPLES = 50  # of a statement
MAX_EXAMPLE = 50_000  # characters of an input or output
MAX_VALUE_LINES = 7  # lines that a value is looked for in, if the whole text is none


@dataclass(frozen=True)
class Example:
    """The text of an input and of the output it should give."""

    input: str
    output: str


def examples(text: str) -> list[Example]:
    """The examples of a statement, in order: each input that an output follows.

    >>> examples("Example 1:\\nInput: a = 1\\nOutput: 2\\nExplanation: 1 + 1")
    [Example(input=' a = 1', output=' 2')]
    """
    pairs: list[Example] = []
    last_input: str | None = None
    for label, content in _labelled(text):
        if label == "input":
            last_input = content
        elif label == "output" and last_input is not None:
            pairs.append(Example(last_input[:MAX_EXAMPLE], content[:MAX_EXAMPLE]))
            last_input = None
    return pairs[:MAX_EXAMPLES]


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Each label in lower case, with the text that follows it up to the next one."""
    label, lines = "", list[str]()
    for line in text.split("\n"):
        if (match := LABEL.fullmatch(line)) and _is_label(match):
            yield label, "\n".join(lines).strip("\n")
            label, lines = match["label"].lower(), []
            line = match["rest"]
        lines.append(line)
    yield label, "\n".join(lines).strip("\n")


def _is_label(match: re.Match[str]) -> bool:
    """Whether a word is a label: a colon follows it, or nothing; a sentence is none."""
    return bool(match["colon"]) or not match["rest"].strip()


def value(text: str) -> Any:
    """The value that a statement writes in JSON, or in what is nearly JSON or Python.

    Raises Rejected if the text is no value.

    >>> value('[1, null, "a"]'), value("['a', true];"), value("2.50")
    ([1, None, 'a'], ['a', True], 2.5)
    """
    text = text.translate(PLAIN_QUOTES).strip().rstrip(TRAILING).removeprefix("Output:")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return literal(TOKEN.sub(lambda token: PYTHON_WORDS.get(token[0], token[0]), text))


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(name)


def first_value(text: str) -> Any:
    """The value that a text is, or that its first lines are. Raises Rejected if they are none."""
    try:
        return value(text)
    except Rejected:
        lines = text.strip().split("\n")
        for count in range(1, min(len(lines), MAX_VALUE_LINES + 1)):
            try:
                return value("\n".join(lines[:count]))
            except Rejected:
                continue
        raise


def arguments(text: str) -> tuple[tuple[str, ...], list[Any]]:
    """Names and values of an example's input; no names where it gives only values.

    Raises Rejected if a value cannot be read, or only some have a name.

    >>> arguments("a = 1, b = [2, 3]")
    (('a', 'b'), [1, [2, 3]])
    """
    names, values = list[str](), list[Any]()
    for part in split(text):
        match = ASSIGNED.fullmatch(part)
        names += [match[1]] if match else []
        values.append(value(match[2] if match else part))
    if names and len(names) != len(values):
        raise Rejected("input", text[:100])
    return tuple(names), values


def split(text: str) -> list[str]:
    """The parts of a text between commas and line breaks that are in no bracket and no string.

    >>> split('[1, 2], "a, b"')
    ['[1, 2]', '"a, b"']
    """
    text = ASSIGNMENT.sub("= ", text)
    parts, begin, depth = list[str](), 0, 0
    for at, character in _outside_strings(text.translate(PLAIN_QUOTES)):
        if character in OPENING_BRACKETS:
            depth += 1
        elif character in CLOSING_BRACKETS:
            depth -= 1
        elif character in ",\n" and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The characters of a text that are in no string, each with its position."""
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
    pairs: Sequence[Example], parameters: tuple[str, ...]
) -> tuple[list[ValueTest], int]:
    """Examples as tests of a function with these parameters, and how many could not be read."""
    tests, unread = list[ValueTest](), 0
    for example in pairs:
        try:
            names, values = arguments(example.input)
            tests.append((_in_order(parameters, names, values), first_value(example.output)))
        except Rejected:
            unread += 1
    return tests, unread


def _in_order(parameters: tuple[str, ...], names: tuple[str, ...], values: list[Any]) -> tuple:
    """The values in the order of the parameters, by their names if these are the same."""
    if names and set(names) == set(parameters) and len(set(names)) == len(names):
        by_name = dict(zip(names, values, strict=True))
        return tuple(by_name[parameter] for parameter in parameters)
    if len(values) != len(parameters):
        raise Rejected("input", f"{len(values)} arguments for {len(parameters)} parameters")
    return tuple(values)
