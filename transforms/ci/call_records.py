"""Reads the files of a tracer, which a hostile process may have written, into rows of `calls`."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.ci.traced_paths import Place, TracedPaths
from transforms.ci.traced_values import OPAQUE, TracedValue
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import storable

MAX_LINE_BYTES = 1 << 20
MAX_FILE_BYTES = 64 << 20  # what the tracer itself writes for one process
MAX_FILES = 1000
MAX_FUNCTIONS = 50_000  # of one project, libraries included
MAX_ARGUMENTS, MAX_YIELDS, MAX_NAME = 255, 1000, 500
CALLS_OF_FUNCTION = 10
CALLS_LOOKED_AT = 1000  # of one function, that are well-formed or not
ROLES = ("p", "*", "**")
FORMS = {0: "plain", 0x20: "generator", 0x80: "coroutine", 0x200: "async_generator"}
EXCEPTION = re.compile(r"(?P<name>[\w.]+:[\w.<>]+) (?P<value>.*)", re.DOTALL)
NUMBER_OF_TEST = re.compile(r" \((?:setup|call|teardown)\)$")


@dataclass(frozen=True)
class TracedFunction:
    """What tells one function from another, in the order in which rows stand."""

    path: str
    line: int
    qualname: str
    is_library: bool
    form: str


# The calls of one function by a text that tells them apart, each with its lowest rank.
RankedCalls = dict[str, tuple[int, dict[str, Any]]]


@dataclass
class TraceReading:
    """The rows of a project's calls, and how many lines were dropped, by reason."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def read_traces(
    files: Collection[bytes],
    paths: TracedPaths,
    *,
    repo: str,
    commit: str | None,
    python: str,
    kinds: Mapping[tuple[str, int], str] | None = None,
) -> TraceReading:
    """The calls in the files of all processes of a run, in an order that no process decides.

    A file is one process's. `paths` are those of the project's tree; `kinds` say by path and line
    which functions in classes are static or class methods.
    """
    reading = TraceReading()
    calls: dict[TracedFunction, RankedCalls] = {}
    for content in sorted(files)[:MAX_FILES]:
        _collect(content, paths, calls, reading.dropped)
    same = {"repo": repo, "commit": commit, "python": python}
    for function in sorted(calls, key=_order):
        place = Place(function.path, function.is_library)
        columns = same | _columns(function, paths.module(place), kinds or {})
        reading.rows += _rows(calls[function], columns, reading.dropped)
    return reading


def _collect(
    content: bytes,
    paths: TracedPaths,
    calls: dict[TracedFunction, RankedCalls],
    dropped: Counter[str],
) -> None:
    """Add the calls in the file of one process, each with its rank among those of its function."""
    ranks = Counter[TracedFunction]()
    for record in _records(content, dropped):
        place = paths.place(record["file"])
        if place is None:
            dropped["no_file"] += 1
            continue
        function = _function(record, place)
        if function not in calls and len(calls) >= MAX_FUNCTIONS:
            dropped["too_many_functions"] += 1
            continue
        known, rank = calls.setdefault(function, {}), ranks[function]
        ranks[function] += 1
        key = _key(record)
        if rank < CALLS_LOOKED_AT and (key not in known or known[key][0] > rank):
            known[key] = rank, record


def _order(function: TracedFunction) -> tuple[object, ...]:
    return function.is_library, function.path, function.line, function.qualname, function.form


def _records(content: bytes, dropped: Counter[str]) -> Iterator[dict[str, Any]]:
    """The well-formed records among the lines of a file."""
    for line in content[:MAX_FILE_BYTES].split(b"\n"):
        if not line:
            continue
        if len(line) > MAX_LINE_BYTES:
            dropped["too_long"] += 1
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            dropped["not_json"] += 1
            continue
        if _is_record(record):
            yield record
        else:
            dropped["not_a_record"] += 1


def _is_record(record: Any) -> bool:
    """Whether a value has the fields of a record, each of its type and in bounds."""
    if type(record) is not dict:
        return False
    return (
        all(_is_text(record.get(name), MAX_NAME) for name in ("file", "name"))
        and type(line := record.get("line")) is int
        and 0 < line < 1 << 31
        and type(record.get("flags")) is int
        and record["flags"] in FORMS
        and _are_names(record.get("names"))
        and _are_values(record, len(record["names"]))
        and record.get("outcome") in ("return", "raise")
        and _is_text(record.get("value"))
        and _are_yields(record.get("yields"))
        and (record.get("test") is None or _is_text(record.get("test")))
    )


