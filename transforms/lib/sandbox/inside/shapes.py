"""Containers of the standard library that a check may use by more than their content.

Between a check and its candidate a Counter, an OrderedDict, a defaultdict (without its factory), a
deque and a named tuple cross as what they are, because tests call `most_common` and look at fields.
They are made anew of data, by these constructors, so no method of the candidate crosses. Everywhere
else they are the dict or tuple that they hold, and a deque is no data.
"""

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from functools import lru_cache
from typing import Any

MAX_FIELDS = 100  # of a named tuple
NAMED = "namedtuple"
# By type, its content as built-in data.
CONTENTS: dict[type, Callable[[Any], Any]] = {
    Counter: lambda value: dict(dict.items(value)),
    OrderedDict: lambda value: dict(dict.items(value)),
    defaultdict: lambda value: dict(dict.items(value)),
    deque: list,
}
SHAPES: dict[str, Callable[[Any], Any]] = {
    "Counter": Counter,
    "OrderedDict": OrderedDict,
    "defaultdict": lambda content: defaultdict(None, content),
    "deque": deque,
}


def shape_of(value: Any) -> tuple[object, ...] | None:
    """The tag of a value, then its content (of a named tuple: names, then content); None if it has
    no shape of its own."""
    kind = type(value)
    if kind in CONTENTS:
        return kind.__name__, CONTENTS[kind](value)
    if issubclass(kind, tuple) and kind is not tuple and hasattr(kind, "_fields"):
        return NAMED, [kind.__name__, *kind._fields], tuple(tuple.__iter__(value))
    return None


def shaped(tag: str, *content: Any) -> Any:
    """The value with this tag and content; raises TypeError or ValueError if they fit not."""
    if tag == NAMED:
        names, values = content
        if type(names) is not list or type(values) is not tuple or len(names) > MAX_FIELDS:
            raise TypeError("no named tuple")
        return _named(*names)(*values)
    (value,) = content
    if type(value) is not (list if tag == "deque" else dict):
        raise TypeError(f"no {tag}")
    return SHAPES[tag](value)


@lru_cache(64)
def _named(name: str, *fields: str) -> Any:
    return namedtuple(name, fields)  # which accepts identifiers only
