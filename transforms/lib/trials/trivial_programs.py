"""Programs that solve nothing: tests that they pass do not test the problem."""

import ast

from transforms.lib.python.parsing import parse
from transforms.lib.trials.entry_functions import entry_functions

TRIVIAL_BODIES = {"pass": "pass", "stub": "raise NotImplementedError"}
TRIVIAL_STDIO = {"pass": "", "stub": "raise NotImplementedError\n"}  # whole programs


def trivial_programs(program: str, entry_point: str, is_program: bool) -> dict[str, str]:
    """The program with trivial bodies, by the name of the body.

    The body of the entry point is replaced, or of each of its methods if it is a class. An entry
    point may be a method, or what a decorator holds: `Class.method`, `Class.property.fget`. For
    programs of standard input these are whole programs that do nothing.
    """
    if is_program:
        return TRIVIAL_STDIO
    return {name: _with_body(program, entry_point, body) for name, body in TRIVIAL_BODIES.items()}


def _with_body(program: str, entry_point: str, body: str) -> str:
    tree = parse(program)
    for function in entry_functions(tree.body, entry_point):
        function.body = ast.parse(body).body
    return ast.unparse(tree) + "\n"
