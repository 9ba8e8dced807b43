"""Texts inside a record: `content`, `meta.text`, `messages[].content`, `choices[0].text`."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa

STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d*|\*)\]")

Step = str | int


def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path: names of fields, and places in a list.

    All items of a list are meant where no place is named, with `[]` or without.

    >>> steps("messages[].content"), steps("choices[0].text")
    (('messages', 'content'), ('choices', 0, 'text'))
    """
    found: list[Step] = []
    for name, place in STEP.findall(path):
        if name or place.lstrip("-").isdigit():
            found.append(name or int(place))
    return tuple(found)


def first_field(path: str, columns: Collection[str]) -> str:
    """The column that a path begins with; one that is called as the whole path goes first.

    >>> first_field("meta.text", ["meta", "content"]), first_field("a.b", ["a", "a.b"])
    ('meta', 'a.b')
    """
    ways = steps(path)
    return path if path in columns or not ways else str(ways[0])


def text_at(record: Mapping[str, Any], path: str) -> str | None:
    """The text at a path of a record; None if there is none.

    Texts of a list, or of all fields below, follow one another on lines of their own. A text that
    the path goes on behind is read as JSON.

    >>> chat = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    >>> text_at({"messages": chat}, "messages[].content")
    'a\\nb'
    >>> text_at({"messages": json.dumps(chat)}, "messages[1]")
    'assistant\\nb'
    """
    ways: tuple[Step, ...] = (path,) if path in record else steps(path)
    found = list(texts_in(record, ways))
    return "\n".join(found) if found else None


def texts_in(value: Any, ways: tuple[Step, ...] = ()) -> Iterator[str]:
    """The texts at the end of the steps `ways` from a value, in order; numbers are spelt."""
    waiting = [(value, ways)]
    while waiting:
        here, left = waiting.pop()
        if isinstance(here, bytes):
            here = here.decode("utf-8", "surrogateescape")
        if isinstance(here, str) and left:
            here = _from_json(here)
        if isinstance(here, str) or (isinstance(here, int | float) and not isinstance(here, bool)):
            if not left:
                yield str(here)
        elif isinstance(here, list | tuple):
            if left and isinstance(left[0], int):
                here, left = here[left[0] :][:1], left[1:]
            waiting += [(item, left) for item in reversed(here)]
        elif isinstance(here, Mapping):
            if not left:
                waiting += [(item, ()) for item in reversed(list(here.values()))]
            elif left[0] in here:
                waiting.append((here[str(left[0])], left[1:]))


def _from_json(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def missing_step(kind: pa.DataType, ways: tuple[Step, ...]) -> str | None:
    """What a column of this Arrow type lacks of the steps that lead on, in words; None if nothing.

    >>> chat = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    >>> missing_step(chat, ("content",)), missing_step(chat, ("text",))
    (None, "no field 'text'; it has role, content")
    """
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        elif pa.types.is_nested(kind) and not (pa.types.is_struct(kind) or pa.types.is_map(kind)):
            if not hasattr(kind, "value_type"):  # a union
                return None
            kind = kind.value_type
            if ways and isinstance(ways[0], int):
                ways = ways[1:]
        elif not ways or not pa.types.is_struct(kind):
            return None
        elif ways[0] not in [field.name for field in kind]:
            names = ", ".join(field.name for field in kind)
            return f"no field {ways[0]!r}; it has {names:.200}"
        else:
            kind, ways = kind.field(ways[0]).type, ways[1:]
