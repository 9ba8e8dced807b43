"""A solution in a class, as judges want it, to a function that stands by itself.

`class Solution: def f(self, x)` becomes `def f(x)`, and its other methods functions after it.
Where that would change what a name means, the class stays as it is and `f` calls it.
"""

import ast
from collections.abc import Iterator, Sequence

import libcst as cst

from transforms.problems.imports import free
from transforms.problems.parsing import Unparsable, parse
from transforms.problems.pieces import Defined, Pieces, arranged
from transforms.problems.scopes import names_in


def class_named(tree: ast.Module, name: str) -> ast.ClassDef | None:
    """The last class of that name at the top of a module: it is the one that counts."""
    found = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return found[-1] if found else None


def function_named(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last function of that name at the top of a module."""
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    return found[-1] if found else None


def methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods of a class, in order."""
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """Positional parameters but for a method's own `self`; Unparsable for `*a`, `**k`, `*, a`."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        raise Unparsable("signature", function.name)
    found = [*arguments.posonlyargs, *arguments.args]
    return found[1:] if found and found[0].arg in ("self", "cls") else found


def out_of_class(text: str, class_name: str, entry: str) -> Pieces:
    """The method `entry` of a class as a function, with all else that the module holds."""
    node = class_named(parse(text), class_name)
    if node is None:
        raise Unparsable("no_solution", f"no class {class_name}")
    if entry in free(text):  # the function would take the place of what the class means by it
        raise Unparsable("name_clash", entry)
    outer = list(cst.parse_module(text).body)
    own = last_named(outer, class_name)
    if _is_mentioned(class_name, text) or not _is_loose(node):
        caller = _caller(node, entry)
        return arranged([*outer, caller], caller)
    assert isinstance(own, cst.ClassDef)
    functions = _loosened(own, {method.name for method in methods(node)})
    statements = [f for part in outer for f in (functions if part is own else [part])]
    return arranged(statements, last_named(functions, entry))


def _is_mentioned(class_name: str, text: str) -> bool:
    """Whether a module says the name of a class other than to define it."""
    nodes = ast.walk(parse(text))
    return any(isinstance(node, ast.Name) and node.id == class_name for node in nodes)


def last_named(statements: Sequence[cst.CSTNode], name: str) -> Defined:
    """The last function or class of that name: it is the one that counts; Unparsable if none."""
    for statement in reversed(statements):
        if isinstance(statement, Defined) and statement.name.value == name:
            return statement
    raise Unparsable("no_solution", f"no {name}")


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
    uses = sum(map(_is_self, inside))
    return (
        uses == len(through_self)
        and {part.attr for part in through_self} <= own
        and not own & names_in(*(part for method in methods(node) for part in method.body))
    )


def _is_plain(method: ast.FunctionDef) -> bool:
    """A method of `self`, or a static one; not a property or what else decorators make of it."""
    first = [*method.args.posonlyargs, *method.args.args][:1]
    takes_self = bool(first) and first[0].arg == "self"
    decorators = [ast.unparse(d).partition("(")[0] for d in method.decorator_list]
    if decorators == ["staticmethod"]:
        return not takes_self
    return takes_self and {d.rpartition(".")[2] for d in decorators} <= {"cache", "lru_cache"}


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All below a node but the insides of classes, whose `self` is another."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.ClassDef):
            yield from _walk(child)


def _loosened(node: cst.ClassDef, own: set[str]) -> list[cst.CSTNode]:
    body = [part for part in node.body.body if isinstance(part, cst.FunctionDef)]
    return [part.visit(_Loosen(own)) for part in body]  # type: ignore[misc]


class _Loosen(cst.CSTTransformer):
    """A method to a function: without `self`, and without it before other methods."""

    def __init__(self, own: set[str]) -> None:
        super().__init__()
        self._own, self._depth = own, 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self._depth -= 1
        if self._depth:
            return updated_node
        static = [d for d in updated_node.decorators if _is_static(d)]
        if static:
            kept = [d for d in updated_node.decorators if d not in static]
            return updated_node.with_changes(decorators=kept)
        return updated_node.with_changes(params=_without_first(updated_node.params))

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        value = updated_node.value
        if isinstance(value, cst.Name) and value.value == "self":
            return updated_node.attr
        return updated_node


def _is_static(decorator: cst.Decorator) -> bool:
    name = decorator.decorator
    return isinstance(name, cst.Name) and name.value == "staticmethod"


def _without_first(params: cst.Parameters) -> cst.Parameters:
    if params.posonly_params:
        rest = params.posonly_params[1:]
        if not rest:
            return params.with_changes(posonly_params=(), posonly_ind=cst.MaybeSentinel.DEFAULT)
        return params.with_changes(posonly_params=rest)
    return params.with_changes(params=params.params[1:])


def _caller(node: ast.ClassDef, entry: str) -> cst.FunctionDef:
    """A function that makes an object of the class and calls its method."""
    method = next(m for m in reversed(methods(node)) if m.name == entry)
    names = [parameter.arg for parameter in parameters(method)]
    static = "staticmethod" in map(ast.unparse, method.decorator_list)
    arguments = ast.arguments(
        posonlyargs=[], args=method.args.args[0 if static else 1 :], kwonlyargs=[],
        kw_defaults=[], defaults=method.args.defaults,
    )  # fmt: skip
    call = f"return {node.name}().{entry}({', '.join(names)})"
    function = ast.FunctionDef(
        name=entry, args=arguments, body=ast.parse(call).body, decorator_list=[],
        returns=method.returns, lineno=1,
    )  # fmt: skip
    made = cst.parse_module(ast.unparse(ast.fix_missing_locations(function))).body[0]
    assert isinstance(made, cst.FunctionDef)
    return made
