"""Findings are cut so that a mask leaves the tokens around it as they are."""

import ast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.python_texts import SOURCES
from tests.support.string_holes import without_texts
from transforms.lib.detection.finding import KEY, Finding
from transforms.lib.detection.inside_tokens import inside_tokens
from transforms.lib.detection.masks import Masked, masked

PREFIXES = ["", "r", "b", "Rb", "f", "fR", "u"]
QUOTES = ["'", '"', "'''", '"""']
CONTENTS = ["ab1", "\\n", "\\x41", "\\\\", "\\'", '\\"', "\\\n", "\\101", "é", " ", "#", "%s", "'"]
FIELDS = ["{x}", "{{", "}}", "{x!r:>{x}}", "{'a'}", "\\N{DASH}", "\\{x}", "\\u00e9", "\n", '"']


def parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


@st.composite
def literals(draw: st.DrawFn) -> str:
    content = "".join(draw(st.lists(st.sampled_from(CONTENTS + FIELDS), max_size=8)))
    quote = draw(st.sampled_from(QUOTES))
    return draw(st.sampled_from(PREFIXES)) + quote + content + quote


ranges = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40)), max_size=3)


def cut(source: str, *bounds: tuple[int, int]) -> list[tuple[int, int]]:
    """Begins and ends of what is left of findings with these bounds, without overlaps."""
    content = np.frombuffer(source.encode(), np.uint8)
    findings = [Finding(begin, end, "", KEY) for begin, end in bounds]
    found: list[tuple[int, int]] = []
    for finding in inside_tokens(content, findings):
        if not found or found[-1][1] <= finding.begin:
            found.append((finding.begin, finding.end))
    return found


def blanked(source: str, cuts: list[tuple[int, int]]) -> str:
    return masked(source.encode(), [Masked(*each, "<KEY>") for each in cuts]).decode()


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@settings(max_examples=150, deadline=None)
@given(st.lists(literals().filter(parses), min_size=1, max_size=3), ranges)
def test_what_parses_still_does_and_differs_in_texts_alone(
    values: list[str], places: list[tuple[int, int]]
) -> None:
    source = "x = f(\n" + "".join(f"  {value},  # c 'd\n" for value in values) + ")\n"
    assume(parses(source))
    cuts = cut(source, *((begin, begin + length) for begin, length in places))
    assert without_texts(blanked(source, cuts)) == without_texts(source)


@settings(max_examples=100, deadline=None)
@given(SOURCES, ranges)
def test_any_text_is_cut_into_parts_of_the_findings(
    source: str, places: list[tuple[int, int]]
) -> None:
    size = len(source.encode())
    bounds = [(min(b, size), min(b + length, size)) for b, length in places]
    for begin, end in cut(source, *bounds):
        assert begin < end and any(b <= begin and end <= e for b, e in bounds)
        source.encode()[begin:end].decode()  # whole characters


@pytest.mark.parametrize(
    ("source", "found", "left"),
    [
        ("x = 'abc'", "x = 'abc'", ["abc"]),
        ("x = ('abc'\n     'def')  # ghi", "abc'\n     'def')  # ghi", ["abc", "def", "ghi"]),
        ("password = abc + 12", "password = abc + 12", []),
        (r"'\nabc\x41'", r"nabc\x4", ["abc"]),
        (r"r'\nabc'", "nabc", ["nabc"]),
        (r"r'abc\''", "abc\\", ["abc"]),
        ("f'ab{cd}ef'", "ab{cd}ef", ["ab", "ef"]),
        ("f'{{ab}}{cd:{ef}}'", "{{ab}}{cd:{ef}}", ["{{ab}}"]),
        ("'{{ab}}'", "{ab}", ["{ab}"]),
        ("f\"{x('a')}b\"", "x('a')}b", ["b"]),
        ('f"{x("ab")}cd" + "ef"\n"gh"', 'ab")}cd" + "ef"\n"gh', ["gh"]),
        ("'''\n  abc\n  '''", "\n  abc\n  ", ["abc"]),
        ("b'abc' 'dé'", "abc' 'd", ["abc", "d"]),
        ("'abc", "abc", ["abc"]),
    ],
)
def test_parts_in_strings_and_comments_are_left(source: str, found: str, left: list[str]) -> None:
    begin = len(source[: source.index(found)].encode())
    cuts = cut(source, (begin, begin + len(found.encode())))
    assert [source.encode()[b:e].decode() for b, e in cuts] == left
