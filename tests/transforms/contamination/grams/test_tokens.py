"""The compiled lexer, normaliser and words against their definition in plain Python, and tokenize."""

import io
import sysconfig
import tokenize
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import plain_tokens as plain
from transforms.contamination.grams.code_tokens import FIXED, IDENTIFIER, TEXT, code_tokens
from transforms.contamination.grams.raw_tokens import raw_tokens, room_for_tokens
from transforms.contamination.grams.words import lower_case_table, words
from transforms.lib.python.lexing import STRING

LIBRARY = Path(sysconfig.get_path("stdlib"))
PIECES = st.sampled_from(
    [
        "def f(",
        "class A:",
        "if",
        "elif x",
        "else:",
        "for",
        " in ",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ";",
        ".",
        "..",
        "\n",
        "\r\n",
        "\r\r\n",
        "\r",
        "\\",
        "\\\n",
        "\\\r\n",
        " ",
        "    ",
        "\t",
        "x",
        "xy_1",
        "été",
        "print",
        "len",
        "None",
        "0x1F",
        "1e-5",
        "1.5E+3",
        ".5",
        "1_000",
        "7",
        "+",
        "-",
        "**=",
        "//",
        "->",
        ":=",
        "!=",
        "==",
        "<<=",
        "@",
        "$",
        "?",
        "'",
        '"',
        '"""',
        "'''",
        "'a'",
        '"b"',
        "f'{x}'",
        "rb'\\d'",
        'u"\\\'"',
        "'''a\nb'''",
        '"""d"""',
        "# c",
        "\\'",
        "\\n",
        "e",
        "j",
        "0b",
    ]
)
SOURCES = st.lists(PIECES, max_size=40).map("".join)


def raw(text: str) -> list[tuple[bool, str, bool]]:
    content = text.encode()
    data, tokens = np.frombuffer(content, np.uint8), room_for_tokens(len(content) + 1)
    count = raw_tokens(data, 0, len(data), tokens)
    return [
        (
            tokens.kind[i] == STRING,
            content[tokens.start[i] : tokens.stop[i]].decode(),
            bool(tokens.broken[i]),
        )
        for i in range(count)
    ]


def compiled(text: str) -> list[tuple[int, int, str]]:
    content = text.encode()
    data, tokens = np.frombuffer(content, np.uint8), room_for_tokens(len(content) + 1)
    count = code_tokens(data, 0, len(data), tokens)
    return [
        (
            int(tokens.kind[i]),
            int(tokens.value[i]),
            content[tokens.start[i] : tokens.stop[i]].decode(),
        )
        for i in range(count)
    ]


@settings(max_examples=500)
@given(SOURCES)
def test_raw_tokens_are_those_of_the_definition(text: str) -> None:
    assert raw(text) == [(k == "string", token, b) for k, token, b in plain.raw_tokens(text)]


KINDS = {"name": IDENTIFIER, "string": TEXT, "fixed": FIXED}


@settings(max_examples=500)
@given(SOURCES)
def test_normalised_tokens_are_those_of_the_definition(text: str) -> None:
    found, expected = compiled(text), plain.tokens(text)
    assert [kind for kind, _, _ in found] == [KINDS[kind] for kind, _ in expected]
    values = {}
    for (kind, value, _), token in zip(found, expected, strict=True):
        assert values.setdefault(value, token) == token, "different tokens have different values"
        assert kind == TEXT or values[value][0] == token[0]
    assert len(values) == len(set(expected)), "equal tokens have equal values"


def test_an_escaped_quote_counts_as_the_quote() -> None:
    values = {
        compiled(f"x = {text}")[2][1]
        for text in ("'it\\'s'", '"it\'s"', "b'''it's'''", "'it\\\ns'")
    }
    assert len(values) == 2


@pytest.mark.parametrize(
    "name", ["heapq.py", "textwrap.py", "argparse.py", "ast.py", "json/decoder.py"]
)
def test_tokens_of_the_library_are_those_of_python(name: str) -> None:
    source = (LIBRARY / name).read_text()
    kinds = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP)
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    expected = [t.string for t in found if t.type in kinds]
    dots = [part for token in expected for part in (token if token == "..." else [token])]
    assert [token for _, token, _ in raw(source)] == dots
    assert len(plain.tokens(source)) == len(compiled(source))


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


@given(st.text(alphabet=st.sampled_from("aZ_09 \\nrt\r\n.,é́İßΣ文-"), max_size=60))
def test_words_are_those_of_the_definition(text: str) -> None:
    content = text.encode()
    data, tokens = np.frombuffer(content, np.uint8), room_for_tokens(len(content) + 1)
    count = words(data, 0, len(data), lower_case_table(), tokens)
    places = [content[tokens.start[i] : tokens.stop[i]].decode() for i in range(count)]
    expected = plain.words(text)
    lowered = [plain.words(place)[0] for place in places]
    assert lowered == expected
    values = dict(zip(expected, tokens.value[:count].tolist(), strict=True))
    assert [values[word] for word in expected] == tokens.value[:count].tolist()
    assert len(set(values.values())) == len(values)
