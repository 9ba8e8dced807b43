"""Why a file has no syntax tree: nul_byte, python_2, newer_python, syntax_error, too_complex."""

import contextlib
import gc
import re
import symtable
import warnings
from collections.abc import Iterator

from transforms.lib.python import parsing
from transforms.lib.python.newer_trees import NewestTree
from transforms.lib.python.parsing import PARSER_ERRORS, Rejected
from transforms.lib.python.source_text import BOM

MESSAGE_CHARACTERS = 200  # of a message of Python's that a reject keeps
# What Python 3 says of the commonest Python 2.
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


# Errors in the values of literals, which another grammar would not see.
VALUE_ERROR = re.compile(r"\((?:unicode|value) error\)|bytes can only contain|Exceeds the limit")


def parse(text: str) -> NewestTree:
    """The syntax tree of a file. Raises Rejected, with one of the reasons above, if it has none."""
    if "\0" in text:
        raise Rejected("nul_byte", str(text.index("\0")))
    return parsing.newest(text.removeprefix(BOM), explain=_explained)


def check(text: str) -> None:
    """Raise Rejected if a file has no syntax tree.

    Python's symbol table costs less than the tree, and is refused for at least as many files.
    """
    try:
        symtable.symtable(text.removeprefix(BOM), "", "exec")
    except PARSER_ERRORS:
        parse(text)


def may_be_newer(rejected: Rejected) -> bool:
    """Whether a file was rejected for its syntax alone, so that a newer Python might parse it."""
    return rejected.reason == "syntax_error" and not VALUE_ERROR.search(rejected.value or "")


def _explained(error: Exception) -> Rejected:
    """An error of Python's parser as a reject."""
    if isinstance(error, SyntaxError):
        return Rejected(_dialect(error), f"line {error.lineno}: {error.msg}"[:MESSAGE_CHARACTERS])
    return Rejected("too_complex", f"{type(error).__name__} {error}"[:MESSAGE_CHARACTERS].strip())


def _dialect(error: SyntaxError) -> str:
    line = error.text or ""
    python_2 = PYTHON_2_MESSAGE.match(error.msg) or PYTHON_2_LINE.search(line)
    return "python_2" if python_2 else "syntax_error"


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
