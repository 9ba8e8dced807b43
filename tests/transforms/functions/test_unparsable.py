"""Why a file has no tree: one reason, with line and message; deadly files kill no worker."""

import gc
import signal
import sys
import warnings

import pytest

from transforms.functions import isolated
from transforms.functions.extraction import extract_functions
from transforms.functions.isolated import isolated_functions, rewritten
from transforms.functions.rewriting import rewritten as rewrite
from transforms.functions.unparsable import check, parse, undisturbed
from transforms.lib.killable import ProcessDied
from transforms.lib.python.parsing import Rejected

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


def test_a_byte_order_mark_is_no_error() -> None:
    (row,) = extract_functions("\ufeffdef f(): 'd'; return 1", rewrite)
    assert (row["start_byte"], row["prompt"], row["body"]) == (3, "def f(): 'd'", "; return 1")


def test_undisturbed_restores_warnings_and_the_collector() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with undisturbed():
            assert not gc.isenabled()
            parse("x = '\\d'")
    assert gc.isenabled() and not caught


def test_isolated_functions_are_the_same() -> None:
    text = "@a\ndef f(b: int = 1, *c):\n    '''D\n    e'''\n    return b\n\nclass A:\n  def g(x='''\n'''): 'G'\n"
    here, there = extract_functions(text, rewrite), isolated_functions(text)
    assert [row | {"parameters": [[*each] for each in row["parameters"]]} for row in here] == there
    assert len(here) == 2


def test_deep_scopes_are_too_complex() -> None:
    with pytest.raises(Rejected, match="too_complex"):
        isolated_functions(f"def f():\n  'd'\n  {'lambda:' * 990}0\n")


def test_a_process_that_hangs_or_crashes_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """libcst needs minutes for one prompt, and overflows its stack on the other."""
    monkeypatch.setattr(isolated, "CPU_SECONDS", 1)
    process = isolated._process
    slow, deep = "a" + ".b" * 20_000, "(" * 50_000 + ")" * 50_000
    for default, status in ((slow, signal.SIGXCPU), (deep, signal.SIGSEGV)):
        with pytest.raises(ProcessDied, match=f"ended with -{int(status)}$"):
            process.ask(["prompt", f"def f(a={default}): 'd'", "", "'d'"], 1)
    assert rewritten(f"def f(a={deep}): 'd'", "", "'d'") is None
    assert rewritten("def f(): 'd'", "", "'d'") == "def f():\n    'd'"
    with pytest.raises(Rejected, match="parser_timeout: 1 s of CPU"):
        isolated_functions("x = 1\n" * 1_500_000)
    assert isolated_functions("def f(): 'd'")[0]["qualname"] == "f"
    process._process.send_signal(signal.SIGSEGV)
    with pytest.raises(Rejected, match="parser_crash: the process ended with -11"):
        isolated_functions("def f(): 'd'")
    assert isolated_functions("def f(): 'd'")[0]["qualname"] == "f"
