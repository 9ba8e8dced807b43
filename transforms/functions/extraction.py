"""Extracts the functions of one file: found in its tree, cut from its bytes, with their columns."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transforms.functions import prompts, quality
from transforms.functions.extent import Extent, extent, is_one_literal
from transforms.functions.finding import DocumentedFunction, documented_functions
from transforms.functions.imports import Imports, imports
from transforms.functions.names import dependencies
from transforms.functions.signature import parameters, signature, written
from transforms.functions.source import SourceText
from transforms.functions.unparsable import parse

Row = dict[str, Any]  # the columns of `functions` that follow from the file's text alone
# Rewrites a prompt with libcst, from the prompt, its indent and its new docstring.
Rewrite = Callable[[str, str, str], str | None]


def extract_functions(text: str, rewrite: Rewrite) -> list[Row]:
    r"""The functions of a file that have a docstring, in the order of the file.

    Raises Rejected if the file has no tree.

    >>> from transforms.functions.rewriting import rewritten
    >>> text = "import math\ndef area(r):\n    'Of a circle.'\n    return math.pi * r * r\n"
    >>> (row,) = extract_functions(text, rewritten)
    >>> row["signature"], row["docstring"], row["body"]
    ('def area(r)', 'Of a circle.', '\n    return math.pi * r * r\n')
    >>> print(row["humaneval_prompt"], end="")
    import math
    <BLANKLINE>
    <BLANKLINE>
    def area(r):
        'Of a circle.'
    """
    tree = parse(text)
    functions = documented_functions(tree)
    if not functions:
        return []
    file = _File(SourceText(text), imports(tree), rewrite)
    return [file.row(function) for function in functions if file.has_docstring(function)]


@dataclass(frozen=True)
class _File:
    """What the rows of one file have in common."""

    source: SourceText
    imports: Imports
    rewrite: Rewrite

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
        import_lines = self.imports.lines_for(needs.names, annotated)
        docstring = _cleaned(function)
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
            "humaneval_prompt": self._humaneval_prompt(function, positions, import_lines),
            "docstring_lines": len(docstring.splitlines()),
            "min_python": needs.min_python,
            "is_dunder": quality.is_dunder(node.name),
            "has_return": quality.has_return(node),
            "body_is_stub": quality.is_stub(node),
        }

    def _humaneval_prompt(
        self, function: DocumentedFunction, positions: Extent, import_lines: list[str]
    ) -> str | None:
        """The function's prompt as HumanEval writes it; None if libcst cannot rewrite it."""
        source, literal = self.source, function.docstring.value
        indent = source.text(source.line_begin(positions.begin), positions.begin)
        docstring = prompts.dedented_docstring(
            prompts.unix_lines(source.node_text(literal)), indent
        )
        header = prompts.unix_lines(source.text(positions.begin, positions.docstring))
        in_brackets = source.begin(literal) != positions.docstring
        if positions.indent is None or in_brackets or not prompts.is_provable(header):
            verbatim = source.text(positions.begin, positions.docstring_end)
            prompt = self.rewrite(prompts.unix_lines(verbatim), indent, docstring)
        else:
            prompt = prompts.dedented(header, indent) + docstring
        return prompt and prompts.humaneval_prompt(import_lines, prompt)


def _cleaned(function: DocumentedFunction) -> str:
    """The docstring as inspect.cleandoc has it, with escapes for lone surrogates."""
    value = function.docstring.value
    assert isinstance(value, ast.Constant) and isinstance(value.value, str)
    return inspect.cleandoc(value.value).encode(errors="backslashreplace").decode()
