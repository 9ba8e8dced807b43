"""Canonical trees: what must be equal, what must differ, and hostile sources."""

import pytest

from transforms.contamination.grams.canonical import canonical, programs
from transforms.lib.python.syntax import parse, size

BASE = """def total(items, start=0):
    result = start
    for item in items:
        if item > 3:
            result += item * len(items)
    return result
"""


def form(source: str):
    return canonical(programs(parse(source))[0][1])


@pytest.mark.parametrize(
    "same",
    [
        BASE.replace("total", "f")
        .replace("items", "xs")
        .replace("result", "r")
        .replace("item", "x"),
        BASE.replace("(items, start=0)", "(items: list[int], start: int = 0) -> int"),
        BASE.replace(
            "    result = start", '    """Add them up."""\n    # comment\n    result = (start)'
        ),
        "@cache\n" + BASE,
        BASE.replace("    ", "\t"),
    ],
)
def test_the_same_function(same: str) -> None:
    assert form(same).digest == form(BASE).digest
    assert form(same).nodes == form(BASE).nodes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("> 3", "> 4"),
        ("+=", "-="),
        ("len(", "sum("),
        ("start=0", "start"),
        ("item * len", "start * len"),
        ("return result", "return item"),
        ("items)", "items).real"),
        ("for", "async for"),
    ],
)
def test_another_function(old: str, new: str) -> None:
    other = parse(BASE.replace(old, new))
    assert other is None or canonical(programs(other)[0][1]).digest != form(BASE).digest


def test_a_builtin_that_is_shadowed_is_a_name_like_others() -> None:
    assert (
        form("def f(list):\n    return list[0]\n").digest
        == form("def f(a):\n    return a[0]\n").digest
    )
    assert (
        form("def f(a):\n    return len(a)\n").digest != form("def f(a):\n    return g(a)\n").digest
    )


def test_a_program_without_functions_is_one() -> None:
    assert (
        form("n = int(input())\nprint(n)\n").digest == form("k = int(input())\nprint(k)\n").digest
    )


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "-" * 20_000 + "1",
        "a" + ".b" * 50_000,
        "x = [" + "1," * 300_000 + "]",
        "\0",
        "if",
        "def f():\n" + "".join(" " * i + "if x:\n" for i in range(1, 99)),
        "9" * 9_000 + "**2",
    ],
)
def test_hostile_sources_have_a_tree_or_none(source: str) -> None:
    tree = parse(source)
    for _, node in programs(tree) if tree else ():
        nodes = size(node, 10_000)
        assert nodes > 10_000 or 0 < canonical(node).nodes <= nodes
