"""Prompts in the manner of HumanEval: imports, signature, and the statement as a docstring."""

from transforms.lib.problems.pieces import INDENT, Pieces
from transforms.lib.problems.provided import needed, undefined
from transforms.lib.python.literals import Unparsable
from transforms.lib.python.modules import joined


def docstring(text: str, indent: str = INDENT) -> str:
    """A docstring whose value is `text`, with the indentation of a body."""
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    escaped = f"\\{escaped}" if escaped.startswith('"') else escaped
    lines = f'"""{escaped}\n"""'.split("\n")
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)


def imports_of(program: str, pieces: Pieces) -> tuple[str, ...]:
    """The imports that a program has, and those that it needs; Unparsable if nobody has them."""
    lines, unknown = needed(undefined(program), program)
    if unknown and not any("import *" in line for line in pieces.imports):
        raise Unparsable("undefined_name", ", ".join(sorted(unknown))[:200])
    return tuple(dict.fromkeys([*sorted(pieces.imports, key=_future_first), *lines]))


def _future_first(line: str) -> bool:
    return not line.startswith("from __future__")


def prompt(
    pieces: Pieces, imports: tuple[str, ...], definitions: tuple[str, ...], statement: str
) -> str:
    """What is given: the solution's body completes it."""
    header = pieces.header + docstring(statement, pieces.indent)
    return joined("\n".join(imports), *definitions, pieces.before, header)


def completion(pieces: Pieces) -> str:
    """The canonical solution: the body, and what follows it."""
    return joined(pieces.body, pieces.after)


def program(pieces: Pieces, definitions: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A whole solution that runs by itself, and its imports."""
    text = joined(*definitions, pieces.program())
    imports = imports_of(text, pieces)
    blocks = pieces.before, pieces.header + pieces.body, pieces.after
    return joined("\n".join(imports), *definitions, *blocks), imports
