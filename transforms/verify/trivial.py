"""Programs that solve nothing: a problem whose tests they pass tests nothing."""

import ast
import copy

from transforms.lib.python.parsing import parse

BODIES = {"pass": "pass", "stub": "raise NotImplementedError"}
EMPTY_PROGRAMS = {"pass": "", "stub": "raise NotImplementedError\n"}  # for standard input


def hollow_programs(program: str, entry_point: str, is_program: bool) -> dict[str, str]:
    """By name, the program with nothing in the entry point's body: in that of its methods, where
    it is a class."""
    if is_program:
        return EMPTY_PROGRAMS
    return {name: _hollow(program, entry_point, body) for name, body in BODIES.items()}


def _hollow(program: str, entry_point: str, statement: str) -> str:
    tree = copy.deepcopy(parse(program))  # parsed within bounds; the tree is others' too
    for node in tree.body:
        if isinstance(node, FUNCTIONS | ast.ClassDef) and node.name == entry_point:
            for function in [node] if isinstance(node, FUNCTIONS) else node.body:
                if isinstance(function, FUNCTIONS):
                    function.body = ast.parse(statement).body
    return ast.unparse(tree) + "\n"


FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
