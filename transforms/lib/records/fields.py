"""Fields of records from anywhere: a text, a list of texts, JSON inside of a text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected

MAX_JSON = 64_000_000  # characters of one field
MAX_DIGITS = 4300  # of an int that CPython writes and reads without being told to
MAX_SHORT = 1000  # characters of a title, an address, a tag


class TooLong:
    """In place of an int of more digits; it has no literal, so that its test is not used."""


def from_json(value: Any) -> Any:
    """The value of a field that is JSON in a text, or is a value already."""
    if not isinstance(value, str):
        return value
    if len(value) > MAX_JSON:
        raise Rejected("too_large", f"{len(value)} characters")
    try:
        return json.loads(value, parse_int=_int)
    except (ValueError, RecursionError) as error:
        raise Rejected("bad_json", f"{type(error).__name__}: {error}"[:200]) from error


def _int(digits: str) -> int | TooLong:
    return int(digits) if len(digits) <= MAX_DIGITS else TooLong()


def required(record: Mapping[str, Any], name: str) -> str:
    """A field that must be a text; Rejected that names it if it is none."""
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Rejected("missing_field", name)
    return value


def optional(record: Mapping[str, Any], name: str) -> str | None:
    """A short field that may be missing, as text."""
    value = record.get(name)
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return storable(str(value).strip()[:MAX_SHORT]) or None if known else None


def texts(value: Any) -> list[str]:
    """A list of texts, in JSON or not; what is no text in it is left out."""
    found = from_json(value) if value is not None and value != "" else []
    if not isinstance(found, Iterable) or isinstance(found, str | bytes | Mapping):
        raise Rejected("bad_field", f"{type(found).__name__} in place of a list of texts")
    return [text for text in found if isinstance(text, str) and text.strip()]


def storable(text: str) -> str:
    """The text without lone surrogates, which JSON can spell and Arrow cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def tags(value: Any) -> tuple[str, ...]:
    """Tags as a list, or as the text of one in JSON or Python."""
    if isinstance(value, str):
        try:
            value = literal(value)
        except Rejected:
            return ()
    found = value if isinstance(value, list | tuple) else ()
    return tuple(storable(tag[:MAX_SHORT]) for tag in found if isinstance(tag, str) and tag)
