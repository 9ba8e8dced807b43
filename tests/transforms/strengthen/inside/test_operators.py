"""Mutants: the changes that each operator makes, and what is left alone."""

import ast

import pytest

from transforms.strengthen.inside.mutants import mutants, spread
from transforms.strengthen.inside.step_counts import REACH, STEP, counted


def changed(text: str, operator: str = "", first_line: int = 0) -> list[tuple[str, str]]:
    """The name of each mutant of a program, and its text without what counts steps."""
    tree = counted(ast.parse(text))
    found = []
    for _, change in mutants(tree, frozenset({"Kept"}), first_line):
        change.swap()
        if operator in ("", change.operator):
            found.append((change.name, without_counts(ast.unparse(tree))))
        change.swap()
    assert without_counts(ast.unparse(tree)) == ast.unparse(ast.parse(text))
    return found


def without_counts(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip() != f"{STEP}()"]
    return "\n".join(lines).replace(f"{STEP}() and ", "").replace(f" if {STEP}()", "")


@pytest.mark.parametrize(
    ("operator", "text", "others"),
    [
        ("relation", "a = b < c", ["a = b <= c", "a = b >= c", "a = b != c"]),
        ("relation", "a = b == c", ["a = b != c", "a = b <= c", "a = b >= c"]),
        ("relation", "a = b == 'x'", ["a = b != 'x'"]),
        ("relation", "a = b in c", ["a = b not in c"]),
        ("relation", "a = b is None", ["a = b is not None"]),
        ("boundary", "a = 5", ["a = 6", "a = 4"]),
        ("constant", "a = 5", ["a = 0", "a = 1"]),
        ("constant", "a = True", ["a = False"]),
        ("constant", "a = 0.5", ["a = 1.0", "a = -0.5"]),
        ("constant", "a = 'xy'", ["a = ''"]),
        ("constant", "a = 'x'", ["a = ''", "a = 'y'"]),
        ("constant", "a = ''", ["a = 'x'"]),
        ("boolean", "a = b and c", ["a = b or c", "a = True and c", "a = b and True"]),
        ("boolean", "a = b or c", ["a = b and c", "a = False or c", "a = b or False"]),
        ("negated", "a = b if c else d", ["a = b if not c else d"]),
        ("negated", "a = b if c < 1 else d", []),  # the operator `relation` does that
        ("negated", "a = not b", ["a = not not b"]),
        (
            "negated",
            "a = [b for b in c if d]",
            ["a = [b for b in c]", "a = [b for b in c if not d]"],
        ),
        ("arithmetic", "a = b + c", ["a = b - c", "a = b * c"]),
        ("arithmetic", "a = b % c", ["a = b // c", "a = b + c", "a = b + 0"]),
        ("arithmetic", "a = 'x' % c", []),
        ("augmented", "a += b", ["a -= b", "a *= b"]),
        ("augmented", "a += 'x'", []),
        ("minus", "a = -b", ["a = +b"]),
        ("minus", "a = -1", ["a = +1"]),
        ("dropped", "a = 1\nimport b", ["pass\nimport b"]),
        ("jump", "while a:\n    break", ["while a:\n    continue"]),
        ("jump", "for a in b:\n    a()", ["for a in b:\n    a()\n    break"]),
        ("result", "def f():\n    return a < b", ["def f():\n    return not a < b"]),
        ("result", "def f():\n    return a", ["def f():\n    return None"]),
        (
            "early_return",
            "def f(a):\n    a()\n    b()",
            ["def f(a):\n    a()\n    return a\n    b()"],
        ),
        ("function", "a = min(b, c)", ["a = max(b, c)"]),
        (
            "function",
            "a = sorted(b, key=c)",
            ["a = sorted(b, key=c, reverse=not False)"],
        ),
        ("swapped", "a = b(c, d)", ["a = b(d, c)"]),
        ("swapped", "a = max(c, d)", []),
        ("bound", "a = b[c:]", ["a = b[c + 1:]", "a = b[c - 1:]"]),
        ("bound", "a = range(b, 5)", ["a = range(b + 1, 5)", "a = range(b - 1, 5)"]),
        ("index", "a = b[c]", ["a = b[c + 1]", "a = b[c - 1]"]),
    ],
)
def test_operators(operator: str, text: str, others: list[str]) -> None:
    assert [text for _, text in changed(text, operator)] == others


LEFT_ALONE = '''
"""Text 1"""
from a import b
class Kept:
    x = 1
@c(1)
def f(a: "x" = None, **k) -> d[1]:
    """Text 1"""
    g: e[1]
    h = f"{a + 1}"
    global i
    def inner(): pass
    class C(k=1): pass
'''


def test_what_is_left_alone() -> None:
    assert [name for name, _ in changed(LEFT_ALONE) if "early_return" not in name] == [
        "dropped 9:4 AnnAssign",
        "dropped 10:4 Assign",
    ]


def test_only_what_comes_after_a_line() -> None:
    assert [name for name, _ in changed("a = 1\nb = True\n", first_line=2)] == [
        "dropped 2:0 Assign",
        "constant 2:4 True to False",
    ]


def test_no_mutant_comes_twice() -> None:
    found = changed("def f(a, n=1):\n    return [a[i:n - 1] for i in range(1, n) if i % 2 == 1]\n")
    texts = [text for _, text in found]
    assert len(texts) == len(set(texts)) > 25


def test_the_chosen_mutants_are_spread_over_operators_and_lines() -> None:
    lines = [f"a{n} = b + {n + 5}" for n in range(20)] + ["c = d < e"]
    found = mutants(ast.parse("\n".join(lines)), frozenset(), 0)
    chosen = [change for _, change in spread(found, 20)]
    operators = {change.operator for change in chosen}
    assert operators == {"arithmetic", "boundary", "constant", "relation", "dropped"}
    assert len({change.line for change in chosen}) >= 9
    assert {change.name for _, change in spread(found, 1000)} == {each.name for _, each in found}


def test_names_of_mutants_are_their_own() -> None:
    text = "def f(a):\n    while a < 3 < 4:\n        a += min(a, 1) if a else 2\n    return -a\n"
    names = [name for name, _ in changed(text)]
    assert len(names) == len(set(names))


def test_branches_are_numbered_in_the_order_of_the_source() -> None:
    text = "if a:\n    b\nfor c in d:\n    e if f else g\n"
    counted_text = ast.unparse(counted(ast.parse(text), True))
    found = [int(part.split(")")[0]) for part in counted_text.split(f"{REACH}(")[1:]]
    assert found == [0, 1, 2, 3, 4]
