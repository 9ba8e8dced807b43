"""An evaluation task in the same fields, whatever set it comes from."""

import hashlib
import json
from dataclasses import dataclass, field

from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function, bare_string, functions, unparsed


@dataclass(frozen=True)
class EvalTask:
    """One task of an evaluation set; a field is empty if the set does not say.

    suite: the set, as --eval names it; entry_point: the name of the function to write; prompt:
    verbatim what the set gives to a model; doc: the task in words; signature: the `def` line of the
    function to write; solutions: whole programs; tests: their source or data; test: a program that
    defines `check(candidate)`, if the set's tests can be such a program; sha256: the hex digest of
    all other fields.
    """

    suite: str
    version: str
    split: str
    task_id: str
    entry_point: str
    prompt: str
    doc: str
    signature: str
    solutions: tuple[str, ...]
    tests: str
    test: str
    licence: str
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        others = {name: value for name, value in vars(self).items() if name != "sha256"}
        content = json.dumps(others, sort_keys=True).encode()
        object.__setattr__(self, "sha256", hashlib.sha256(content).hexdigest())

    @property
    def canonical_solution(self) -> str:
        """What the first solution adds to the prompt; all of it if it does not begin with it."""
        return self.solutions[0].removeprefix(self.prompt) if self.solutions else ""


def function_of(source: str, entry_point: str) -> Function | None:
    """The first function of that name in a program; None if there is none or it is no Python."""
    tree = parse_or_none(source)
    nodes = functions(tree) if tree else ()
    return next((node for node in nodes if node.name == entry_point), None)


def documentation(source: str, entry_point: str) -> str:
    """The first bare string in the body of that function, or else of the module; "" if none.

    It need not be the first statement: in HumanEval/115 it follows an import.
    """
    function = function_of(source, entry_point) or parse_or_none(source)
    texts = (bare_string(statement) for statement in (function.body if function else ()))
    return next((text for text in texts if text is not None), "")


def signature(source: str, entry_point: str) -> str:
    r"""The `def` line of that function on one line, without its colon; "" if there is none.

    >>> signature("def near(a: int,\n         b=2) -> bool: ...", "near")
    'def near(a: int, b=2) -> bool'
    """
    function = function_of(source, entry_point)
    if function is None:
        return ""
    returns = f" -> {unparsed(function.returns)}" if function.returns else ""
    return f"def {function.name}({unparsed(function.args)}){returns}"


def starter_name(starter: str) -> str:
    """The name of the last function of a starter code, whose body is missing; "" if none."""
    tree = parse_or_none(f"{starter.rstrip()} pass\n")
    names = [node.name for node in functions(tree)] if tree else []
    return names[-1] if names else ""


def top_functions(source: str) -> list[str]:
    """The names of the functions that a program defines at its top level."""
    tree = parse_or_none(source)
    return [node.name for node in tree.body if isinstance(node, Function)] if tree else []
