"""The gate: against ast on real files, and on hostile ones."""

import ast
import importlib.util
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.functions.documented_functions import documented_functions
from transforms.lib.python.gate import MAX_NESTING, GateMeasures, measure
from transforms.lib.text.batch import text_batch

REAL = ("argparse", "decimal", "smtplib", "asyncio.taskgroups", "typing", "json.decoder", "keyword")
SOURCES = [Path(importlib.util.find_spec(name).origin).read_text() for name in REAL]


def measures(*texts: str) -> GateMeasures:
    return measure(text_batch(pa.array(texts)))


def depth(node: ast.AST) -> int:
    """How deep expressions nest below a node, without recursion."""
    deepest, pending = 0, [(node, 0)]
    while pending:
        each, level = pending.pop()
        deepest = max(deepest, level)
        for child in ast.iter_child_nodes(each):
            within = level + 1 if isinstance(child, ast.expr) else level
            pending.append((child, within if isinstance(each, ast.expr) else 1 * (within > level)))
    return deepest


@pytest.mark.parametrize("text", SOURCES, ids=REAL)
def test_no_expression_nests_deeper(text: str) -> None:
    assert depth(ast.parse(text)) <= measures(text).nesting[0] + 2


TOWERS = (
    "({})",
    "[{}]",
    "{{{}}}",
    "{{1:{}}}",
    "f({})",
    "a[{}]",
    "-{}",
    "not {}",
    "lambda:{}",
    "lambda a={}:0",
    '"a"if"b"else {}',
    "'a'if {} else'b'",
    "a if {} else b",
    "{}.b",
    "{}(c)",
    "{}[0]",
    "{}+1",
    "(yield {})",
    "(a:={})",
    "[a for a in {}]",
    "[{} for a in b]",
    "(a, {})",
    "f(a, b={})",
    "await {}",
    "{}**2",
    "*({},)",
)


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_no_tower_nests_deeper(seed: int, height: int) -> None:
    rng = random.Random(seed)
    text = "a"
    for _ in range(height):
        text = rng.choice(TOWERS).replace("{}", text).replace("{{", "{").replace("}}", "}")
    try:
        tree = ast.parse(f"async def f():\n  x = ({text},)\n")
    except (SyntaxError, RecursionError, MemoryError):
        return
    assert depth(tree) <= measures(text).nesting[0] + 3


DOCUMENTED = (
    ("def f():\n  'd'\n", True),
    ("def f(): 'd'", True),
    ("async  def f() -> {1: 2}[1]:\n\n # c\n\n  (('d'))", True),
    ("class A:\n  def f(self, a='x'):\n    r'd'\n", True),
    ("def f(\n):\\\n 'd'\n", True),
    ("if a:\n def f(a=lambda: 'x'):\n  '''d'''", True),
    ("'''m'''\nclass A:\n  'd'\n  x = {'a': 'b'}\n", False),
    ("def f(a='d', b: 'c' = 'e') -> 'g':\n  return 'h'\n", False),
    ("def f():\n  x = 'y'\n  'z'\n", False),
    ("", False),
    ("def f():\n  f'd'\n", True),
)


@pytest.mark.parametrize(("text", "expected"), DOCUMENTED)
def test_documented(text: str, expected: bool) -> None:
    assert measures(text).documented[0] == expected


@pytest.mark.parametrize("text", SOURCES, ids=REAL)
def test_files_that_are_not_documented_have_no_docstring(text: str) -> None:
    lines = text.splitlines(keepends=True)
    cuts = ["".join(lines[i:j]) for i in range(0, len(lines), 40) for j in (i + 20, i + 90)]
    maybe_documented = measures(*cuts).documented
    for cut, documented in zip(cuts, maybe_documented, strict=True):
        try:
            tree = ast.parse(cut)
        except SyntaxError:
            continue
        assert documented or not documented_functions(tree)


def wrapped(text: str) -> str:
    """Text in lines of 500 characters, in brackets."""
    return "(\n" + "\n".join(text[i : i + 500] for i in range(0, len(text), 500)) + "\n)\n"


@pytest.mark.parametrize(
    ("text", "reason", "value"),
    [
        ("x = [" + "1,\n" * 2_000_000 + "]", "too_large", "6000006"),
        ("x = [" + "1, " * 2_000_000 + "]", "too_large", "6000006"),
        ("(" * 50_000 + ")" * 50_000, "long_line", "100000"),
        (wrapped("(" * 50_000 + ")" * 50_000), "too_nested", None),
        (wrapped("-" * 20_000 + "1"), "too_nested", "20001"),
        (wrapped("a" + ".b" * 20_000), "too_nested", "20001"),
        (wrapped("1" + "+1" * 3_000), "too_nested", "3001"),
        (wrapped('"a"if"b"else' * 2_000 + "1"), "too_nested", None),
        (wrapped("not " * 2_000 + "1"), "too_nested", None),
        (wrapped("0," * 300_000), "too_many_tokens", "600002"),
        ("é" * 1_999 + "\n", None, None),
        ("a,b," * 20_000, "long_line", "80000"),
    ],
)
def test_reject_reasons(text: str, reason: str | None, value: str | None) -> None:
    rejected = measures(text).reject_reason(0)
    assert (rejected and rejected[0]) == reason
    assert value is None or rejected == (reason, value)


def test_suspicious_files() -> None:
    measured = measures(
        "x = 1\n",
        "x = " + "-" * 70 + "1\n",
        f"x = {'-' * MAX_NESTING}1\n",
        'x = f"""' + "{a}\n" * 2_000 + '"""\n',
        'x = """' + "{a}\n" * 2_000 + '"""\n',
        "x = [\n" + "1,\n" * 40_000 + "]\n",
    )
    suspicious = [measured.is_suspicious(row) for row in range(6)]
    assert suspicious == [False, True, True, True, False, True]


@pytest.mark.parametrize("string", ['f\'{"""x"""}\'', "f'''{ \"'''\" }'''", "t'{'\"\"\"'}'"])
def test_a_docstring_after_an_f_string_of_newer_python_is_not_hidden(string: str) -> None:
    assert measures(f"x = {string}\ndef f():\n    'd'\n").documented[0]
