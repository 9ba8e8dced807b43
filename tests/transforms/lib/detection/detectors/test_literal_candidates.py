"""Candidates by tokens: against Python's own parser, and on texts that are no Python."""

import ast
import io
import time
import tokenize
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.python_texts import LIBRARY, SOURCES
from transforms.lib.detection.detectors.literal_candidates import (
    INSIDE,
    LEAST_BYTES,
    MOST_BYTES,
    literal_candidates,
)
from transforms.lib.detection.detectors.literal_names import (
    ASSIGNED,
    CALLED,
    COMPARED,
    CONSTANT_KEYED,
    FALLBACK,
    KEYED,
    MOST_NAME,
    TELLING,
    UNQUOTED,
)
from transforms.lib.text.batch import text_batch

# Modules of the standard library that name passwords, keys and tokens.
MODULES = ("ftplib.py", "getpass.py", "imaplib.py", "netrc.py", "shlex.py", "smtplib.py")
MODULES += ("urllib/request.py", "tokenize.py", "secrets.py", "http/cookiejar.py", "hmac.py")

NAMES = st.sampled_from(["password", "userPwd", "API_TOKEN", "secret", "auth", "name", "x"])
VALUES = st.sampled_from(["'abc'", '"hunter2"', "b'xyz'", "'é\\n'", "'ab'", "''", "x", "f(1)", "7"])
STATEMENTS = st.sampled_from(
    [
        "{n} = {v}",
        "self.{n} = {v}",
        "{n}: str = {v}",
        "{n}: dict[str, int] | None = {v}",
        "x['{n}'] = {v}",
        "f({n}={v}, **x)",
        "def f(x, {n}: str = {v}, *, y={w}): pass",
        "def f(x, {n}={v}): pass",
        "d = {{'{n}': {v}, {n}: {w}, 'y': {v}}}",
        "if {n} == {v} or x['{n}'] != {w}: pass",
        "f(\n    {n}={v},  # a comment\n    y={w},\n)",
        "x = {n} or {v}",
        "get('{n}', {v})",
        "x.{n}, y = {v}, {w}",
        "if {n}: x = {v}",
        "x = y = {n} = {v}",
        "{n} += {v}",
        "print({v}, {n}, {w})",
    ]
)


def source(statement: str, name: str, value: str, other: str) -> str:
    return statement.format(n=name, v=value, w=other)


PROGRAMS = st.lists(st.builds(source, STATEMENTS, NAMES, VALUES, VALUES), max_size=4).map("\n".join)


def candidates(text: str) -> set[tuple[int, str, int]]:
    """Shape, name and first byte of the value of each candidate outside of strings and comments."""
    batch = text_batch(pa.array([text]))
    return {
        (each.shape, text.encode()[each.name_begin : each.name_end].decode(), each.begin)
        for each in literal_candidates(batch)
        if each.level == 0
    }


def defined(text: str) -> set[tuple[int, str, int]]:
    """The same by definition, from Python's syntax tree, but for calls around values."""
    lines = [0]
    for line in io.StringIO(text, newline=""):
        lines.append(lines[-1] + len(line.encode()))
    found = set()
    for node in ast.walk(ast.parse(text)):
        for shape, name, value in named_values(node):
            begin = lines[value.lineno - 1] + value.col_offset
            end = lines[(value.end_lineno or 0) - 1] + (value.end_col_offset or 0)
            literal = text.encode()[begin:end].decode()
            telling = any(part.decode() in name.lower() for part in TELLING)
            if telling and len(name.encode()) <= MOST_NAME and is_one_token(literal):
                body = inside(literal)
                if LEAST_BYTES <= len(body.encode()) <= MOST_BYTES:
                    found.add((shape, name, begin + literal.index(body)))
    return found


