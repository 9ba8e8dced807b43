"""Files parsed in a process of their own: the same rows, and deadly files kill no worker."""

import signal

import pytest

from transforms.functions import isolated
from transforms.functions.extraction import extract_functions
from transforms.functions.isolated import is_newer_python, isolated_functions
from transforms.lib.killable import ProcessDied
from transforms.lib.python.parsing import Rejected


def test_isolated_functions_are_the_same() -> None:
    text = "@a\ndef f(b: int = 1, *c):\n    '''D\n    e'''\n    return b\n\nclass A:\n  def g(x='''\n'''): 'G'\n"
    here, there = extract_functions(text), isolated_functions(text)
    assert [row | {"parameters": [[*each] for each in row["parameters"]]} for row in here] == there
    assert len(here) == 2


def test_another_grammar_is_asked() -> None:
    assert is_newer_python("x = [*a for a in b]")  # PEP 798
    assert not is_newer_python("x = = 1")


def test_deep_scopes_are_too_complex() -> None:
    with pytest.raises(Rejected, match="too_complex"):
        isolated_functions(f"def f():\n  'd'\n  {'lambda:' * 990}0\n")


def test_a_process_that_hangs_or_crashes_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """libcst needs minutes for one file, and overflows its stack on the other."""
    monkeypatch.setattr(isolated, "CPU_SECONDS", 1)
    process = isolated._process
    slow, deep = "a" + ".b" * 20_000, "(" * 50_000 + ")" * 50_000
    for default, status in ((slow, signal.SIGXCPU), (deep, signal.SIGSEGV)):
        with pytest.raises(ProcessDied, match=f"ended with -{int(status)}$"):
            process.ask(["grammar", f"def f(a={default}): 'd'"], 1)
    assert not is_newer_python(f"def f(a={deep}): 'd'")
    assert is_newer_python("def f(): 'd'")
    with pytest.raises(Rejected, match="parser_timeout: 1 s of CPU"):
        isolated_functions("def f(): 'd'\n" * 60_000)
    assert isolated_functions("def f(): 'd'")[0]["qualname"] == "f"
    process._process.send_signal(signal.SIGSEGV)
    with pytest.raises(Rejected, match="parser_crash: the process ended with -11"):
        isolated_functions("def f(): 'd'")
    assert isolated_functions("def f(): 'd'")[0]["qualname"] == "f"
