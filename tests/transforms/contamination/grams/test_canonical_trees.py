"""Canonical trees: which functions must have the same, which must not, and hostile sources."""

import pytest

from transforms.contamination.grams.canonical_trees import canonical_tree, comparable_parts
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import size

BASE = """def total(items, start=0):
    result = start
    for item in items:
        if item > 3:
            result += item * len(items)
    return result
"""


def form(source: str):
    return canonical_tree(comparable_parts(parse_or_none(source))[0][1])


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
    other = parse_or_none(BASE.replace(old, new))
    assert (
        other is None or canonical_tree(comparable_parts(other)[0][1]).digest != form(BASE).digest
    )


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
    tree = parse_or_none(source)
    for _, node in comparable_parts(tree) if tree else ():
        nodes = size(node, 10_000)
        assert nodes > 10_000 or 0 < canonical_tree(node).nodes <= nodes