def named_values(node: ast.AST) -> Iterator[tuple[int, str, ast.expr]]:
    """Yields shape, name and value for each value that stands beside a name."""
    match node:
        case ast.Assign(targets=[*_, ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            simple = all(isinstance(name, ast.Name) for name in names)
            pairs = zip(names, values, strict=False) if simple else ()
            for name, value in pairs:
                yield from named(ASSIGNED, name, value)
        case ast.Assign(targets=[*_, target], value=value):
            yield from named(ASSIGNED, target, value)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            yield from named(ASSIGNED, target, value)
        case ast.NamedExpr(target=target, value=value):
            yield from named(ASSIGNED, target, value)
        case ast.keyword(arg=str(name), value=value):
            yield ASSIGNED, name, value
        case ast.arguments():
            positional = [*node.posonlyargs, *node.args]
            defaults = positional[len(positional) - len(node.defaults) :]
            pairs = [*zip(defaults, node.defaults, strict=True)]
            pairs += [(a, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True) if d]
            yield from ((ASSIGNED, argument.arg, default) for argument, default in pairs)
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Name):
                    yield CONSTANT_KEYED, key.id, value
                elif key is not None:
                    yield from named(KEYED, key, value)
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()], left=left, comparators=[right]):
            yield from named(COMPARED, left, right)
        case ast.BoolOp(op=ast.Or(), values=[ast.Name(id=name), value]):
            yield FALLBACK, name, value
        case ast.Call(func=ast.Name() | ast.Attribute(), args=[key, value, *_]):
            yield from named(CALLED, key, value)


def named(shape: int, name: ast.expr, value: ast.expr) -> Iterator[tuple[int, str, ast.expr]]:
    """Yields the name as it is written: of a variable, an attribute, or a key."""
    match name:
        case ast.Name(id=text) if shape in (ASSIGNED, COMPARED):
            yield shape, text, value
        case ast.Attribute(attr=text) if shape in (ASSIGNED, COMPARED):
            yield shape, text, value
        case ast.Subscript(slice=ast.Constant(value=str(text))) if shape in (ASSIGNED, COMPARED):
            yield KEYED if shape == ASSIGNED else shape, text, value
        case ast.Constant(value=str(text)) if shape in (KEYED, CALLED):
            yield shape, text, value


def is_one_token(literal: str) -> bool:
    """Whether a source is one string literal without parts that are computed."""
    try:
        node = ast.parse(f"({literal})", mode="eval").body
    except SyntaxError:
        return False
    tokens = list(tokenize.generate_tokens(io.StringIO(literal).readline))
    strings = [token for token in tokens if token.type == tokenize.STRING]
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and len(strings) == 1
    )


def inside(literal: str) -> str:
    """What stands between the quotes."""
    body = literal.lstrip("rbuRBU")
    size = 3 if body[:3] in ("'''", '"""') and len(body) >= 6 else 1
    return body[size:-size]


@settings(max_examples=500, deadline=None)
@given(PROGRAMS)
def test_candidates_of_generated_programs_are_those_of_the_syntax_tree(text: str) -> None:
    assert candidates(text) == defined(text)


@pytest.mark.parametrize("module", MODULES)
def test_candidates_of_the_standard_library_have_all_of_the_syntax_tree(module: str) -> None:
    text = (LIBRARY / module).read_text(encoding="utf-8")
    assert defined(text) <= candidates(text)


@settings(max_examples=300, deadline=None)
@given(SOURCES | st.text(st.sampled_from("'\"\\\n#=:,(){}[] tokenpassword1\0é"), max_size=60))
def test_candidates_of_any_text_lie_in_it_and_are_whole_characters(text: str) -> None:
    content = text.encode()
    for each in literal_candidates(text_batch(pa.array(["x = 'y'", text]))):
        offset = len("x = 'y'")
        assert each.text == 1
        assert offset <= each.begin < each.end <= offset + len(content)
        content[each.begin - offset : each.end - offset].decode()
        name = content[each.name_begin - offset : each.name_end - offset].decode().lower()
        assert any(part.decode() in name for part in TELLING)


HOSTILE = [
    "password = '" + "x" * 1_000_000,
    "password=" * 100_000,
    "'" + "password=" * 100_000 + "'",
    "'" + "token:x " * 100_000,
    "'" + '\\"' * 500_000,
    "'\\\"" + "x" * 1_000_000,
    "password = " + "(" * 1_000_000,
    "password = " + "'a' " * 250_000,
    "# " + "\"'" * 500_000,
    "x = '''" + "'password' : \"" * 70_000,
    "\0" * 1_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_million_bytes_take_no_time(text: str) -> None:
    batch = text_batch(pa.array([text]))
    begun = time.process_time()
    for _ in literal_candidates(batch):
        pass
    assert time.process_time() - begun < 5


def test_a_value_within_a_string_within_a_string_is_a_candidate() -> None:
    text = "'''\n>>> get('https://a.org/?token=abc&x=1')\n'''"
    (found,) = literal_candidates(text_batch(pa.array([text])))
    assert (found.shape, found.level, text[found.begin : found.end]) == (UNQUOTED, INSIDE, "abc")
