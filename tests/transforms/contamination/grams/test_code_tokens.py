"""Normalised tokens: against their definition, `ast`, and what a formatter may change."""

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import plain_tokens as plain
from tests.support.kernel_tokens import lexed
from tests.support.python_texts import FILES, LIBRARY, SOURCES, texts
from transforms.contamination.grams.code_tokens import FIXED, IDENTIFIER, TEXT, code_tokens


def compiled(text: str) -> list[tuple[int, int, str]]:
    """Kind, value and text of each normalised token."""
    found, written = lexed(text, code_tokens)
    return list(zip(found.kind.tolist(), found.value.tolist(), written, strict=True))


KINDS = {"name": IDENTIFIER, "string": TEXT, "fixed": FIXED}


def agree(found: list[tuple[int, int, str]], expected: list[plain.Token]) -> None:
    """Kinds and texts are equal; values are equal where tokens are, and only there."""
    assert [(kind, text) for kind, _, text in found] == [(KINDS[t.kind], t.text) for t in expected]
    pairs = {
        ((kind, value), token[:2]) for (kind, value, _), token in zip(found, expected, strict=True)
    }
    assert len({value for value, _ in pairs}) == len(pairs), "different tokens, different values"
    assert len({token for _, token in pairs}) == len(pairs), "equal tokens, equal values"


@settings(max_examples=1000)
@given(SOURCES)
def test_normalised_tokens_are_those_of_the_definition(text: str) -> None:
    agree(compiled(text), plain.tokens(plain.raw_tokens(text)))


@pytest.mark.parametrize("name", FILES)
def test_tokens_of_the_library_are_those_of_the_definition(name: str) -> None:
    """On what `tokenize` makes of it."""
    source = (LIBRARY / name).read_text()
    agree(compiled(source), plain.tokens([token for token, _ in plain.python_tokens(source)]))


@pytest.mark.parametrize("name", FILES)
def test_docstrings_of_the_library_are_those_of_its_trees(name: str) -> None:
    """Strings that begin a statement are dropped, and no others but after a colon."""
    source = (LIBRARY / name).read_text()
    after_colons = set()
    statements = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            statements.add((node.lineno, node.col_offset))
        if isinstance(node, ast.Lambda):
            after_colons.add((node.body.lineno, node.body.col_offset))
        if isinstance(node, ast.AnnAssign):
            after_colons.add((node.annotation.lineno, node.annotation.col_offset))
    strings = {place for token, place in plain.python_tokens(source) if token.kind == "string"}
    found, _ = lexed(source, code_tokens)
    kept = {place_of(source, at) for at in found.start[found.kind == TEXT].tolist()}
    assert kept <= strings
    assert strings & statements <= strings - kept <= statements | after_colons


def place_of(source: str, at: int) -> tuple[int, int]:
    """Line and column of a byte."""
    lines = source.encode()[:at].decode().split("\n")
    return len(lines), len(lines[-1])


def literals(prefixes: list[str], pieces: list[str]) -> st.SearchStrategy[list[str]]:
    """Strings as they are written, of a few pieces, so that some of them hold the same."""
    one = st.builds(
        lambda prefix, quote, body: prefix + quote + body + quote,
        st.sampled_from(prefixes),
        st.sampled_from(["'", '"', "'''", '"""']),
        texts(pieces, most=4),
    )
    return st.lists(one, max_size=8)


@settings(max_examples=500)
@given(
    literals(["", "b", "Rb"], ["a", "'", '"', "\\'", '\\"', "\\n", "\r", "\\\n", "\\\r", "\\\\"])
)
def test_what_a_string_holds_is_that_of_the_definition(strings: list[str]) -> None:
    text = "x = " + " + ".join(strings)
    agree(compiled(text), plain.tokens(plain.raw_tokens(text)))


@settings(max_examples=500)
@given(literals(["", "u", "U"], ["a", "b", "'", '"', "\\'", '\\"', "\\\n"]))
def test_strings_are_equal_if_they_are_to_python(strings: list[str]) -> None:
    """Where they are valid and have no escapes but those of quotes and of line breaks."""
    values = set()
    for string in strings:
        try:
            value = ast.literal_eval(string)
        except SyntaxError:
            continue
        _, _, *found = compiled(f"x = {string}")
        if len(found) == 1:  # and not two strings side by side, whose value is that of both
            values.add((value, found[0][1]))
    assert len({value for value, _ in values}) == len({got for _, got in values}) == len(values)


Pair = tuple[str, str]  # a program as it is plain, and as it may be written


def fill(shape: str, dressed: str, *pairs: Pair) -> Pair:
    return shape.format(*(p for p, _ in pairs)), dressed.format(*(d for _, d in pairs))


