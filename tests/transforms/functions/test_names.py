"""The names that functions need from outside, against Python's own symbol tables."""

import ast
import copy
import importlib.util
import symtable
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from transforms.functions.documented_functions import DEFINITIONS
from transforms.functions.names import dependencies

REAL = (
    "dataclasses",
    "functools",
    "typing",
    "enum",
    "tarfile",
    "asyncio.base_events",
    "pdb",
    "ast",
)
HARD = """
import a, b, c, d, e, f
def own(a, *b, c=lambda: d, **e):
    f = [a for a in f]
    g = [h for h in i if (j := h)]
    return j, k
def outer():
    global x
    x = m
    def inner(): nonlocal y; y = n; return o
    y = p; o = 1
    class C(q):
        r = s; s = r
        def t(self): return r, C, super().t
    try: u
    except v as w: w
    import aa.bb, cc as dd
    with ee as (ff, *gg): ff, gg, aa, cc, dd
    for hh, ii.jj in kk: pass
    match ll:
        case {'k': mm, **nn}: mm, nn
        case [oo, *pp] | oo.qq(pp): oo, pp
        case rr: rr
    lambda ss, /, tt=uu: (ss, tt, vv)
    {ww: xx for ww, xx in yy for zz in ww}
    [(lambda: ab)() for ac in ad if (ae := ac)]
    ae
    af: ag = ah
    ai += 1
    del aj
    return f"{ak:{al}}", inner
async def co():
    async with a as b: await b
    return [d async for d in c], (e async for e in e)
class K:
    f = 1
    def f(self): return f
    def g(self, f=f): return self.f
"""


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


def expected(table: symtable.SymbolTable) -> set[str]:
    """Names that Python looks for outside of a function."""
    symbols = [symbol for each in tables(table) for symbol in each.get_symbols()]
    used = [symbol for symbol in symbols if symbol.is_referenced()]
    free = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_free()}
    names = {symbol.get_name() for symbol in used if symbol.is_global()}
    names |= free  # those of `nonlocal` too
    return {name for name in names if "__" not in name}  # mangled ones, and __class__


def bare(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """A function without decorators, defaults and annotations, which the scope around evaluates."""
    node = copy.deepcopy(node)
    node.decorator_list, node.returns = [], None
    if sys.version_info >= (3, 12):
        node.type_params = []
    node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    for arg in ast.walk(node.args):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    return node


def check(text: str) -> int:
    own = {(t.get_name(), t.get_lineno()): t for t in tables(symtable.symtable(text, "", "exec"))}
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, DEFINITIONS)]
    for node in nodes:
        found = {name for name in dependencies(bare(node)).names if "__" not in name}
        assert found == expected(own[node.name, node.lineno]), (node.name, node.lineno)
    return len(nodes)


def test_hard_scopes() -> None:
    assert check(HARD) == 7


@pytest.mark.parametrize("module", REAL)
def test_real_modules(module: str) -> None:
    assert check(Path(importlib.util.find_spec(module).origin).read_text()) > 5


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("@a.b\ndef f(c: d = e, *g: h, i=j, **k: l) -> m: pass", "a d e h j l m"),
        ("def json(self): return json.dumps(self)", "json"),
        ("def f(n): return f(n - 1)", "f"),
        ("def f(): 'os'; x.os; return y(os=1)  # os", "x y"),
    ],
)
def test_names_evaluated_around_a_function_count_too(source: str, names: str) -> None:
    assert dependencies(ast.parse(source).body[0]).names == frozenset(names.split())


@pytest.mark.parametrize(
    ("source", "minor"),
    [
        ("def f(a, b=1): return {a: b}", 0),
        ("async def f(): pass", 5),
        ("def f():\n    async def g(): pass", 5),
        ("def f(): x: int = 1", 6),
        ("def f(a): return f'{a}'", 6),
        ("def f(a, /): pass", 8),
        ("def f(): return (a := 1)", 8),
        ("def f(a):\n    match a:\n        case _: pass", 10),
        ("def f():\n    try: pass\n    except* A: pass", 11),
    ],
)
def test_min_python(source: str, minor: int) -> None:
    assert dependencies(ast.parse(source).body[0]).minor == minor
