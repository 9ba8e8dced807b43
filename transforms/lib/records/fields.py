"""Fields of records from anywhere: texts, lists of texts, JSON in a text, or else Rejected."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected

MAX_JSON = 64_000_000  # characters of one field
MAX_DIGITS = 4300  # of an int that CPython reads and writes unless it is told otherwise
MAX_SHORT = 1000  # characters of a title, an address, a tag


class HugeInt:
    """Stands for an int of more than MAX_DIGITS digits: a test with it has no literal, and is not
    used, but the rest of the record is."""


def from_json(value: Any) -> Any:
    """The value of a field that is JSON in a text, or is a value already.

    Raises Rejected (`bad_json`, `too_large`) for any other text.

    >>> from_json('{"inputs": [1]}'), from_json([1])
    ({'inputs': [1]}, [1])
    """
    if not isinstance(value, str):
        return value
    if len(value) > MAX_JSON:
        raise Rejected("too_large", f"{len(value)} characters")
    return parse_json(value)


def parse_json(text: str, huge_ints: bool = True) -> Any:
    """The value of JSON of any length. Raises Rejected (`bad_json`) if the text is none.

    An int of too many digits becomes a HugeInt; without `huge_ints` it is bad JSON.
    """
    try:
        return json.loads(text, parse_int=_int if huge_ints else int)
    except (ValueError, RecursionError) as error:
        raise Rejected("bad_json", f"{type(error).__name__}: {error}"[:200]) from error


def _int(digits: str) -> int | HugeInt:
    return int(digits) if len(digits) <= MAX_DIGITS else HugeInt()


def required(record: Mapping[str, Any], name: str) -> str:
    """A field that must be a text. Raises Rejected (`missing_field`) if it is none, or empty."""
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Rejected("missing_field", name)
    return value


def optional(record: Mapping[str, Any], name: str) -> str | None:
    """A short field as text; None if it is missing or empty, or is no text and no number.

    >>> optional({"rating": 800}, "rating"), optional({"rating": [800]}, "rating")
    ('800', None)
    """
    value = record.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    return storable(str(value).strip()[:MAX_SHORT]) or None


def texts(value: Any) -> list[str]:
    """A list of texts that is a value, or JSON in a text; items that are no text are left out.

    Raises Rejected (`bad_field`, `bad_json`) if it is no list.

    >>> texts('["a", 3, " ", "b"]'), texts(None)
    (['a', 'b'], [])
    """
    values = from_json(value) if value is not None and value != "" else []
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        raise Rejected("bad_field", f"{type(values).__name__} in place of a list of texts")
    return [text for text in values if isinstance(text, str) and text.strip()]


def storable(text: str) -> str:
    """The text with lone surrogates, which JSON can spell and Arrow cannot hold, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def tags(value: Any) -> tuple[str, ...]:
    """Tags that are a list, or the text of a list in JSON or Python; empty for all else.

    >>> tags("['math', 'greedy']")
    ('math', 'greedy')
    """
    if isinstance(value, str):
        try:
            value = literal(value)
        except Rejected:
            return ()
    values = value if isinstance(value, list | tuple) else ()
    return tuple(storable(tag[:MAX_SHORT]) for tag in values if isinstance(tag, str) and tag)
