"""`humaneval_prompt` and `humaneval_body`: a function as HumanEval writes it.

The prompt begins with the imports that the function needs and ends with its docstring; the body
goes on from there. Both are without the indentation of the function, so that together they are a
program. Nothing else changes: a line that begins inside a string stays as it is, but for those of
the docstring.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import NamedTuple

from transforms.functions.extent import Extent
from transforms.lib.python.parsing import parse_expression
from transforms.lib.python.source_text import SourceText
from transforms.lib.python.string_literals import FORMATTED, PLAIN, UnclosedSyntax, formatted_end

LINE_BREAK = re.compile(rb"\r\n|\r")
INDENT_CHARACTERS = b" \t\f"
TAB_COLUMNS = 8
BLOCK_INDENT = b"    "  # of a body that was on the line of its `def`
LEAD = re.compile(rb"[ \t\f]*+")
# What decides where lines begin: comments, strings, joined lines, brackets and line breaks.
STRUCTURE = re.compile(
    rb"#[^\n]*+|"
    + FORMATTED
    + rb"|"
    + PLAIN
    + rb"|(?P<join>\\\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<break>\n)"
)
# Without these no line begins inside a string, or is joined to the one before it.
MULTILINE = (b'"""', b"'''", b"\\\n")
# What may be between a docstring and a statement or comment on its line.
AFTER_DOCSTRING = re.compile(rb"(?:[ \t\f;]|\\\n)*+")


class _UnevenError(Exception):
    """A statement is not indented by the characters by which its function is."""


class HumanEvalForm(NamedTuple):
    """A function as HumanEval writes it.

    prompt: from the first decorator or `def` to the line break after the docstring; body: the rest;
    indent: the indentation in the file, which both are without.
    """

    prompt: str
    body: str
    indent: str


def humaneval_form(
    source: SourceText, positions: Extent, literal: tuple[int, int]
) -> HumanEvalForm:
    r"""A function as HumanEval writes it, from its extent and that of its docstring's literal.

    A body whose statements are indented by other characters than the function itself, as by tabs
    and blanks, stays as it is in the file, with its docstring.
    """
    content = source.content
    header = content[positions.begin : positions.colon]
    gap = content[positions.colon : positions.block or positions.colon]
    docstring = content[literal[0] : literal[1]]
    body = content[positions.docstring_end : positions.end]
    if source.has_returns:
        header, gap, docstring, body = map(_unix_lines, (header, gap, docstring, body))
    indent = _effective(content[source.line_begin(positions.begin) : positions.begin])
    block = indent + BLOCK_INDENT if positions.indent is None else _effective(positions.indent)
    if indent:
        header = b"".join(_header_lines(header, indent)) if b"\n" in header else header
        if block.startswith(indent) and (parts := _dedented(gap, body, indent)):
            gap, body = parts
            block = block.removeprefix(indent)
            docstring = dedented_docstring(docstring, indent)
    prompt = header + (gap or b"\n") + block + docstring + b"\n"
    return HumanEvalForm(prompt.decode(), _body(body, block).decode(), indent.decode())


def humaneval_prompt(import_lines: list[str], function: str) -> str:
    """The prompt that begins with `import_lines`, from a function up to its docstring's end."""
    return "\n".join(import_lines) + "\n\n\n" + function if import_lines else function


def _unix_lines(text: bytes) -> bytes:
    r"""The text with `\n` for every line break of Python."""
    return LINE_BREAK.sub(b"\n", text)


def _effective(blanks: bytes) -> bytes:
    """What of the blanks before a statement indents it: a form feed begins the line anew."""
    return blanks.rpartition(b"\f")[2]


def _body(text: bytes, block: bytes) -> bytes:
    """A body, from its docstring's end on, as it follows the line break after the docstring."""
    if text.startswith(b"\n"):  # as nearly always
        return text[1:]
    match = AFTER_DOCSTRING.match(text)
    rest = text[match.end() :] if match else text
    if not rest or rest.startswith(b"\n"):
        return rest[1:]
    return block + rest  # a comment, or a statement after a semicolon


