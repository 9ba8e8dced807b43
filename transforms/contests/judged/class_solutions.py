"""How a solution in a class, as judges want it, becomes a function that stands by itself.

`class Solution: def f(self, x)` becomes `def f(x)`, and its other methods functions after it, by
cuts in its text. Where that would change what a name means, the class stays and `f` calls it.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from transforms.lib.problems.pieces import Pieces, arranged
from transforms.lib.python.modules import (
    Module,
    Statement,
    class_named,
    first_line,
    last_line,
    last_named,
    methods,
    parameters,
)
from transforms.lib.python.parsing import Rejected, parse_expression
from transforms.lib.python.scopes import names_in

COMMA = re.compile(rb"\s*,\s*")


def out_of_class(module: Module, class_name: str, entry: str) -> Pieces:
    """The pieces of a module with the method `entry` of a class as a function.

    Raises Rejected: `no_solution` if there is no such class, `name_clash` if a function `entry`
    would take the place of something else that the module calls by this name.

    >>> text = "class Solution:\\n    def f(self, x):\\n        return x or self.f(x + 1)"
    >>> print(out_of_class(Module(text), "Solution", "f").program(), end="")
    def f(x):
        return x or f(x + 1)
    """
    if class_named(module.tree, class_name) is None:
        raise Rejected("no_solution", f"no class {class_name}")
    if entry in module.free_names:
        raise Rejected("name_clash", entry)
    own = last_named(module.statements, class_name)
    functions = None if _is_mentioned(class_name, module.tree) else _functions(own)
    if functions is None:
        caller = _caller(own, entry)
        return arranged([*module.statements, caller], caller)
    loose = [f for part in module.statements for f in (functions if part is own else [part])]
    return arranged(loose, last_named(functions, entry))


def _is_mentioned(class_name: str, tree: ast.Module) -> bool:
    """Whether a module says the name of a class other than to define it."""
    return any(isinstance(node, ast.Name) and node.id == class_name for node in ast.walk(tree))


def _functions(own: Statement) -> Sequence[Statement] | None:
    """The methods of a class as functions; None where they would not mean the same."""
    node = own.node
    if not isinstance(node, ast.ClassDef) or not _is_loose(node):
        return None
    # Empty lines before its text put the class where its node says that it is.
    text = "\n" * (first_line(node) - 1) + own.text
    return Module("".join(_cut(text, method) for method in methods(node))).statements


def _is_loose(node: ast.ClassDef) -> bool:
    """Whether the methods of a class mean the same outside of it."""
    own = {method.name for method in methods(node)}
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if node.bases or node.decorator_list or len(own) != len(body):
        return False
    if not all(map(_is_plain, methods(node))):
        return False
    inside = [part for method in methods(node) for part in _walk(method)]
    through_self = [p for p in inside if isinstance(p, ast.Attribute) and _is_self(p.value)]
    return (
        sum(map(_is_self, inside)) == len(through_self)
        and {part.attr for part in through_self} <= own
        and all(part.lineno == part.end_lineno for part in through_self)
        and not own & names_in(*(part for method in methods(node) for part in method.body))
    )


def _is_plain(method: ast.FunctionDef) -> bool:
    """Whether a method still works as a function once `self` is cut; a static method does.

    Not if it has other decorators (`property`), has `*args`, or shares a line with other code.
    """
    args = method.args
    decorators = [ast.unparse(d).partition("(")[0] for d in method.decorator_list]
    if args.posonlyargs or args.vararg or args.kwonlyargs or method.col_offset == 0:
        return False
    takes_self = bool(args.args) and args.args[0].arg == "self" and not args.args[0].annotation
    if decorators == ["staticmethod"]:
        return not takes_self
    return takes_self and {d.rpartition(".")[2] for d in decorators} <= {"cache", "lru_cache"}


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below a node, but for the insides of classes, whose `self` is another."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.ClassDef):
            yield from _walk(child)


def _cut(text: str, method: ast.FunctionDef) -> str:
    """The text of a method without its indentation and without `self`.

    `text` is one in which the lines and columns of the method's nodes are right.
    """
    lines = text.encode().split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)  # noqa: PERF401  # each needs the one before
    cuts = sorted([*_self_cuts(method, starts, text.encode()), *_indents(method, lines, starts)])
    begin, end = starts[first_line(method) - 1], starts[last_line(method)] - 1
    pieces, at = list[bytes](), begin
    for first, last in cuts:
        if first >= at:
            pieces.append(text.encode()[at:first])
            at = last
    return (b"".join([*pieces, text.encode()[at:end]]) + b"\n").decode()


Cuts = Iterator[tuple[int, int]]  # first and last byte, exclusive, of what is cut out


def _self_cuts(method: ast.FunctionDef, starts: list[int], text: bytes) -> Cuts:
    """The places of the parameter `self`, or the decorator `staticmethod`, and of each `self.`."""
    if method.decorator_list and ast.unparse(method.decorator_list[0]) == "staticmethod":
        yield starts[first_line(method) - 1], starts[method.lineno - 1]
    else:
        parameter = method.args.args[0]
        begin = starts[parameter.lineno - 1] + parameter.col_offset
        end = begin + len("self")
        comma = COMMA.match(text, end)
        yield begin, comma.end() if comma else end
    for node in _walk(method):
        if isinstance(node, ast.Attribute) and _is_self(node.value):
            end = starts[node.lineno - 1] + (node.end_col_offset or 0)
            yield starts[node.lineno - 1] + node.col_offset, end - len(node.attr.encode())


def _indents(method: ast.FunctionDef, lines: list[bytes], starts: list[int]) -> Cuts:
    """The places of a method's indentation, but for lines that begin inside of a string."""
    inside = {
        line
        for node in ast.walk(method)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }
    indent = lines[method.lineno - 1][: method.col_offset]
    for number in range(first_line(method), last_line(method) + 1):
        if number not in inside and lines[number - 1].startswith(indent):
            yield starts[number - 1], starts[number - 1] + len(indent)


def _caller(own: Statement, entry: str) -> Statement:
    """A function that makes an object of the class and calls its method."""
    node = own.node
    assert isinstance(node, ast.ClassDef)
    method = next(m for m in reversed(methods(node)) if m.name == entry)
    names = [parameter.arg for parameter in parameters(method)]
    static = "staticmethod" in map(ast.unparse, method.decorator_list)
    own_parameters = method.args.args[0 if static else 1 :]
    arguments = ast.arguments([], own_parameters, None, [], [], None, method.args.defaults)
    call = parse_expression(f"{node.name}().{entry}({', '.join(names)})")
    function = ast.FunctionDef(entry, arguments, [ast.Return(call)], [], method.returns)
    return Module(ast.unparse(ast.fix_missing_locations(function))).statements[0]
