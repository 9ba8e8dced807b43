"""How a program is called with plain values: `call(candidate, arguments)` in plain Python.

The text runs on the candidate's side, after its program: it turns the arguments into what the
program takes (linked lists, trees), and what comes back, or was changed in place, into a plain
value. Without a harness a candidate is called as `candidate(*arguments)`.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.contests.judged.node_types import NESTED_LISTS, NodeType, node_type
from transforms.lib.python.literals import Unparsable
from transforms.lib.python.modules import joined, methods, parameters

# Names of annotations that stand for built-in values.
PLAIN = {
    "Any",
    "Callable",
    "Counter",
    "Deque",
    "Dict",
    "FrozenSet",
    "Generator",
    "Iterable",
    "Iterator",
    "List",
    "Mapping",
    "Optional",
    "Sequence",
    "Set",
    "Tuple",
    "Union",
    "bool",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "object",
    "range",
    "set",
    "str",
    "tuple",
}
SEVERAL = {"List", "list", "Iterable", "Sequence"}
RESULT = "_result"
RESERVED = {"candidate", "arguments", "call", RESULT}


@dataclass(frozen=True)
class Conversion:
    """Expressions around `{}` that turn a plain value into an object and back, and what types
    they need; `{}` alone where a value is plain."""

    of: str = "{}"
    back: str = "{}"
    types: tuple[NodeType, ...] = ()

    def each(self) -> "Conversion":
        """The same for every item of a list."""
        if not self.types:
            return self
        of, back = self.of.format("item"), self.back.format("item")
        return Conversion(f"[{of} for item in {{}}]", f"[{back} for item in {{}}]", self.types)


PLAIN_VALUE = Conversion()


def conversion(annotation: ast.expr | None, source: str) -> Conversion:
    """The conversion for an annotation; Unparsable for a type that is not known."""
    match annotation:
        case ast.Constant(value=str(text)):
            return conversion(_expression(text), source)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _named(name, source)
        case ast.List(elts=[inner]):  # [NestedInteger], as older solutions write it
            return conversion(inner, source).each()
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            found = conversion(inner, source)
            return found.each() if name in SEVERAL else found
        case ast.BinOp(left=left, right=right):  # X | None
            return max(conversion(left, source), conversion(right, source), key=_objects)
        case ast.Tuple(elts=parts):
            if any(conversion(part, source).types for part in parts):
                raise Unparsable("helper_type", ast.unparse(annotation)[:100])
    return PLAIN_VALUE


def _objects(found: Conversion) -> int:
    return len(found.types)


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Unparsable("signature", text[:100]) from error


def _named(name: str, source: str) -> Conversion:
    if name in PLAIN:
        return PLAIN_VALUE
    found = node_type(name, source)
    if found is None:
        raise Unparsable("helper_type", name)
    return Conversion(f"{found.of}({{}})", f"{found.back}({{}})", (found,))


@dataclass(frozen=True)
class Harness:
    """The text of `call` with what it needs; `definitions` of types belong into the prompt."""

    text: str | None = None
    definitions: tuple[str, ...] = ()
    types: tuple[NodeType, ...] = field(default=())


def _harness(call: str | None, conversions: Iterable[Conversion]) -> Harness:
    types = tuple(dict.fromkeys(kind for found in conversions for kind in found.types))
    if len({kind.name for kind in types}) < len(types):
        raise Unparsable("helper_type", "two types of one name")
    text = joined(*(kind.harness for kind in types), call) if call else None
    return Harness(text, tuple(kind.definition for kind in types if kind.definition), types)


def function_harness(
    function: ast.FunctionDef, source: str, tests: Sequence[tuple[tuple, Any]], kept: str = RESULT
) -> Harness:
    """How a function is called; `kept` is what is looked at afterwards: the result, or a parameter
    that is changed in place, or a part of it, such as `nums[:_result]`."""
    arguments = parameters(function)
    names = [argument.arg for argument in arguments]
    found = [conversion(argument.annotation, source) for argument in arguments]
    given = [[values[at] for values, _ in tests if at < len(values)] for at in range(len(names))]
    found = [_of_node(c, values, names) for c, values in zip(found, given, strict=True)]
    changed = kept.partition("[")[0]
    back = conversion(function.returns, source) if kept == RESULT else found[names.index(changed)]
    back = _of_value(back, [output for _, output in tests])
    used = [*found, back]
    if kept == RESULT and not any(c.types for c in used):
        return _harness(None, used)
    if any(len(values) < len(names) for values, _ in tests):
        raise Unparsable("signature", "defaults where values become objects")
    if RESERVED & set(names):
        raise Unparsable("name_clash", ", ".join(names))
    return _harness(_call(names, found, back, kept), used)


def _of_node(found: Conversion, values: list[Any], names: list[str]) -> Conversion:
    """A tree's node that examples name by its value is looked for in the tree, the first
    parameter."""
    node = f"_tree_node({names[0]}, {{}})"
    if found.of == "_tree({})" and all(isinstance(value, int) for value in values):
        return Conversion(node, found.back, found.types)
    items = [item for value in values if isinstance(value, list) for item in value]
    if found.of == "[_tree(item) for item in {}]" and all(isinstance(item, int) for item in items):
        return Conversion(f"[{node.format('item')} for item in {{}}]", found.back, found.types)
    return found


def _of_value(back: Conversion, outputs: list[Any]) -> Conversion:
    """A node that is expected by its value; lists of lists as JSON has them, without tuples."""
    lists = [value for value in outputs if isinstance(value, list)]
    if not back.types and any(isinstance(item, list) for value in lists for item in value):
        return Conversion("{}", "_lists({})", (NESTED_LISTS,))
    if back.back == "_tree_values({})" and all(isinstance(v, int | None) for v in outputs):
        return Conversion(back.of, "getattr({}, 'val', None)", back.types)
    return back


def _call(names: list[str], found: list[Conversion], back: Conversion, kept: str) -> str:
    lines = [f"{', '.join(names)}{',' if len(names) == 1 else ''} = arguments"]
    lines += [
        f"{name} = {c.of.format(name)}" for name, c in zip(names, found, strict=True) if c.types
    ]
    lines.append(f"{RESULT} = candidate({', '.join(names)})")
    lines.append(f"return {back.back.format(kept)}")
    return "def call(candidate, arguments):\n" + "".join(f"    {line}\n" for line in lines)


# A result is copied at once: a later step may change it.
DESIGN = """def call(candidate, arguments):
    from copy import deepcopy

    (_, given), *steps = arguments[0]
    instance = candidate(*{of})
    results = [None]
    for name, given in steps:
        result = getattr(instance, name)(*given)
        results.append(deepcopy({back}))
    return results
"""


def design_harness(node: ast.ClassDef, source: str) -> Harness:
    """How a class is worked: made, then its methods called one after the other.

    An argument is the list of steps, each a name and a tuple of arguments.
    """
    own = {method.name: method for method in methods(node)}
    made = (
        [conversion(p.annotation, source) for p in parameters(own["__init__"])]
        if "__init__" in own
        else []
    )
    back = {
        name: found
        for name, method in own.items()
        if (found := conversion(method.returns, source)).types
    }
    of = "given" if not any(c.types for c in made) else f"[{', '.join(_nth(made))}]"
    results = "result"
    for name, found in back.items():
        results = f"{found.back.format('result')} if name == {name!r} else {results}"
    return _harness(DESIGN.format(of=of, back=results), [*made, *back.values()])


def _nth(made: list[Conversion]) -> list[str]:
    return [found.of.format(f"given[{at}]") for at, found in enumerate(made)]
