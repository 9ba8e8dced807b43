"""The text of `call(candidate, arguments)`: how a program is called with plain values.

It runs beside the candidate, after its program. It turns the arguments into what the program takes
(linked lists, trees), and the result, or what was changed in place, into a plain value. Without a
harness a candidate is called as `candidate(*arguments)`.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.contests.judged.node_types import NESTED_LISTS, NodeType, node_type
from transforms.lib.problems.checks import ValueTest
from transforms.lib.python.modules import Module, joined, methods, parameters
from transforms.lib.python.parsing import Rejected, parse_expression

# Names of annotations that stand for built-in values.
PLAIN_TYPES = {
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
LIST_TYPES = {"List", "list", "Iterable", "Sequence"}
RESULT = "_result"  # the name of a call's result in a harness
RESERVED_NAMES = {"candidate", "arguments", "call", RESULT}  # no parameter may have them


@dataclass(frozen=True)
class Conversion:
    """How a plain value becomes an object, and an object a plain value.

    to_object, to_plain: format strings of expressions; `{}` is the value, and alone where it is
    plain. types: the types whose functions they call.
    """

    to_object: str = "{}"
    to_plain: str = "{}"
    types: tuple[NodeType, ...] = ()

    def each(self) -> "Conversion":
        """The conversion of a list, whose items are converted like this."""
        if not self.types:
            return self
        made, plain = self.to_object.format("item"), self.to_plain.format("item")
        return Conversion(f"[{made} for item in {{}}]", f"[{plain} for item in {{}}]", self.types)


PLAIN_VALUE = Conversion()


def conversion(annotation: ast.expr | None, source: str) -> Conversion:
    """The conversion of values with this annotation, in a solution with this source.

    Raises Rejected: `helper_type` for a type that is not known, `signature` for an annotation
    that is a string and no expression.
    """
    match annotation:
        case ast.Constant(value=str(text)):
            return conversion(_annotation(text), source)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _named(name, source)
        case ast.List(elts=[inner]):  # [NestedInteger], as older solutions write it
            return conversion(inner, source).each()
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            inside = conversion(inner, source)
            return inside.each() if name in LIST_TYPES else inside
        case ast.BinOp(left=left, right=right):  # X | None
            return max(conversion(left, source), conversion(right, source), key=_count_types)
        case ast.Tuple(elts=parts):
            if any(conversion(part, source).types for part in parts):
                raise Rejected("helper_type", ast.unparse(annotation)[:100])
    return PLAIN_VALUE


def _count_types(of: Conversion) -> int:
    return len(of.types)


def _annotation(text: str) -> ast.expr:
    try:
        return parse_expression(text)
    except Rejected as error:
        raise Rejected("signature", text[:100]) from error


def _named(name: str, source: str) -> Conversion:
    if name in PLAIN_TYPES:
        return PLAIN_VALUE
    kind = node_type(name, source)
    if kind is None:
        raise Rejected("helper_type", name)
    return Conversion(f"{kind.to_object}({{}})", f"{kind.to_plain}({{}})", (kind,))


@dataclass(frozen=True)
class CallHarness:
    """The text of `call` with the functions that it calls, None if none is needed.

    `definitions` are the texts of the types that the solution takes for granted: they belong into
    the prompt.
    """

    text: str | None = None
    definitions: tuple[str, ...] = ()
    types: tuple[NodeType, ...] = field(default=())

    @property
    def names(self) -> frozenset[str]:
        """The names of the program that the text uses."""
        return Module(self.text or "").free_names


def _harness(call: str | None, conversions: Iterable[Conversion]) -> CallHarness:
    types = tuple(dict.fromkeys(kind for used in conversions for kind in used.types))
    if len({kind.name for kind in types}) < len(types):
        raise Rejected("helper_type", "two types of one name")
    text = joined(*(kind.harness for kind in types), call) if call else None
    return CallHarness(text, tuple(kind.definition for kind in types if kind.definition), types)


def function_harness(
    function: ast.FunctionDef, source: str, tests: Sequence[ValueTest], answer: str = RESULT
) -> CallHarness:
    """How a function is called.

    `answer` is what is compared after the call: the result, or a parameter that is changed in
    place, or a part of it, such as `nums[:_result]`. Raises Rejected if the function cannot be
    called with plain values.
    """
    arguments = parameters(function)
    names = [argument.arg for argument in arguments]
    declared = [conversion(argument.annotation, source) for argument in arguments]
    columns = [[values[at] for values, _ in tests if at < len(values)] for at in range(len(names))]
    made = [_node_by_value(c, column, names) for c, column in zip(declared, columns, strict=True)]
    changed = answer.partition("[")[0]
    back = conversion(function.returns, source) if answer == RESULT else made[names.index(changed)]
    back = _expected_by_value(back, [output for _, output in tests])
    used = [*made, back]
    if answer == RESULT and not any(c.types for c in used):
        return _harness(None, used)
    if any(len(values) < len(names) for values, _ in tests):
        raise Rejected("signature", "defaults where values become objects")
    if RESERVED_NAMES & set(names):
        raise Rejected("name_clash", ", ".join(names))
    return _harness(_call(names, made, back, answer), used)


def _node_by_value(declared: Conversion, values: list[Any], names: list[str]) -> Conversion:
    """The conversion of arguments that are values of a tree's nodes where the type is a tree.

    Such a node is looked for in the tree that is the first parameter.
    """
    node = f"_tree_node({names[0]}, {{}})"
    if declared.to_object == "_tree({})" and all(isinstance(value, int) for value in values):
        return Conversion(node, declared.to_plain, declared.types)
    items = [item for value in values if isinstance(value, list) for item in value]
    of_trees = declared.to_object == "[_tree(item) for item in {}]"
    if of_trees and all(isinstance(item, int) for item in items):
        to_object = f"[{node.format('item')} for item in {{}}]"
        return Conversion(to_object, declared.to_plain, declared.types)
    return declared


def _expected_by_value(back: Conversion, outputs: list[Any]) -> Conversion:
    """The conversion of results.

    A node becomes its value where tests expect a number; tuples become lists where they expect
    lists of lists.
    """
    lists = [value for value in outputs if isinstance(value, list)]
    if not back.types and any(isinstance(item, list) for value in lists for item in value):
        return Conversion("{}", "_lists({})", (NESTED_LISTS,))
    if back.to_plain == "_tree_values({})" and all(isinstance(v, int | None) for v in outputs):
        return Conversion(back.to_object, "getattr({}, 'val', None)", back.types)
    return back


def _call(names: list[str], made: list[Conversion], back: Conversion, answer: str) -> str:
    """The text of `call` for a function with parameters of these names."""
    lines = [f"{', '.join(names)}{',' if len(names) == 1 else ''} = arguments"]
    lines += [
        f"{name} = {c.to_object.format(name)}"
        for name, c in zip(names, made, strict=True)
        if c.types
    ]
    lines.append(f"{RESULT} = candidate({', '.join(names)})")
    lines.append(f"return {back.to_plain.format(answer)}")
    return "def call(candidate, arguments):\n" + "".join(f"    {line}\n" for line in lines)


# A result is copied at once: a later step may change it.
CALL_STEPS = """def call(candidate, arguments):
    from copy import deepcopy

    (_, given), *steps = arguments[0]
    instance = candidate(*{of})
    results = [None]
    for name, given in steps:
        result = getattr(instance, name)(*given)
        results.append(deepcopy({back}))
    return results
"""


def design_harness(node: ast.ClassDef, source: str) -> CallHarness:
    """How a class is used: an object is made, then its methods are called one after the other.

    The only argument is the list of steps, each a name and a tuple of arguments; the first step
    is the class itself. The result is the list of what each step returned.
    """
    own = {method.name: method for method in methods(node)}
    init_parameters = parameters(own["__init__"]) if "__init__" in own else []
    made = [conversion(parameter.annotation, source) for parameter in init_parameters]
    declared = {name: conversion(method.returns, source) for name, method in own.items()}
    back = {name: returned for name, returned in declared.items() if returned.types}
    of = "given" if not any(c.types for c in made) else f"[{', '.join(_items(made))}]"
    results = "result"
    for name, returned in back.items():
        results = f"{returned.to_plain.format('result')} if name == {name!r} else {results}"
    return _harness(CALL_STEPS.format(of=of, back=results), [*made, *back.values()])


def _items(made: list[Conversion]) -> list[str]:
    """The expressions that make the arguments of a step, which the harness calls `given`."""
    return [c.to_object.format(f"given[{at}]") for at, c in enumerate(made)]
