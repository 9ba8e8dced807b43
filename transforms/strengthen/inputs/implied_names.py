"""Names such as n and m that a statement uses without a definition: what they most likely mean."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from transforms.strengthen.inputs.terms import Env

OFFSET = re.compile(r"(\w+\.length) ==? (?:(\d) ?\* ?)?([a-z])(?: ([+-]) (\d))?$")
REVERSED = re.compile(r"(?:(\d) ?\* ?)?([a-z])(?: ([+-]) (\d))? ==? (\w+\.length)$")
# 2 <= numCourses <= 100, 1 <= heights[i]
LONE = re.compile(
    r"^-?\d+ <=? ([a-zA-Z]{2,30}) <=? |\b([a-zA-Z]{2,30}\d?)(?:\[[a-z]\]|\.length)", re.MULTILINE
)
OF_NODES = re.compile(
    r"number of (?:the )?nodes in the (?:\w+ )?(?P<kind>list|tree) is (?P<name>[a-z])\b"
    r"|(?P<count>[a-z]) == (?:the )?number of nodes in the tree"
)
MATRIX = re.compile(r"\b([a-z]) ?[x*×] ?([a-z])\b")
OF_LENGTH = re.compile(r"\b(?:length|size|consisting of|has|of|with) ([a-z])\b")


def implied_definitions(
    statement: str, lines: Sequence[str], seeds: Sequence[Env], roots: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Names and the terms that they stand for, the surest first.

    >>> list(implied_definitions("", ["edges.length == n - 1"], [{"edges": []}], frozenset()))
    [('n', 'edges.length + 1')]
    """
    for line in lines:
        text = line.rstrip(" .")
        if match := OFFSET.fullmatch(text):
            yield match[3], _solved(match[1], match[2], match[4], match[5])
        elif match := REVERSED.fullmatch(text):
            yield match[2], _solved(match[5], match[1], match[3], match[4])
    yield from _of_nodes(lines, roots)
    yield from _of_other_name(lines, seeds)
    yield from _of_matrix(statement, seeds)
    if len(roots) != 1 and (long := _long_parameters(seeds)):
        for match in OF_LENGTH.finditer(statement[:5_000]):
            if len(long) == 1:
                yield match[1], f"{long[0]}.length"


def _of_nodes(lines: Sequence[str], roots: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The number of nodes of the one tree or linked list that there is."""
    for line in lines if len(roots) == 1 else ():
        if match := OF_NODES.search(line):
            root = min(roots)
            is_list = match["kind"] == "list"
            name = match["name"] or match["count"]
            yield name, f"{root}.length" if is_list else f"nodes({root})"


def _of_other_name(lines: Sequence[str], seeds: Sequence[Env]) -> Iterator[tuple[str, str]]:
    """The one parameter that no line names, by the one name in lines that is no parameter."""
    if not seeds:
        return
    text = "\n".join(lines)
    unnamed = [name for name in seeds[0] if not re.search(rf"\b{re.escape(name)}\b", text)]
    others = {m[1] or m[2] for m in LONE.finditer(text)} - set(seeds[0])
    if len(unnamed) == 1 and len(others) == 1:
        yield others.pop(), unnamed[0]


def _solved(length: str, factor: str | None, sign: str | None, offset: str | None) -> str:
    """What n is, of `length == factor * n + offset`."""
    term = f"{length} {'-' if sign == '+' else '+'} {offset}" if offset else length
    return f"({term}) / {factor}" if factor else term


def _of_matrix(statement: str, seeds: Sequence[Env]) -> Iterator[tuple[str, str]]:
    match = MATRIX.search(statement[:5_000])
    names = [
        name for name in (seeds[0] if seeds else ()) if all(_is_matrix(s.get(name)) for s in seeds)
    ]
    if match and len(names) == 1:
        yield match[1], f"{names[0]}.length"
        yield match[2], f"{names[0]}[0].length"


def _is_matrix(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(row, list | str) and len(row) == len(value[0]) for row in value)
    )


def _long_parameters(seeds: Sequence[Env]) -> list[str]:
    """The parameters that have a length."""
    return [
        name
        for name in (seeds[0] if seeds else ())
        if all(isinstance(seed.get(name), list | str) for seed in seeds)
    ]