def _are_names(names: Any) -> bool:
    """Whether a value is a list of different names of parameters with their roles."""
    return (
        type(names) is list
        and len(names) <= MAX_ARGUMENTS
        and all(_is_pair(name) and name[0].isidentifier() and name[1] in ROLES for name in names)
        and len({name for name, _ in names}) == len(names)
    )


def _are_values(record: Mapping[str, Any], count: int) -> bool:
    """Whether a record has so many arguments, and none but them has another value afterwards."""
    arguments, after = record.get("arguments"), record.get("after")
    return (
        type(arguments) is list
        and len(arguments) == count
        and all(map(_is_text, arguments))
        and type(after) is dict
        and all(key.isdecimal() and key.isascii() and len(key) < 4 for key in after)
        and all(int(key) < count and _is_text(text) for key, text in after.items())
    )


def _are_yields(yields: Any) -> bool:
    return type(yields) is list and len(yields) <= MAX_YIELDS and all(map(_is_pair, yields))


def _is_text(value: Any, most: int = MAX_LINE_BYTES) -> bool:
    return type(value) is str and len(value) <= most


def _is_pair(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and all(map(_is_text, value))


def _function(record: Mapping[str, Any], place: Place) -> TracedFunction:
    return TracedFunction(
        place.path,
        record["line"],
        storable(record["name"]),
        place.is_library,
        FORMS[record["flags"]],
    )


def _key(record: Mapping[str, Any]) -> str:
    """A text that is the same for calls which do not differ."""
    names = ("arguments", "outcome", "value", "yields", "after")
    return json.dumps([record[name] for name in names], sort_keys=True)


def _columns(
    function: TracedFunction, module: str, kinds: Mapping[tuple[str, int], str]
) -> dict[str, Any]:
    kind = "function"
    if "<locals>" in function.qualname:
        kind = "nested"
    elif "." in function.qualname:
        kind = kinds.get((function.path, function.line), "method")
    return vars(function) | {"module": module, "kind": kind}


def _rows(
    calls: RankedCalls,
    columns: Mapping[str, Any],
    dropped: Counter[str],
) -> Iterator[dict[str, Any]]:
    """The rows of one function: its first calls, whole ones before those with opaque parts.

    Calls of several processes are in the order of their ranks, and then of their texts.
    """
    rows: list[dict[str, Any]] = []
    whole = 0
    for _, key in sorted((rank, key) for key, (rank, _) in calls.items()):
        if whole == CALLS_OF_FUNCTION:
            break
        try:
            rows.append(_row(calls[key][1]))
        except Rejected:
            dropped["bad_value"] += 1
            continue
        whole += not _is_opaque(rows[-1])
    for number, row in enumerate(sorted(rows, key=_is_opaque)[:CALLS_OF_FUNCTION]):
        yield {**columns, **row, "number": number}


def _is_opaque(row: Mapping[str, Any]) -> bool:
    """Whether a part of a call has no text from which it could be made again."""
    parts: Sequence[Mapping[str, str]] = [*row["arguments"], *row["yields"], *row["mutated"]]
    return any(part["encoding"] == "O" for part in (row, *parts))


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of one call; raises Rejected (`bad_value`) for a text that is no value.

    The encodings are seen from the values themselves: those in the record are not relied on.
    """
    value, exception = record["value"], None
    if record["outcome"] == "raise":
        match = EXCEPTION.fullmatch(value)
        exception = match["name"] if match else None
        value = match["value"] if match else OPAQUE
    names = [name for name, _ in record["names"]]
    return {
        "arguments": [
            {"name": name, "role": role} | _encoded(text)
            for (name, role), text in zip(record["names"], record["arguments"], strict=True)
        ],
        "outcome": record["outcome"],
        **_encoded(value),
        "exception": exception,
        "yields": [_encoded(text) for text, _ in record["yields"]],
        "mutated": [
            {"name": names[int(index)]} | _encoded(text)
            for index, text in sorted(record["after"].items(), key=lambda item: int(item[0]))
        ],
        "test": _test(record.get("test")),
    }


def _encoded(text: str) -> dict[str, str]:
    if text == OPAQUE:
        return {"value": OPAQUE, "encoding": "O"}
    value = TracedValue(text)
    return {"value": storable(text), "encoding": "L" if value.is_literal else "E"}


def _test(name: str | None) -> str | None:
    """The id of a test, without the phase that pytest writes behind it."""
    return storable(NUMBER_OF_TEST.sub("", name)[:MAX_NAME]) if name else None
