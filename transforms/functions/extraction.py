"""Extracts the functions of one file: found in its tree, cut from its bytes, with their columns."""

import ast
import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transforms.functions import prompts, quality
from transforms.functions.documented_functions import DocumentedFunction, documented_functions
from transforms.functions.extent import Extent, extent, is_one_literal
from transforms.functions.imports import Imports, imports
from transforms.functions.missing_names import ModuleNames, missing, module_names, self_contained
from transforms.functions.names import dependencies
from transforms.functions.signature import parameters, signature, written
from transforms.lib.python.newer_trees import NewestTree
from transforms.lib.python.source_text import SourceText
from transforms.lib.python.string_literals import UnclosedSyntax
from transforms.lib.python.unparsable import parse

Row = dict[str, Any]  # the columns of `functions` that follow from the file's text alone


def extract_functions(text: str) -> list[Row]:
    r"""The functions of a file that have a docstring, in the order of the file.

    Raises Rejected if the file has no tree.

    >>> text = "import math\ndef area(r):\n    'Of a circle.'\n    return math.pi * r * r\n"
    >>> (row,) = extract_functions(text)
    >>> row["signature"], row["docstring"], row["body"]
    ('def area(r)', 'Of a circle.', '\n    return math.pi * r * r\n')
    >>> print(row["humaneval_prompt"], end="")
    import math
    <BLANKLINE>
    <BLANKLINE>
    def area(r):
        'Of a circle.'
    """
    newest = parse(text)
    functions = documented_functions(newest.tree)
    if not functions:
        return []
    file = _File(SourceText(text), newest, imports(newest.tree))
    return [file.row(function) for function in functions if file.has_docstring(function)]


@dataclass(frozen=True)
class _File:
    """What the rows of one file have in common."""

    source: SourceText
    newest: NewestTree
    imports: Imports

    @cached_property
    def names(self) -> ModuleNames:
        """The names that the file's module gives its functions."""
        return module_names(self.newest.tree, self.imports)

    def has_docstring(self, function: DocumentedFunction) -> bool:
        """Whether the string at the beginning of a function is one literal."""
        literal = function.docstring.value
        content = self.source.content[self.source.begin(literal) : self.source.end(literal)]
        return is_one_literal(content)

    def row(self, function: DocumentedFunction) -> Row:
        """The row of a function."""
        source, node = self.source, function.node
        positions = extent(source, function)
        needs = dependencies(node)
        written_parameters, returns = parameters(source, node), written(source, node.returns)
        annotated = returns is not None or any(
            annotation for _, _, annotation, _ in written_parameters
        )
        import_lines, modules = self.imports.lines_for(needs.names, annotated)
        docstring = _cleaned(function)
        missed = missing(needs, function, self.names)
        form = self._humaneval_form(function, positions)
        newer = self.newest.minor_version(
            positions.begin - source.start, positions.end - source.start
        )
        return {
            "qualname": function.qualname,
            "kind": function.kind,
            "start_line": source.line(positions.begin),
            "end_line": source.line(positions.end - 1),
            "start_byte": positions.begin,
            "decorators": [written(source, decorator) for decorator in node.decorator_list],
            "signature": signature(source, positions),
            "parameters": written_parameters,
            "returns": returns,
            "docstring": docstring,
            "docstring_raw": source.node_text(function.docstring.value),
            "prompt": source.text(positions.begin, positions.docstring_end),
            "body": source.text(positions.docstring_end, positions.end),
            "indent": form and form.indent,
            "humaneval_prompt": form and prompts.humaneval_prompt(import_lines, form.prompt),
            "humaneval_body": form and form.body,
            "imports": modules,
            "missing": missed,
            "self_contained": self_contained(needs, missed, function, self.names),
            "docstring_lines": docstring.count("\n") + 1 if docstring else 0,
            "min_python": f"3.{max(needs.minor, newer)}",
            "is_dunder": quality.is_dunder(node.name),
            "has_return": quality.has_return(node),
            "body_is_stub": quality.is_stub(node),
        }

    def _humaneval_form(
        self, function: DocumentedFunction, positions: Extent
    ) -> prompts.HumanEvalForm | None:
        """The function as HumanEval writes it; None if strings in it nest too deeply to tell."""
        literal = function.docstring.value
        span = self.source.begin(literal), self.source.end(literal)
        try:
            return prompts.humaneval_form(self.source, positions, span)
        except UnclosedSyntax:
            return None


def _cleaned(function: DocumentedFunction) -> str:
    """The docstring as inspect.cleandoc has it, with escapes for lone surrogates."""
    value = function.docstring.value
    assert isinstance(value, ast.Constant) and isinstance(value.value, str)
    return inspect.cleandoc(value.value).encode(errors="backslashreplace").decode()
