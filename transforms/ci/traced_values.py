"""Values as the tracer writes them: expressions that are read within bounds and never evaluated.

An expression is a literal, `ref('module', 'qualname')` for a class or function, `ref(...).NAME` for
the member of an enum, `ref(...)(...)` for a value made by its constructor, `obj(ref(...), {...})`
for an object by its class and attributes (`obj(ref(...), {...}, [])` if its class extends a
built-in one), or a call of a builtin in BUILTIN_CALLS. What a hostile
process wrote is one of these, or it is refused.
"""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from transforms.lib.python.parsing import Rejected, TreeBounds, parse_expression
from transforms.lib.python.syntax_trees import walk

# Somewhat more than the tracer's own bounds, since each call of `ref` has nodes of its own.
MAX_CHARACTERS = 200_000
BOUNDS = TreeBounds(characters=MAX_CHARACTERS, depth=100, nodes=40_000)
OPAQUE = "?"
OBJECT_FUNCTION = "_object"  # what makes an object, in the texts of checks
BUILTIN_CALLS = frozenset(
    ("set", "frozenset", "float", "complex", "bytearray", "range", "slice", "obj")
)
# Where the order of a dict's items is part of the value.
ORDERED = ("collections", "OrderedDict")

# The text of a reference to a class or function, by its module and qualified name.
Names = Callable[[str, str], str]


@dataclass(frozen=True)
class TracedValue:
    """The expression of one value; all attributes raise Rejected (`bad_value`) if it is none."""

    text: str

    @cached_property
    def tree(self) -> ast.expr:
        """The expression, checked."""
        if len(self.text) > MAX_CHARACTERS:
            raise Rejected("bad_value", f"{len(self.text)} characters")
        try:
            tree = parse_expression(self.text)
        except Rejected as error:
            raise Rejected("bad_value", self.text[:100]) from error
        if sum(1 for _ in walk(tree)) > BOUNDS.nodes:
            raise Rejected("bad_value", f"more than {BOUNDS.nodes} nodes")
        _check(tree, BOUNDS.depth)
        return tree

    @cached_property
    def is_literal(self) -> bool:
        """Whether it is made of nothing but literals."""
        return not any(
            isinstance(node, ast.Call | ast.Name | ast.Attribute) for node in walk(self.tree)
        )

    @cached_property
    def references(self) -> frozenset[tuple[str, str]]:
        """The classes and functions that it names, as pairs of module and qualified name."""
        return frozenset(_reference(node) for node in walk(self.tree) if is_reference(node))

    @cached_property
    def has_objects(self) -> bool:
        """Whether a part is an object given by its class and attributes."""
        return any(isinstance(n, ast.Name) and n.id == "obj" for n in walk(self.tree))

    def canonical(self, names: Names = lambda module, name: f"{module}:{name}") -> str:
        """A text that is the same for equal values: dicts and attributes are sorted."""
        return _Canonical(names).text(self.tree)

    def written(self, names: Names) -> str:
        """The value as a Python program writes it, with the name of each class or function."""
        return ast.unparse(_Written(names).visit(ast.parse(self.text, mode="eval")))


def is_reference(node: ast.AST) -> bool:
    """Whether a node is `ref('module', 'qualname')`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ref"


def _reference(node: ast.AST) -> tuple[str, str]:
    assert isinstance(node, ast.Call)
    module, name = (ast.literal_eval(argument) for argument in node.args)
    return module, name


def _refuse(node: ast.AST) -> Rejected:
    return Rejected("bad_value", type(node).__name__)


def _check(node: ast.expr, depth: int) -> None:
    """Raise Rejected unless a node, with all below it, is one of the forms above, and not deep."""
    if depth == 0:
        raise Rejected("bad_value", "too deep")
    match node:
        case ast.Constant():
            return
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return
        case ast.Name(id=name) if name in vars(builtins) and not name.startswith("_"):
            return
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            pass
        case ast.Dict(keys=keys, values=values) if None not in keys:
            parts = [*filter(None, keys), *values]
        case ast.Attribute(value=owner) if is_reference(owner) and not node.attr.startswith("__"):
            parts = [owner]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            parts = _call_parts(function, arguments, keywords, node)
        case _:
            raise _refuse(node)
    for part in parts:
        _check(part, depth - 1)


def _call_parts(
    function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword], node: ast.Call
) -> list[ast.expr]:
    if is_reference(node):
        if len(arguments) != 2 or keywords or not all(map(_is_dotted, arguments)):
            raise _refuse(node)
        return []
    if any(keyword.arg is None for keyword in keywords):
        raise _refuse(node)
    parts = [*arguments, *(keyword.value for keyword in keywords)]
    if isinstance(function, ast.Name) and function.id in BUILTIN_CALLS:
        if function.id == "obj":
            _check_object(arguments, node)
        return parts
    if is_reference(function):
        return [function, *parts]
    raise _refuse(node)


def _check_object(arguments: list[ast.expr], node: ast.Call) -> None:
    """An object is `obj(class, attributes)`, with a third part if it is a built-in value too."""
    if len(arguments) not in (2, 3) or not is_reference(arguments[0]):
        raise _refuse(node)
    attributes = arguments[1]
    if not isinstance(attributes, ast.Dict) or not all(
        isinstance(key, ast.Constant) and isinstance(key.value, str) for key in attributes.keys
    ):
        raise _refuse(node)


def _is_dotted(node: ast.expr) -> bool:
    """Whether a node is a string of identifiers with dots between them."""
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and all(part.isidentifier() for part in text.split("."))


class _Canonical:
    """Writes expressions so that equal values have equal texts."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def text(self, node: ast.expr, ordered: bool = False) -> str:
        if is_reference(node):
            return f"<{self._names(*_reference(node))}>"
        match node:
            case ast.Constant(value=value):
                return repr(value)
            case ast.List(elts=parts):
                return f"[{self._joined(parts)}]"
            case ast.Tuple(elts=parts):
                return f"({self._joined(parts)})"
            case ast.Set(elts=parts):
                return f"{{{', '.join(sorted(map(self.text, parts)))}}}"
            case ast.Dict():
                pairs = zip(filter(None, node.keys), node.values, strict=True)
                items = [f"{self.text(key)}: {self.text(value)}" for key, value in pairs]
                return f"{{{', '.join(items if ordered else sorted(items))}}}"
            case ast.Attribute(value=owner, attr=name):
                return f"{self.text(owner)}.{name}"
            case ast.Call(func=function, args=arguments, keywords=keywords):
                is_ordered = is_reference(function) and _reference(function) == ORDERED
                inner = [self.text(argument, is_ordered) for argument in arguments]
                inner += [f"{keyword.arg}={self.text(keyword.value)}" for keyword in keywords]
                return f"{self.text(function)}({', '.join(inner)})"
        return ast.unparse(node)

    def _joined(self, parts: list[ast.expr]) -> str:
        return ", ".join(map(self.text, parts))


class _Written(ast.NodeTransformer):
    """Replaces references by the names that a program has for them."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if is_reference(node):
            return ast.parse(self._names(*_reference(node)), mode="eval").body
        if isinstance(node.func, ast.Name) and node.func.id == "obj":
            node.func.id = OBJECT_FUNCTION
        return self.generic_visit(node)
