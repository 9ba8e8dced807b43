"""The modules of a project as statements, and where its functions are defined in them."""

import ast
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from transforms.ci.traced_paths import Place, TracedPaths
from transforms.lib.python.modules import Module, Statement, first_line
from transforms.lib.python.parsing import Rejected, parse, symbol_table
from transforms.lib.python.syntax_trees import Function

BRANCHES = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class Definition:
    """A function of a module, and the statements of the module with it at the top.

    `statement` defines the function, or the class that has it as a method. Where it stood in a
    branch of `if` or `try`, the statements of that branch take the place of the whole.
    """

    node: Function
    statement: Statement
    statements: tuple[Statement, ...]

    @property
    def is_method(self) -> bool:
        """Whether the statement is a class."""
        return isinstance(self.statement.node, ast.ClassDef)

    @property
    def decorators(self) -> list[str]:
        """The names of its decorators, without arguments."""
        names = (d.func if isinstance(d, ast.Call) else d for d in self.node.decorator_list)
        return [ast.unparse(name) for name in names]


@dataclass(frozen=True)
class SourceModule:
    """A module of a project: its path, its dotted name and its text."""

    path: str
    name: str
    text: str

    @property
    def package(self) -> str:
        """The dotted name that relative imports begin from."""
        is_package = self.path.endswith("/__init__.py") or self.path == "__init__.py"
        return self.name if is_package else self.name.rpartition(".")[0]

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements; raises Rejected if it is no Python 3."""
        return Module(self.text).statements

    def definition(self, line: int, qualname: str) -> Definition:
        """The function that begins in a line; raises Rejected (`no_definition`, `nested`)."""
        if "<locals>" in qualname:
            raise Rejected("nested", qualname)
        *owners, name = qualname.split(".")
        if len(owners) > 1:
            raise Rejected("nested", qualname)
        found = next(_paths_to(self.statements, line, name), None)
        if found is None:
            raise Rejected("no_definition", f"{qualname} in line {line}")
        at, chain = found
        *outer, node = chain
        if [n.name for n in outer if isinstance(n, ast.ClassDef)] != owners:
            raise Rejected("no_definition", f"{qualname} in line {line}")
        top = next(n for n in chain if isinstance(n, ast.ClassDef | Function))
        statement = self.statements[at]
        assert isinstance(node, Function)
        if top is statement.node:
            return Definition(node, statement, self.statements)
        branch = _branch(chain[chain.index(top) - 1], top)
        inner = [self._dedented(n) for n in branch]
        statement = inner[branch.index(top)]
        others = (*self.statements[:at], *inner, *self.statements[at + 1 :])
        return Definition(_same(node, statement), statement, others)

    def _dedented(self, node: ast.stmt) -> Statement:
        """A statement of a branch, as it would stand at the top of the module."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = textwrap.dedent("\n".join(lines[first_line(node) - 1 : node.end_lineno])) + "\n"
        try:
            body = parse(text).body
        except Rejected:
            body = []
        if len(body) != 1 or ast.dump(body[0]) != ast.dump(node):
            text = ast.unparse(node) + "\n"
        return Module(text).statements[0]


def _same(node: Function, statement: Statement) -> Function:
    """The function of that name in a statement that was parsed anew."""
    found = [n for n in ast.walk(statement.node) if isinstance(n, Function) and n.name == node.name]
    return next(n for n in found if ast.dump(n) == ast.dump(node))


def _branch(compound: ast.AST, inner: ast.AST) -> list[ast.stmt]:
    lists: list[list[ast.stmt]] = [getattr(compound, name, []) for name in BRANCHES]
    return next(statements for statements in lists if inner in statements)


def _paths_to(
    statements: tuple[Statement, ...], line: int, name: str
) -> Iterator[tuple[int, list[ast.AST]]]:
    """The ways from a statement of the module to a function: through classes and branches."""
    for at, statement in enumerate(statements):
        if first_line(statement.node) <= line <= (statement.node.end_lineno or 0):
            for chain in _chains(statement.node, line, name):
                yield at, chain


def _chains(node: ast.AST, line: int, name: str) -> Iterator[list[ast.AST]]:
    if isinstance(node, Function):
        if node.name == name and line in (first_line(node), node.lineno):
            yield [node]
        return
    children = [child for branch in BRANCHES for child in getattr(node, branch, [])]
    for child in [*children, *getattr(node, "handlers", [])]:
        for chain in _chains(child, line, name):
            yield [node, *chain]


@dataclass(frozen=True)
class ProjectSources:
    """The texts of a project's Python files by path, as modules."""

    texts: Mapping[str, str]
    paths: TracedPaths

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "ProjectSources":
        """The sources of a tree whose Python files have these texts."""
        return cls(texts, TracedPaths(texts.keys()))

    def module(self, path: str) -> SourceModule:
        """The module at a path; raises Rejected (`no_source`)."""
        if path not in self._modules:
            if path not in self.texts:
                raise Rejected("no_source", path)
            name = self.paths.module(Place(path, is_library=False))
            self._modules[path] = SourceModule(path, name, self.texts[path])
        return self._modules[path]

    @cached_property
    def _modules(self) -> dict[str, SourceModule]:
        return {}

    def named(self, name: str) -> SourceModule | None:
        """The module of that dotted name; None if the project has none."""
        path = self.paths.file_of(name)
        return self.module(path) if path else None

    def is_own(self, name: str) -> bool:
        """Whether a dotted name begins with a package or module of the project."""
        return self.paths.has_module(name)

    def method_kinds(self) -> dict[tuple[str, int], str]:
        """By path and line, which functions in classes are static or class methods."""
        return {
            (path, first_line(function)): kind
            for path in self.texts
            if path.endswith(".py")
            for function, kind in _method_kinds(self.texts[path])
        }


def _method_kinds(text: str) -> Iterator[tuple[Function, str]]:
    try:
        tree = parse(text)
    except Rejected:
        return
    for owner in ast.walk(tree):
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            names = {getattr(d, "id", "") for d in getattr(node, "decorator_list", ())}
            if isinstance(node, Function):
                if "staticmethod" in names or node.name == "__new__":
                    yield node, "static_method"
                elif "classmethod" in names or node.name == "__init_subclass__":
                    yield node, "class_method"


def global_names(text: str) -> set[str]:
    """The names that code reads or assigns as globals of its module, builtins included.

    Raises Rejected if the text is no Python 3.

    >>> sorted(global_names("def f(x):\\n    global n\\n    n = len(x) + step"))
    ['len', 'n', 'step']
    """
    table = symbol_table(text)
    names, scopes = set[str](), [table]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_referenced() if scope is table else symbol.is_global():
                names.add(symbol.get_name())
    return names
