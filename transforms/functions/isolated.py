"""Suspicious files, and all that libcst does, in a process that may be killed.

Parsers of C and Rust recurse: a file made for it overflows their stack, or keeps them for hours.
"""

from typing import Any

from transforms.functions.extraction import Row, extract_functions
from transforms.functions.unparsable import undisturbed
from transforms.lib.killable import Died, Killable, serve
from transforms.lib.python.parsing import Rejected

CPU_SECONDS = 10  # the largest real file takes half of one
MEMORY = 1_500_000_000  # bytes of address space; the tree of the largest real file takes 100 MB

_process = Killable(__name__)


def isolated_functions(text: str) -> list[Row]:
    """As extract_functions; Rejected too if the process does not live through it."""
    try:
        rows, refusal = _process.ask(["functions", text], CPU_SECONDS)
    except Died as death:
        if death.took_too_long:
            raise Rejected("parser_timeout", f"{CPU_SECONDS} s of CPU") from death
        raise Rejected("parser_crash", str(death)) from death
    if refusal:
        raise Rejected(*refusal)
    found: list[Row] = rows
    return found


def rewritten(prompt: str, indent: str, docstring: str) -> str | None:
    """As rewriting.rewritten; None too if the process does not live through it."""
    try:
        text: str | None = _process.ask(["prompt", prompt, indent, docstring], CPU_SECONDS)
    except Died:
        return None
    return text


def _answer(question: list[str]) -> Any:
    from transforms.functions import rewriting  # libcst is large: only this process has it

    kind, *given = question
    if kind == "prompt":
        return rewriting.rewritten(*given)
    try:
        with undisturbed():
            return extract_functions(given[0], rewriting.rewritten), None
    except Rejected as rejected:
        return None, (rejected.reason, rejected.value)
    except RecursionError as error:
        return None, ("too_complex", str(error))


if __name__ == "__main__":
    serve(_answer, MEMORY)
