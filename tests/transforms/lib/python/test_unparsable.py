"""Why a file has no tree: one reason, with line and message."""

import gc
import sys
import warnings

import pytest

from transforms.functions.extraction import extract_functions
from transforms.functions.isolated import isolated_functions
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.unparsable import check, parse, undisturbed

PARSED_SINCE = pytest.mark.skipif(sys.version_info >= (3, 13), reason="it is parsed since")


@pytest.mark.parametrize(
    ("text", "reason", "value"),
    [
        ("x = 1\ny = = 2\n", "syntax_error", "line 2: invalid syntax"),
        (
            "if a:\nb",
            "syntax_error",
            "line 2: expected an indented block after 'if' statement on line 1",
        ),
        ("x = (\n", "syntax_error", "line 1: '(' was never closed"),
        (
            'a\nprint "a"\n',
            "python_2",
            "line 2: Missing parentheses in call to 'print'. Did you mean print(...)?",
        ),
        (
            "try: a\nexcept A, e: b",
            "python_2",
            "line 2: multiple exception types must be parenthesized",
        ),
        ("raise A, 'b'", "python_2", "line 1: invalid syntax"),
        ("x = 12L", "python_2", "line 1: invalid decimal literal"),
        ("x = ur'a'", "python_2", "line 1: invalid syntax"),
        ("x = 1\0", "nul_byte", "5"),
        pytest.param("x = " + "-" * 4000 + "1", "too_complex", None, marks=PARSED_SINCE),
        ("x = " + "-" * 6000 + "1", "too_complex", None),
        ("if a: b\n" + "elif a: b\n" * 7000, "too_complex", None),
    ],
)
@pytest.mark.parametrize("read", [parse, check, isolated_functions])
def test_rejected(read: object, text: str, reason: str, value: str | None) -> None:
    with pytest.raises(Rejected) as rejected:
        read(text)
    assert rejected.value.reason == reason
    assert value is None or rejected.value.value == value


NEWER = """\
def first[T](items: list[T]) -> T:
    'Generic.'
    return items[0]


def read(path):
    'Two exceptions.'
    try:
        return t'{open(path)} {f'{path['a']}'}'
    except OSError, ValueError:
        return None


def last(items):
    'Old.'
    return f'{items}'
"""


def test_newer_python_is_read_whatever_python_this_is() -> None:
    rows, marked = extract_functions(NEWER), extract_functions("\ufeff" + NEWER)
    found = [(row["qualname"], row["end_line"], row["min_python"]) for row in rows]
    assert found == [("first", 3, "3.12"), ("read", 11, "3.14"), ("last", 16, "3.6")]
    assert rows[0]["signature"] == "def first[T](items: list[T]) -> T"
    assert all(row["self_contained"] for row in rows)
    assert [row | {"start_byte": row["start_byte"] + 3} for row in rows] == marked
    check(NEWER)


def test_a_byte_order_mark_is_no_error() -> None:
    (row,) = extract_functions("\ufeffdef f(): 'd'; return 1")
    assert (row["start_byte"], row["prompt"], row["body"]) == (3, "def f(): 'd'", "; return 1")


def test_undisturbed_restores_warnings_and_the_collector() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with undisturbed():
            assert not gc.isenabled()
            parse("x = '\\d'")
    assert gc.isenabled() and not caught
