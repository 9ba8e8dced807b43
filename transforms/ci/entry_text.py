"""A function, or a method in as much of its class as it needs, cut into prompt and solution."""

import ast
import textwrap
from dataclasses import dataclass

from transforms.ci.project_sources import Definition
from transforms.lib.problems.pieces import header_lines
from transforms.lib.python.modules import first_line, last_line
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.python.scopes import names_in
from transforms.lib.python.syntax_trees import Function, bare_string, walk

INDENT = "    "


@dataclass(frozen=True)
class EntryText:
    """The text of a function: what a prompt shows, and what completes it.

    shown: decorators, header and docstring, of a method after its class; body: as it stands, with
    what follows a method in its class; signature: from `def` to before the colon.
    """

    shown: str
    body: str
    signature: str
    docstring: str | None
    lines: int

    @property
    def text(self) -> str:
        """The whole."""
        return self.shown + self.body


def entry_text(definition: Definition) -> EntryText:
    """The text of a function or method; raises Rejected if it cannot be cut out."""
    if not definition.is_method:
        return _cut(definition.statement.text, definition.node, first_line(definition.node))
    return _method(definition)


def _cut(text: str, node: Function, begin: int, indent: str = INDENT) -> EntryText:
    """Cut the text of a function, whose first line is the line `begin` of `node`'s numbers."""
    offset = begin - 1
    lines = text.rstrip("\n").split("\n")
    docstring = bare_string(node.body[0])
    top = header_lines(textwrap.dedent(text), node.lineno - offset)
    shown = (node.body[0].end_lineno or 0) - offset if docstring is not None else top
    following = node.body[1:] if docstring is not None else node.body
    if node.body[0].lineno - offset <= top or (following and following[0].lineno - offset <= shown):
        return _rewritten(node, indent, len(lines))
    body = "\n".join(lines[shown:]).strip("\n") + "\n" if following else f"{indent}pass\n"
    return EntryText("\n".join(lines[:shown]) + "\n", body, _signature(node), docstring, len(lines))


def _rewritten(node: Function, indent: str, lines: int) -> EntryText:
    """A function that has its body in the line of its header, as Python writes it."""
    text = ast.unparse(node)
    again = parse(text).body[0]
    assert isinstance(again, Function)
    cut = _cut(text, again, first_line(again))
    outer = indent[: -len(INDENT)]
    return EntryText(
        textwrap.indent(cut.shown, outer),
        textwrap.indent(cut.body, outer),
        cut.signature,
        cut.docstring,
        lines,
    )


def _signature(node: Function) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    keyword = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return f"{keyword} {node.name}({ast.unparse(node.args)}){returns}"


def _method(definition: Definition) -> EntryText:
    """The class with the members that the method needs, and the method at its end.

    Members that follow it and need it to be there follow it here too: the setter of a property,
    another name for it.
    """
    owner, method = definition.statement.node, definition.node
    assert isinstance(owner, ast.ClassDef)
    needed = _needed_members(owner, method)
    lines = definition.statement.text.rstrip("\n").split("\n")
    offset = first_line(owner) - 1
    first = owner.body[0]
    top = header_lines(definition.statement.text, owner.lineno - offset)
    if first.lineno - offset <= top:
        raise Rejected("no_definition", "a class in one line")
    parts, after = ["\n".join(lines[:top])], list[str]()
    for member in owner.body:
        if member is method or id(member) not in needed:
            continue
        text = "\n".join(lines[first_line(member) - offset - 1 : last_line(member) - offset])
        uses = {method.name} & names_in(member) and not isinstance(member, Function)
        is_same = getattr(member, "name", None) == method.name
        is_late = (is_same or uses) and member.lineno > method.lineno
        (after if is_late else parts).append(text)
    text = "\n".join(lines[first_line(method) - offset - 1 : last_line(method) - offset])
    indent = " " * (method.body[0].col_offset if method.body[0].lineno > method.lineno else 8)
    cut = _cut(text, method, first_line(method), indent)
    spaced = [parts[0] + "\n" + (parts[1] + "\n" if len(parts) > 1 else "")]
    spaced += [part + "\n" for part in parts[2:]]
    shown = "\n".join([*spaced, cut.shown])
    body = "\n".join([cut.body, *(f"{part}\n" for part in after)])
    return EntryText(shown, body, cut.signature, cut.docstring, cut.lines)


def _needed_members(owner: ast.ClassDef, method: Function) -> set[int]:
    """The ids of the class's members that are no functions, have special names, or are used.

    All members, if the class has others as bases: their methods may call what it overrides.
    """
    if any(ast.unparse(base) != "object" for base in owner.bases):
        return {id(node) for node in owner.body}
    functions = [node for node in owner.body if isinstance(node, Function)]
    kept = {id(n) for n in owner.body if not isinstance(n, Function)}
    special = [n for n in functions if n.name.startswith("__") and n.name.endswith("__")]
    kept |= {id(node) for node in special}
    names = {method.name} | _used(method)
    for node in owner.body:
        if id(node) in kept:
            names |= _used(node) | (set() if isinstance(node, Function) else names_in(node))
    while more := [n for n in functions if n.name in names and id(n) not in kept]:
        kept |= {id(node) for node in more}
        names |= {name for node in more for name in _used(node)}
    return kept


def _used(node: ast.AST) -> set[str]:
    """The names of attributes that code reads, and those in decorators."""
    names = {each.attr for each in walk(node) if isinstance(each, ast.Attribute)}
    names |= {
        each.value
        for each in walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and each.value.isidentifier()
    }
    for decorator in getattr(node, "decorator_list", ()):
        names |= names_in(decorator)
    return names
