"""Source text to its tree, or the one reason why there is none."""

import ast
import contextlib
import gc
import re
import symtable
import warnings
from collections.abc import Iterator

from transforms.functions.source import BOM

SHOWN = 200  # characters of a message
# What Python 3 says of the commonest Python 2, and lines of it to which it only says "invalid".
PYTHON_2_MESSAGE = re.compile(
    r"Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthes"
    r"|leading zeros in decimal integer literals|(?:Function|Lambda expression) parameters cannot"
    r"|inconsistent use of tabs"
)
PYTHON_2_LINE = re.compile(
    r"^\s*raise\s+[\w.]+\s*,|^\s*except\s+[\w.]+\s*,|^\s*(?:print|exec)\s+[^\s(=]|<>"
    r"|\b[uU][rR]['\"]|\b\d+[lL]\b"
)


class Refused(Exception):
    """A file that has no tree: `reason` from the closed list, and a `value`."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


def parse(text: str) -> ast.Module:
    """The tree of a file; Refused if it has none."""
    if "\0" in text:
        raise Refused("nul_byte", str(text.index("\0")))
    try:
        return ast.parse(text.removeprefix(BOM))
    except SyntaxError as error:
        raise Refused(_dialect(error), f"line {error.lineno}: {error.msg}"[:SHOWN]) from error
    except (RecursionError, MemoryError) as error:
        raise Refused("too_complex", f"{type(error).__name__} {error}"[:SHOWN].strip()) from error


def _dialect(error: SyntaxError) -> str:
    line = error.text or ""
    python_2 = PYTHON_2_MESSAGE.match(error.msg) or PYTHON_2_LINE.search(line)
    return "python_2" if python_2 else "syntax_error"


def check(text: str) -> None:
    """Refused if a file has no tree. Symbols cost less than the tree, and refuse no less."""
    try:
        symtable.symtable(text.removeprefix(BOM), "", "exec")
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        parse(text)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Parse without warnings about the source, and without the collector: a tree has no cycles."""
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collects:
            gc.enable()