def _header_lines(header: bytes, indent: bytes) -> Iterator[bytes]:
    """Yields the parts of what is before the docstring's block without its indentation.

    All its lines may be cut: its statements are indented equally, the others are in brackets,
    comments, or joined to the line before, and may begin in any column.
    """
    at = 0
    for begin, _ in _lines(header):
        yield header[at:begin]
        at = _lead_end(header, begin)
        blanks = _effective(header[begin:at])
        yield blanks[len(indent) :] if blanks.startswith(indent) else b""
    yield header[at:]


def _dedented(gap: bytes, body: bytes, indent: bytes) -> tuple[bytes, bytes] | None:
    """The parts before and after a docstring without the indentation of their function.

    None if a statement in them is not indented so.
    """
    texts = []
    for text in (gap, body):
        if any(each in text for each in MULTILINE) or _may_be_uneven(text, indent):
            try:
                texts.append(b"".join(_block_lines(text, indent)))
            except (_UnevenError, UnclosedSyntax):
                return None
        else:
            texts.append(text.replace(b"\n" + indent, b"\n"))
    return texts[0], texts[1]


def _may_be_uneven(text: bytes, indent: bytes) -> bool:
    """Whether a statement may be indented by other characters than its function is."""
    if b"\f" in text or len(set(indent)) > 1:
        return True
    return b"\t" in text if indent.startswith(b" ") else b"\n " in text or b"\t " in text


def _block_lines(text: bytes, indent: bytes) -> Iterator[bytes]:
    """Yields the parts of a text without its indentation, but for lines that begin in strings.

    Raises _UnevenError if a statement is not indented so.
    """
    at = 0
    for begin, is_statement in _lines(text):
        end = _lead_end(text, begin)
        blanks = _effective(text[begin:end])
        if blanks.startswith(indent):
            yield text[at : end - len(blanks)]
            at = end - len(blanks) + len(indent)
        elif is_statement and text[end : end + 1] not in (b"\n", b"#", b""):
            raise _UnevenError
    yield text[at:]


def _lead_end(text: bytes, begin: int) -> int:
    """The position after the blanks at the beginning of a line."""
    match = LEAD.match(text, begin)
    return match.end() if match else begin


def _lines(text: bytes) -> Iterator[tuple[int, bool]]:
    """Yields where each line but the first begins, and whether a statement may begin there.

    Lines that begin inside a string are left out. Raises UnclosedSyntax if one does not end.
    """
    at = depth = 0
    while match := STRUCTURE.search(text, at):
        at = match.end()
        if match["quote"]:
            at, _, _ = formatted_end(text, match, 0)
        elif match["break"]:
            yield at, depth == 0
        elif match["join"]:
            yield at, False
        else:
            depth += bool(match["open"]) - bool(match["close"])


def dedented_docstring(literal: bytes, indent: bytes) -> bytes:
    """The literal without the indent of its function in its lines, if it then says the same.

    It is returned unchanged where it would not: lines are indented less or joined, have tabs that
    would move to another column, by which inspect.cleandoc expands them, or an escape in it is a
    line break.
    """
    if not indent or b"\n" not in literal:
        return literal
    if b"\t" in literal and len(indent.expandtabs()) % TAB_COLUMNS:
        return literal
    first, *lines = literal.split(b"\n")
    if not all(line.startswith(indent) or not line.strip(INDENT_CHARACTERS) for line in lines):
        return literal
    cut = b"\n".join([first, *(line[len(indent) :] for line in lines)])
    return cut if b"\\" not in literal or _cleaned(cut) == _cleaned(literal) else literal


def _cleaned(literal: bytes) -> str:
    """What a docstring says, without indentation."""
    value = parse_expression(literal.decode())
    assert isinstance(value, ast.Constant) and isinstance(value.value, str)
    return inspect.cleandoc(value.value).rstrip()
