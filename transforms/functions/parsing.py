"""Parses the text of a file to its tree, or says for which one reason it has none."""

import ast
import contextlib
import gc
import re
import symtable
import warnings
from collections.abc import Iterator

from transforms.functions.source import BOM

MESSAGE_CHARACTERS = 200  # of a message of Python's that a reject keeps
# What Python 3 says of the commonest Python 2 code.
PYTHON_2_MESSAGE = re.compile(
    r"Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthes"
    r"|leading zeros in decimal integer literals|(?:Function|Lambda expression) parameters cannot"
    r"|inconsistent use of tabs"
)
# Lines of Python 2 of which Python 3 only says that the syntax is invalid.
PYTHON_2_LINE = re.compile(
    r"^\s*raise\s+[\w.]+\s*,|^\s*except\s+[\w.]+\s*,|^\s*(?:print|exec)\s+[^\s(=]|<>"
    r"|\b[uU][rR]['\"]|\b\d+[lL]\b"
)


class Refused(Exception):
    """A file that has no tree: `reason` is from a closed list, `value` is the detail."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


def parse(text: str) -> ast.Module:
    """The tree of a file. Raises Refused if it has none."""
    if "\0" in text:
        raise Refused("nul_byte", str(text.index("\0")))
    try:
        return ast.parse(text.removeprefix(BOM))
    except SyntaxError as error:
        message = f"line {error.lineno}: {error.msg}"
        raise Refused(_dialect(error), message[:MESSAGE_CHARACTERS]) from error
    except (RecursionError, MemoryError) as error:
        message = f"{type(error).__name__} {error}"
        raise Refused("too_complex", message[:MESSAGE_CHARACTERS].strip()) from error


def _dialect(error: SyntaxError) -> str:
    line = error.text or ""
    python_2 = PYTHON_2_MESSAGE.match(error.msg) or PYTHON_2_LINE.search(line)
    return "python_2" if python_2 else "syntax_error"


def check(text: str) -> None:
    """Raises Refused if a file has no tree.

    Python's symbol table refuses no less than its tree, and takes less time to build.
    """
    try:
        symtable.symtable(text.removeprefix(BOM), "", "exec")
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        parse(text)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A context for parsing, without warnings about the source and without garbage collection.

    Trees have no cycles, so that the collector would only cost time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collects:
            gc.enable()
