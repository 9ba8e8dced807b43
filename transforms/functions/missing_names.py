"""What a function needs that its `humaneval_prompt` does not give it."""

import ast
import builtins
from dataclasses import dataclass

from transforms.functions.documented_functions import DEFINITIONS, Definition, DocumentedFunction
from transforms.functions.imports import Imports
from transforms.functions.names import Dependencies

# Names that every module of every Python 3 has, those of its newest versions and of `site` too.
PROVIDED = frozenset(dir(builtins)) - {"_"} | frozenset(
    ("PythonFinalizationError", "__annotations__", "__builtins__", "__file__", "copyright")
    + ("credits", "exit", "help", "license", "quit")
)
STATIC = "staticmethod"
LOCALS = "<locals>"  # in the __qualname__ of a function in a function
# What a method uses of its class without naming it.
OF_THE_CLASS = frozenset(("super", "__class__"))


@dataclass(frozen=True)
class ModuleNames:
    """What a module gives to its functions.

    imported: the names that absolute imports bind. If the module imports some by `*`, `starred` is
    true, `bound` is what its other statements bind, and `inner` what is bound in its functions.
    """

    imported: frozenset[str]
    starred: bool = False
    bound: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()


def module_names(tree: ast.Module, imports: Imports) -> ModuleNames:
    """The names of a module."""
    imported = imports.absolute_names()
    if not imports.starred:
        return ModuleNames(imported)
    bound, inner = _bound(tree)
    return ModuleNames(imported, True, bound, inner)


def missing(needs: Dependencies, function: DocumentedFunction, module: ModuleNames) -> list[str]:
    """The names that a function uses and its `humaneval_prompt` does not define, sorted.

    They are names of its module, of a function or class around it, of its package by relative
    imports, or unknown. A method that reads its first parameter misses that: its class.
    """
    names = needs.names - module.imported - PROVIDED | needs.relative
    if function.is_method:
        names |= needs.names & (OF_THE_CLASS | {function.node.name})
        names |= needs.parameters.intersection(_first_parameter(function.node))
    else:
        names -= {function.node.name}
    return sorted(names)


def self_contained(
    needs: Dependencies, missed: list[str], function: DocumentedFunction, module: ModuleNames
) -> bool | None:
    """Whether a function misses nothing.

    None in a module with a star import, which may give what is missing, or change what Python has
    by that name, as `from numpy import *` does.
    """
    if not module.starred:
        return not missed
    known = module.bound | needs.relative | needs.parameters | {function.node.name}
    if LOCALS in function.qualname:
        known |= module.inner
    if not known.isdisjoint(missed):
        return False
    return None if needs.names - module.imported else True


def _first_parameter(node: Definition) -> list[str]:
    """The parameter that is the object or class of a method; none for a static one."""
    if any(isinstance(each, ast.Name) and each.id == STATIC for each in node.decorator_list):
        return []
    return [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)[:1]]


def _bound(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a module and its classes bind, and those that its functions bind."""
    names: tuple[set[str], set[str]] = set(), set()
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, inner = pending.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names[inner].add(node.id)
        elif isinstance(node, (*DEFINITIONS, ast.ClassDef)):
            names[inner].add(node.name)
            inner = inner or not isinstance(node, ast.ClassDef)
        elif isinstance(node, ast.arg):
            names[True].add(node.arg)
        elif isinstance(node, ast.ImportFrom) and node.level:
            names[inner].update(alias.asname or alias.name for alias in node.names)
        pending += [(child, inner) for child in ast.iter_child_nodes(node)]
    return frozenset(names[False]), frozenset(names[True])
