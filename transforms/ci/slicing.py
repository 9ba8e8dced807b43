"""What a function needs of its project, cut out of it: imports and module-level definitions.

Names are followed through the project's own imports, so that what a function needs of other
modules of the project stands in one text too, where that is possible without a conflict of names.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from transforms.ci.project_sources import Definition, ProjectSources, SourceModule, global_names
from transforms.lib.problems.provided_imports import ALWAYS_DEFINED
from transforms.lib.python.modules import Statement
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.scopes import read_at_once
from transforms.lib.python.syntax_trees import Function, walk

MAX_STATEMENTS = 400
MAX_CONTEXT_CHARACTERS = 60_000
MODULE_NAMES = ALWAYS_DEFINED | {"__file__", "__spec__", "__package__"}


@dataclass(frozen=True)
class Context:
    """What stands around a function so that it runs.

    imports: statements, one a line each, `__future__` first; before: what the function needs;
    after: what reads the function itself when the module is executed; requires: the modules beyond
    the standard library that are imported, by the first part of their names.
    """

    imports: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    requires: frozenset[str]


@dataclass
class _Part:
    """The statements of one module that are needed."""

    module: SourceModule
    statements: tuple[Statement, ...]
    kept: set[int] = field(default_factory=set)
    aliases: list[str] = field(default_factory=list)


class Slicer:
    """Collects what is needed, name by name. Raises Rejected (`needs_package` and others)."""

    def __init__(self, sources: ProjectSources, home: SourceModule, entry: Definition) -> None:
        self._sources, self._home, self._entry = sources, home, entry
        self._parts: dict[str, _Part] = {}
        self._imported: dict[str, dict[str, None]] = {}  # by path: paths of what was taken over
        self._origin: dict[str, tuple[str, str]] = {}  # of each global name: module and name there
        self._imports: dict[str, None] = {}
        self._requires: set[str] = set()
        self._needed: set[tuple[str, str]] = set()  # paths of modules, and global names
        self._part(home)

    def _part(self, module: SourceModule) -> _Part:
        if module.path not in self._parts:
            is_home = module.path == self._home.path
            statements = self._entry.statements if is_home else module.statements
            self._parts[module.path] = _Part(module, statements)
            for statement in module.statements:
                node = statement.node
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    self._imports[ast.unparse(node)] = None
        return self._parts[module.path]

    def context(self, text: str, wanted: Iterable[tuple[str, str]]) -> Context:
        """The context of the entry's own text, with the classes and functions of `wanted`."""
        entry_name = getattr(self._entry.statement.node, "name", "")
        self._origin[entry_name] = self._home.name, entry_name
        self._need_all(self._home, text)
        for module_name, qualname in sorted(wanted):
            module = self._sources.named(module_name)
            if module is None:
                raise Rejected("needs_package", f"{module_name}.{qualname}")
            self._need(module, qualname.partition(".")[0])
        while self._need_changes():
            pass
        before, after = self._arranged(entry_name)
        future = [line for line in self._imports if line.startswith("from __future__")]
        others = [line for line in self._imports if line not in future]
        if sum(map(len, (*before, *after))) > MAX_CONTEXT_CHARACTERS:
            raise Rejected("needs_package", "the context is too long")
        requires = frozenset(self._requires)
        return Context((*future, *others), tuple(before), tuple(after), requires)

    def _need_all(self, module: SourceModule, text: str) -> None:
        self._look_inside(module, text)
        for name in sorted(global_names(text)):
            self._need(module, name)

    def _need(self, module: SourceModule, name: str) -> None:
        """Make a global name of a module available under the same name."""
        if (module.path, name) in self._needed:  # modules may import a name from one another
            return
        self._needed.add((module.path, name))
        part = self._part(module)
        entry = self._entry.statement
        if module.path == self._home.path and name in entry.bound_names:
            return
        found = [
            (at, each)
            for at, each in enumerate(part.statements)
            if name in each.bound_names and not _is_type_checking(each.node)
        ]
        if not found:
            self._unbound(part, name)
            return
        self._claim(name, (module.name, name), only_import=all(e.is_import for _, e in found))
        for at, statement in found:
            if at in part.kept or statement is entry:
                continue
            if statement.is_import:
                self._import(part, statement.node, name)
                continue
            if entry.bound_names & statement.bound_names and not _defines_only(statement, name):
                raise Rejected("needs_package", f"{name} is defined in several ways")
            part.kept.add(at)
            if sum(len(each.kept) for each in self._parts.values()) > MAX_STATEMENTS:
                raise Rejected("needs_package", "the context is too long")
            for bound in sorted(statement.bound_names):
                self._claim(bound, (module.name, bound))
            self._need_all(module, statement.text)

    def _claim(self, name: str, origin: tuple[str, str], only_import: bool = False) -> None:
        known = self._origin.get(name)
        if known is None and not only_import:
            self._origin[name] = origin
        elif known is not None and known != origin and not only_import:
            raise Rejected("needs_package", f"two things are named {name}")

    def _unbound(self, part: _Part, name: str) -> None:
        """A name that no statement binds: a builtin, or one of an import of `*`."""
        if name in MODULE_NAMES:
            if name in ("__file__", "__spec__", "__package__"):
                raise Rejected("needs_package", name)
            return
        bound_for_types = [s for s in part.statements if name in s.bound_names]
        if bound_for_types:  # imported only for annotations, which are then not evaluated
            self._imports["from __future__ import annotations"] = None
            return
        for statement in part.statements:
            if isinstance(statement.node, ast.ImportFrom) and statement.node.names[0].name == "*":
                target = self._target(part.module, statement.node)
                module = self._sources.named(target) if self._sources.is_own(target) else None
                if module is None:
                    self._import(part, statement.node, "*")
                elif self._binds(module, name):
                    self._need(module, name)
                    self._imported.setdefault(part.module.path, {})[module.path] = None
                    return

    def _binds(self, module: SourceModule, name: str) -> bool:
        return any(name in statement.bound_names for statement in self._part(module).statements)

    def _target(self, module: SourceModule, node: ast.ImportFrom) -> str:
        """The dotted name of the module that a statement imports from."""
        if not node.level:
            return node.module or ""
        parts = module.package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def _import(self, part: _Part, node: ast.stmt, name: str) -> None:
        """Import one name as a statement does, or take over what it names in the project."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    self._import_line(ast.Import([alias]), alias.name, name, part)
            return
        assert isinstance(node, ast.ImportFrom)
        target = self._target(part.module, node)
        for alias in node.names:
            if (alias.asname or alias.name) != name:
                continue
            if target != "__future__" and self._sources.is_own(target):
                self._inline(part, target, alias, name)
            else:
                self._import_line(ast.ImportFrom(target, [alias], 0), target, name, part)

    def _import_line(self, node: ast.stmt, module: str, name: str, part: _Part) -> None:
        if self._sources.is_own(module):
            raise Rejected("needs_package", module)
        line = ast.unparse(node)
        if name != "*":
            known = self._origin.setdefault(name, ("import", line))
            if known != ("import", line):
                raise Rejected("needs_package", f"two things are named {name}")
        self._imports[line] = None
        self._require(module)

    def _require(self, module: str) -> None:
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names:
            self._requires.add(top)

    def _inline(self, part: _Part, target: str, alias: ast.alias, name: str) -> None:
        module = self._sources.named(target)
        if module is None or not self._binds(module, alias.name):
            raise Rejected("needs_package", f"{target}.{alias.name}")
        self._need(module, alias.name)
        self._imported.setdefault(part.module.path, {})[module.path] = None
        if name != alias.name:
            self._claim(name, (module.name, alias.name))
            self._part(module).aliases.append(f"{name} = {alias.name}\n")

    def _look_inside(self, module: SourceModule, text: str) -> None:
        """Note what is imported inside functions and branches; raises Rejected for the project."""
        for node, is_optional in _inner_imports(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                names = [self._target(module, node)]
            else:
                names = [alias.name for alias in node.names]
            for name in names:
                if self._sources.is_own(name) or not name:
                    raise Rejected("needs_package", name)
                if not is_optional:
                    self._require(name)

    def _need_changes(self) -> bool:
        """Take statements that change what is needed, such as those that fill a table."""
        changed = False
        for part in list(self._parts.values()):
            kept_names = {n for at in part.kept for n in part.statements[at].bound_names}
            variables = {
                name
                for at in part.kept
                if not isinstance(part.statements[at].node, Function | ast.ClassDef)
                for name in part.statements[at].bound_names
            }
            for at, statement in enumerate(part.statements):
                if at in part.kept or statement is self._entry.statement:
                    continue
                if _changes(statement.node, variables, kept_names):
                    part.kept.add(at)
                    for bound in sorted(statement.bound_names):
                        self._claim(bound, (part.module.name, bound))
                    self._need_all(part.module, statement.text)
                    changed = True
        return changed

    def _arranged(self, entry_name: str) -> tuple[list[str], list[str]]:
        """The needed statements, and those of them that need the entry to be there."""
        before, after = list[str](), list[str]()
        late = {entry_name}
        for path in self._order():
            part = self._parts[path]
            for at in sorted(part.kept):
                statement = part.statements[at]
                if late & read_at_once(statement.node):
                    late |= statement.bound_names
                    after.append(statement.text)
                else:
                    before.append(statement.text)
            before += dict.fromkeys(part.aliases)
        return before, after

    def _order(self) -> list[str]:
        """The paths of all parts, each after those that it imports from."""
        ordered: dict[str, None] = {}
        begun = set[str]()

        def visit(path: str) -> None:
            if path not in begun:
                begun.add(path)
                for imported in self._imported.get(path, ()):
                    visit(imported)
                ordered[path] = None

        for path in self._parts:
            visit(path)
        return list(ordered)


def _is_type_checking(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`, which no run executes."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _defines_only(statement: Statement, name: str) -> bool:
    return statement.bound_names == {name}


def _inner_imports(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The imports below a node; with each, whether the code goes on where it fails."""
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, is_optional = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, is_optional
        if isinstance(node, ast.If) and _is_type_checking(node):
            stack += [(child, is_optional) for child in node.orelse]
            continue
        catches = isinstance(node, ast.Try) and any(
            handler.type is None
            or "Import" in ast.unparse(handler.type)
            or "ModuleNotFound" in ast.unparse(handler.type)
            for handler in node.handlers
        )
        stack += [(child, is_optional or catches) for child in ast.iter_child_nodes(node)]


def _changes(node: ast.stmt, variables: set[str], names: set[str]) -> bool:
    """Whether a statement changes an object that one of the variables holds.

    Attributes may be set on anything that is named.
    """
    if isinstance(node, ast.Import | ast.ImportFrom | Function | ast.ClassDef) or _is_main(node):
        return False
    for each in walk(node):
        if isinstance(each, Function | ast.Lambda):
            continue
        if isinstance(each, ast.Subscript | ast.Attribute) and not isinstance(each.ctx, ast.Load):
            base = _base(each)
            if base in variables or (isinstance(each, ast.Attribute) and base in names):
                return True
        is_call = isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
        if is_call and isinstance(node, ast.Expr | ast.For | ast.While):
            assert isinstance(each, ast.Call)
            if _base(each.func) in variables:
                return True
    return False


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