def made(shape: str, dressed: str, *parts: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.builds(fill, st.just(shape), st.just(dressed), *parts)


ATOMS = st.sampled_from(
    [
        ("x", "x"),
        ("len", "(len)"),
        ("y.z", "y . z"),
        ("1e5", "1E5"),
        ("0xff", "0XFF"),
        ("'a'", 'u"a"'),
        ("'it\\'s'", '"it\'s"'),
        ("None", "( None )"),
    ]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        made("{}", "({})", inner),
        made("({} + {})", "(({} \\\n + {}))", inner, inner),
        made("(({} - {}) * {})", "((({}) - {}) * ({}))", inner, inner, inner),
        made("f({}, {})", "f(\n    {},  # the first\n    {},\n)", inner, inner),
        made("[{}, {}][0]", "[\n {}, {},\n ][ 0 ]", inner, inner),
        made("{{1: {}}}", "{{1: ({}), }}", inner),
        made("({} if {} else {})", "(({}) if ({})\n else {})", inner, inner, inner),
        made("[v for v in {} if v]", "[v for v in ({}) if (v)]", inner),
    ),
    max_leaves=8,
)
SIMPLE = st.one_of(
    made("v = {}", "v = (\n{}\n)", EXPRESSIONS),
    made("assert {}, {}", "assert ({}), {}", EXPRESSIONS, EXPRESSIONS),
    made("del v[{}]", "del v[{}] # no more", EXPRESSIONS),
)


def block(pairs: list[Pair]) -> Pair:
    """Several statements, one a line; or in one line, if no comment ends it before."""
    dressed = [d for _, d in pairs]
    separator = "\n\n" if any("#" in d for d in dressed) else "; "
    return "\n".join(p for p, _ in pairs), separator.join(dressed)


def under(head: str, body: str) -> str:
    return f"{head}\n{textwrap.indent(body, '    ')}\n"


def if_elif(first: Pair, one: Pair, second: Pair, two: Pair) -> Pair:
    plain_text = under(f"if {first[0]}:", one[0]) + under(f"elif {second[0]}:", two[0])
    inner = under(f"if ({second[1]}):", two[1])
    return plain_text, under(f"if {first[1]} :", one[1]) + under("else:", inner)


def function(pair: Pair) -> Pair:
    return under("def f(a, b):", pair[0]), under(
        "def f(\n    a,\n    b,\n):", f'"""Doc."""\n{pair[1]}'
    )


BLOCKS = st.lists(SIMPLE, min_size=1, max_size=3).map(block)
PROGRAMS = st.lists(
    st.one_of(
        BLOCKS, st.builds(if_elif, EXPRESSIONS, BLOCKS, EXPRESSIONS, BLOCKS), BLOCKS.map(function)
    ),
    min_size=1,
    max_size=3,
).map(lambda pairs: ("\n".join(p for p, _ in pairs), "\n\n# next\n".join(d for _, d in pairs)))


def tree(source: str) -> str:
    """A program to Python, but for docstrings and the prefix u."""
    parsed = ast.parse(source)
    for node in ast.walk(parsed):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
        if isinstance(node, ast.Constant):
            node.kind = None
    return ast.dump(parsed)


@settings(max_examples=150)
@given(PROGRAMS)
def test_what_a_formatter_may_change_does_not_count(programs: Pair) -> None:
    """Python is the judge that both are one program."""
    left, right = programs
    assert tree(left) == tree(right)
    assert [token[:2] for token in compiled(left)] == [token[:2] for token in compiled(right)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("if (a == b):\n  return (x)\n", "if a == b: return x"),
        ("f(a, b,)", "f(\n    a,\n    b,  # last\n)"),
        ("x = [1,\n 2,\n]\n", "x = [1, 2]"),
        ("if a:\n b\nelse:\n if c:\n  d\n", "if a: b\nelif c: d"),
        ('def f():\n  """Doc."""\n  return 1', "def f():\n\n  # comment\n  return 1;"),
        ("print('a')", 'print(u"a")'),
        ("x = 0XfF", "x = 0xFF"),
        ("a = b \\\n + c", "a = b + c"),
        ("d = (yield)", "d = yield"),
    ],
)
def test_what_a_formatter_changes_does_not_count(left: str, right: str) -> None:
    assert [token[:2] for token in compiled(left)] == [token[:2] for token in compiled(right)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("f(x)", "f[x]"),
        ("f(x)", "f x"),
        ("a.b", "a.c"),
        ("x = 'a'", "x = 'b'"),
        ("x = 1", "x = 2"),
        ("len(x)", "sum(x)"),
        ("{1: 2}", "{1, 2}"),
        ("a[1:2]", "a[12]"),
    ],
)
def test_what_changes_the_program_counts(left: str, right: str) -> None:
    assert [token[:2] for token in compiled(left)] != [token[:2] for token in compiled(right)]


def test_a_bracket_that_is_never_closed_ends_with_its_function() -> None:
    after = "def g(a):\n    '''Doc.'''\n    return a\n"
    assert compiled("def f(a):\n    x = (a[\n" + after)[-6:] == compiled(after)[-6:]


@pytest.mark.parametrize(
    "text", ["'" + "\\'" * 200_000, "(" * 400_000, '"""' + "'" * 400_000, "\\" * 400_000]
)
def test_hostile_texts_take_no_more_than_their_length(text: str) -> None:
    assert len(compiled(text)) <= len(text)
