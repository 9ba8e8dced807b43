"""What a function uses: the names that no scope in it binds, and the lowest Python version."""

import ast
from dataclasses import dataclass, field
from typing import Any

from transforms.functions.documented_functions import DEFINITIONS, Definition
from transforms.lib.python.newer_trees import NEWER_NODES, TypeAlias

COMPREHENSIONS = frozenset((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
SCOPES = COMPREHENSIONS | {*DEFINITIONS, ast.Lambda, ast.ClassDef}
# Fields of nodes that hold no node, or only operators and contexts, which have no names.
LEAF_FIELDS = frozenset(
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
LEAF_NODES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton)
# Nodes that bind a name, and the field that holds it.
NAME_FIELD = {
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
# The minor version of Python 3 that introduced a node.
MINOR_VERSION = {
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
POSITIONAL_ONLY_VERSION = 8


def _children(kind: type[ast.AST]) -> tuple[str, ...]:
    if kind in LEAF_NODES:
        return ()
    return tuple(name for name in kind._fields if name not in LEAF_FIELDS)


NODE_TYPES = [
    kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
] + [*NEWER_NODES]
# Each type of node with the fields that hold other nodes.
CHILD_FIELDS: dict[type, tuple[str, ...]] = {kind: _children(kind) for kind in NODE_TYPES}
CHILD_FIELDS[type(None)] = ()
# Those of nodes that neither use nor bind a name by themselves and need no newer Python: nearly all
# nodes of a tree.
PLAIN_CHILD_FIELDS = {
    kind: fields
    for kind, fields in CHILD_FIELDS.items()
    if kind not in (*SCOPES, ast.alias, ast.Global, ast.ImportFrom, ast.Nonlocal)
    and kind.__name__ not in NAME_FIELD.keys() | MINOR_VERSION.keys()
}

Nodes = list[Any]


@dataclass(frozen=True)
class Dependencies:
    """What a function uses.

    names: those bound outside of it; relative: those that it imports itself from its own package;
    parameters: those of its parameters that it reads; minor: the lowest Python 3 with its syntax.
    """

    names: frozenset[str]
    relative: frozenset[str]
    parameters: frozenset[str]
    minor: int


@dataclass
class _Found:
    """What is collected in all scopes of a function: types of nodes that are not plain, and names
    of relative imports."""

    kinds: set[type]
    relative: set[str] = field(default_factory=set)


def dependencies(function: Definition) -> Dependencies:
    """The dependencies of a function, in its body and in what is evaluated around it.

    A function that uses its own name depends on it, because a method cannot see its name.

    >>> (function,) = ast.parse("def f(path: Path, /): return os.path.join(f, path)").body
    >>> needs = dependencies(function)
    >>> sorted(needs.names), sorted(needs.parameters), needs.minor
    (['Path', 'f', 'os'], ['path'], 8)
    """
    found = _Found({type(function)})
    around, within, parameters = _parts(function)
    scope = _Scope(type(function), {*parameters})
    names = _Scope(None).free(around, found) | scope.free(within, found)
    names -= {parameter.name for parameter in getattr(function, "type_params", ())}
    minor = max(MINOR_VERSION.get(kind.__name__, 0) for kind in found.kinds)
    if function.args.posonlyargs:
        minor = max(minor, POSITIONAL_ONLY_VERSION)
    read = frozenset(scope.used & parameters)
    return Dependencies(frozenset(names), frozenset(found.relative), read, minor)


def _parts(scope: Any) -> tuple[Nodes, Nodes, set[str]]:
    """The nodes evaluated around a scope, the nodes in it, and the names of its parameters."""
    if isinstance(scope, ast.ClassDef):
        generic = getattr(scope, "type_params", ())
        return [*scope.decorator_list, *scope.bases, *scope.keywords, *generic], scope.body, set()
    if type(scope) in COMPREHENSIONS:
        first, *others = scope.generators
        results = [scope.key, scope.value] if type(scope) is ast.DictComp else [scope.elt]
        return [first.iter], [first.target, *first.ifs, *others, *results], set()
    args = scope.args
    parameters = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    parameters = [parameter for parameter in parameters if parameter is not None]
    annotations = (parameter.annotation for parameter in parameters)
    around = [*args.defaults, *args.kw_defaults, *annotations]
    bound = {parameter.arg for parameter in parameters}
    if isinstance(scope, ast.Lambda):
        return around, [scope.body], bound
    around += [*scope.decorator_list, scope.returns, *getattr(scope, "type_params", ())]
    return around, scope.body, bound


@dataclass
class _Scope:
    """A scope and the names it binds, uses, and declares global or nonlocal.

    `walrus_targets` are the names that a comprehension binds in the scope around it.
    """

    kind: type | None
    bound: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    walrus_targets: set[str] = field(default_factory=set)

    def free(self, nodes: Nodes, found: _Found) -> set[str]:
        """The names that `nodes` use and this scope does not bind; adds to `found`."""
        through: set[str] = set()
        for inner, within in self._walk(nodes, found):
            through |= inner.free(within, found)
            targets = self.walrus_targets if self.kind in COMPREHENSIONS else self.bound
            targets.update(inner.walrus_targets)
        bound = self.bound - self.outside
        if self.kind is ast.ClassDef:  # functions in a class do not see its names
            return (self.used - bound) | through
        self.used |= through
        return self.used - bound

    def _walk(self, nodes: Nodes, found: _Found) -> list[tuple["_Scope", Nodes]]:
        """Records the names of `nodes`; returns the inner scopes with their nodes unvisited."""
        inner = []
        pending = [*nodes]
        name_type, load, plain = ast.Name, ast.Load, PLAIN_CHILD_FIELDS.get  # the hottest loop
        while pending:
            node = pending.pop()
            kind = type(node)
            if kind is name_type:
                (self.used if type(node.ctx) is load else self.bound).add(node.id)
                continue
            fields = plain(kind)
            if fields is None:
                found.kinds.add(kind)
                self._record(node, found)
                if kind in SCOPES:
                    around, within, bound = _parts(node)
                    pending += around
                    inner.append((_Scope(kind, bound), within))
                    continue
                fields = CHILD_FIELDS[kind]
            for name in fields:
                value = getattr(node, name)
                if type(value) is list:
                    pending += value
                else:
                    pending.append(value)
        return inner

    def _record(self, node: Any, found: _Found) -> None:
        """Records the names that a node itself binds or declares."""
        if isinstance(node, ast.alias):
            self.bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self.outside.update(node.names)
            if isinstance(node, ast.Nonlocal):  # its function is no program without them
                self.used.update(node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                found.relative.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, TypeAlias):
            self.bound.add(node.name.id)
        elif isinstance(node, ast.NamedExpr):
            if self.kind in COMPREHENSIONS:
                self.walrus_targets.add(node.target.id)
        elif name := getattr(node, NAME_FIELD.get(type(node).__name__, ""), None):
            self.bound.add(name)
