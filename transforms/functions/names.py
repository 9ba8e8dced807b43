"""What a function needs from outside: names that no scope in it binds, as Python has it."""

import ast
from dataclasses import dataclass, field
from typing import Any

from transforms.functions.finding import DEFINITIONS, Definition

COMPREHENSIONS = frozenset((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
SCOPES = COMPREHENSIONS | {*DEFINITIONS, ast.Lambda, ast.ClassDef}
# Fields that hold no node, or operators and contexts, which name nothing.
PLAIN = frozenset(
    (
        "arg",
        "asname",
        "attr",
        "conversion",
        "ctx",
        "id",
        "is_async",
        "kind",
        "kwd_attrs",
        "level",
        "module",
        "name",
        "op",
        "ops",
        "rest",
        "simple",
        "tag",
        "type_comment",
        "type_ignores",
    )
)
LEAVES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton)
# Nodes that bind a name, and the field in which it stands.
BINDS = {
    "FunctionDef": "name",
    "AsyncFunctionDef": "name",
    "ClassDef": "name",
    "ExceptHandler": "name",
    "MatchAs": "name",
    "MatchStar": "name",
    "MatchMapping": "rest",
    "TypeVar": "name",
    "ParamSpec": "name",
    "TypeVarTuple": "name",
}
# The minor version of Python 3 that brought a node.
SINCE = {
    "AsyncFunctionDef": 5,
    "AsyncFor": 5,
    "AsyncWith": 5,
    "Await": 5,
    "AnnAssign": 6,
    "JoinedStr": 6,
    "NamedExpr": 8,
    "Match": 10,
    "TryStar": 11,
    "TypeAlias": 12,
    "TypeVar": 12,
    "ParamSpec": 12,
    "TypeVarTuple": 12,
    "TemplateStr": 14,
}
POSITIONAL_ONLY = 8


def _children(kind: type[ast.AST]) -> tuple[str, ...]:
    return () if kind in LEAVES else tuple(name for name in kind._fields if name not in PLAIN)


KINDS = [each for each in vars(ast).values() if isinstance(each, type)]
NODES = [kind for kind in KINDS if issubclass(kind, ast.AST)]
# Nodes of the file's language, each with the fields in which others stand.
CHILDREN: dict[type, tuple[str, ...]] = {kind: _children(kind) for kind in NODES}
CHILDREN[type(None)] = ()
# Those that tell nothing but what stands in them: nearly all of a tree.
SILENT = {
    kind: children
    for kind, children in CHILDREN.items()
    if kind not in (*SCOPES, ast.alias, ast.Global, ast.Nonlocal)
    and kind.__name__ not in BINDS.keys() | SINCE.keys()
}

Nodes = list[Any]


@dataclass(frozen=True)
class Needs:
    """What a function needs: names of outside, and the lowest Python 3 that knows its nodes."""

    names: frozenset[str]
    python: str


def needs(function: Definition) -> Needs:
    """What a function needs. Its own name is none of its names: a method does not see it."""
    kinds: set[type] = {type(function)}
    around, within, bound = _parts(function)
    names = _Scope(None).free(around, kinds) | _Scope(type(function), bound).free(within, kinds)
    minor = max(SINCE.get(kind.__name__, 0) for kind in kinds)
    if function.args.posonlyargs:
        minor = max(minor, POSITIONAL_ONLY)
    return Needs(frozenset(names), f"3.{minor}")


def _parts(scope: Any) -> tuple[Nodes, Nodes, set[str]]:
    """What is evaluated around a scope, what in it, and the names that it begins with."""
    if isinstance(scope, ast.ClassDef):
        return [*scope.decorator_list, *scope.bases, *scope.keywords], scope.body, set()
    if type(scope) in COMPREHENSIONS:
        first, *others = scope.generators
        results = [scope.key, scope.value] if type(scope) is ast.DictComp else [scope.elt]
        return [first.iter], [first.target, *first.ifs, *others, *results], set()
    given = scope.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    parameters = [each for each in parameters if each is not None]
    around = [*given.defaults, *given.kw_defaults, *(each.annotation for each in parameters)]
    bound = {each.arg for each in parameters}
    if isinstance(scope, ast.Lambda):
        return around, [scope.body], bound
    around += [*scope.decorator_list, scope.returns, *getattr(scope, "type_params", ())]
    return around, scope.body, bound


@dataclass
class _Scope:
    """A scope and what it does with names: uses, binds, declares to be of outside.

    `given` are the names that a comprehension binds in the scope around it.
    """

    kind: type | None
    bound: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)

    def free(self, nodes: Nodes, kinds: set[type]) -> set[str]:
        """The names in nodes that no scope here binds; what nodes there are goes to `kinds`."""
        through: set[str] = set()
        for inner, within in self._walk(nodes, kinds):
            through |= inner.free(within, kinds)
            (self.given if self.kind in COMPREHENSIONS else self.bound).update(inner.given)
        bound = self.bound - self.outside
        if self.kind is ast.ClassDef:  # its names are not seen from functions in it
            return (self.used - bound) | through
        return (self.used | through) - bound

    def _walk(self, nodes: Nodes, kinds: set[type]) -> list[tuple["_Scope", Nodes]]:
        """Take the names of all nodes but those in inner scopes, which are returned."""
        inner = []
        pending = [*nodes]
        while pending:
            node = pending.pop()
            kind = type(node)
            if kind is ast.Name:
                (self.used if type(node.ctx) is ast.Load else self.bound).add(node.id)
                continue
            children = SILENT.get(kind)
            if children is None:
                kinds.add(kind)
                self._tell(node)
                if kind in SCOPES:
                    around, within, bound = _parts(node)
                    pending += around
                    inner.append((_Scope(kind, bound), within))
                    continue
                children = CHILDREN[kind]
            for name in children:
                value = getattr(node, name)
                if type(value) is list:
                    pending += value
                else:
                    pending.append(value)
        return inner

    def _tell(self, node: Any) -> None:
        """What a node says of names by itself."""
        if isinstance(node, ast.alias):
            self.bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self.outside.update(node.names)
        elif isinstance(node, ast.NamedExpr):
            if self.kind in COMPREHENSIONS:
                self.given.add(node.target.id)
        elif bound := getattr(node, BINDS.get(type(node).__name__, ""), None):
            self.bound.add(bound)
