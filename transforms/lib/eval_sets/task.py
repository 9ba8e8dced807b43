"""What an evaluation task is, whatever set it comes from."""

import hashlib
import json
from dataclasses import dataclass, field

from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function, bare_string, functions, unparsed


@dataclass(frozen=True)
class EvalTask:
    """One held-out task; empty strings where the set tells nothing.

    prompt: verbatim what the set gives to a model; doc: what is asked, in words; signature: `def`
    line of the function asked for; solutions: whole programs; tests: their source or data; test: a
    program that defines `check(candidate)`, of sets whose tests can be one; sha256: hex digest of
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
        told = {name: value for name, value in vars(self).items() if name != "sha256"}
        content = json.dumps(told, sort_keys=True).encode()
        object.__setattr__(self, "sha256", hashlib.sha256(content).hexdigest())

    @property
    def canonical_solution(self) -> str:
        """What the first solution adds to the prompt: all of it where it does not begin so."""
        return self.solutions[0].removeprefix(self.prompt) if self.solutions else ""


def function_of(source: str, entry_point: str) -> Function | None:
    """The first function of that name, or None."""
    tree = parse_or_none(source)
    found = functions(tree) if tree else ()
    return next((node for node in found if node.name == entry_point), None)


def documentation(source: str, entry_point: str) -> str:
    """The first bare string in the body of a function, or of the module; empty if there is none.

    Not the docstring: that of HumanEval/115 stands after an import.
    """
    function = function_of(source, entry_point) or parse_or_none(source)
    texts = (bare_string(statement) for statement in (function.body if function else ()))
    return next((text for text in texts if text is not None), "")


def signature(source: str, entry_point: str) -> str:
    """The `def` line of a function without its colon; empty if there is none."""
    function = function_of(source, entry_point)
    if function is None:
        return ""
    returns = f" -> {unparsed(function.returns)}" if function.returns else ""
    return f"def {function.name}({unparsed(function.args)}){returns}"


def method(starter: str) -> str:
    """The name of the last function of a starter code, whose body is yet to come."""
    tree = parse_or_none(f"{starter.rstrip()} pass\n")
    names = [node.name for node in functions(tree)] if tree else []
    return names[-1] if names else ""


def top_functions(source: str) -> list[str]:
    """The names of the functions that a source defines at its top."""
    tree = parse_or_none(source)
    return [node.name for node in tree.body if isinstance(node, Function)] if tree else []
