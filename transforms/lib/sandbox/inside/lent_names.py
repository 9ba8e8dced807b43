"""Names that a check uses and nobody has defined: helpers and imports that the completion brings.

A module of the standard library is imported in the check's own process. A function of the program
is called as the candidate is, and data crosses; nothing else of the program does.
"""

import builtins
import importlib
import sys
from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType
from typing import Any

EXTENDED, LOAD_NAME, LOAD_GLOBAL = (opmap[n] for n in ("EXTENDED_ARG", "LOAD_NAME", "LOAD_GLOBAL"))
STORES = (opmap["STORE_NAME"], opmap["STORE_GLOBAL"])


def missing_names(code: CodeType, namespace: dict[str, Any]) -> list[str]:
    """The global names that code reads and never binds, and that are nowhere defined, sorted."""
    read, bound = set[str](), set[str]()
    pending = [code]
    while pending:
        current = pending.pop()
        pending += [each for each in current.co_consts if isinstance(each, CodeType)]
        for operation, argument in _operations(current.co_code):
            if operation == LOAD_GLOBAL:
                read.add(current.co_names[argument >> 1])  # the lowest bit means something else
            elif operation == LOAD_NAME:
                read.add(current.co_names[argument])
            elif operation in STORES:
                bound.add(current.co_names[argument])
    return sorted(read - bound - namespace.keys() - vars(builtins).keys())


def _operations(code: bytes) -> Iterator[tuple[int, int]]:
    """Each operation with its argument, of which EXTENDED_ARG holds the upper bytes."""
    upper = 0
    for operation, lowest in zip(code[::2], code[1::2], strict=True):
        argument = upper << 8 | lowest
        upper = argument if operation == EXTENDED else 0
        yield operation, argument


def find_name(name: str, of_program: Callable[[str], Any]) -> Any:
    """The module or whatever `of_program` gives for this name."""
    if name in sys.stdlib_module_names:
        return importlib.import_module(name)
    return of_program(name)
