"""A unittest module taken apart: what it imports of the solution, its tests, what they need."""

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.guarded_conditions import Guarded
from transforms.lib.problems.probes.probe_harness import harness_text
from transforms.lib.problems.probes.unittest_probes import (
    ASSERTIONS,
    NameMeanings,
    Probe,
    helper_of,
    probe_of,
)
from transforms.lib.python.modules import Module, methods
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.scopes import bound_by, names_in

TEST_RUNNERS = {"unittest", "pytest"}  # imports that a probe does not need
SET_UP = "setUp"  # the method that runs before each test


@dataclass
class UnittestModule:
    """The parts of a unittest module.

    exported: names of the solution that it uses; aliases: those of them that it imports under
    another name, by that name; modules: its names for the solution's module itself; imports: all
    other imports that a test may need; others: all other statements; tests: test methods with
    their classes; known: values of names at its top that are known before it runs.
    """

    exported: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    imports: list[ast.stmt] = field(default_factory=list)
    others: list[ast.stmt] = field(default_factory=list)
    tests: list[tuple[ast.ClassDef, ast.FunctionDef]] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)


def read_tests(tests: Module, solution: str, beside: Mapping[str, Module]) -> UnittestModule:
    """The parts of a unittest module that tests the module called `solution`.

    `beside` are other modules that it may import, by name. Raises Rejected if one of them that it
    imports is no Python 3.
    """
    parts = UnittestModule()
    for statement in _statements(tests.tree.body):
        _sort(statement, parts, solution, beside)
    for node in ast.walk(tests.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in parts.modules
        ):
            parts.exported.add(node.attr)
    return parts


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module; in place of a `try` around imports those that it tries."""
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from statement.body
        else:
            yield statement


def _sort(
    node: ast.stmt, parts: UnittestModule, solution: str, beside: Mapping[str, Module]
) -> None:
    """Put a statement where it belongs among the parts of a module."""
    match node:
        case ast.ImportFrom(module=module, names=names) if module == solution:
            parts.exported |= {alias.name for alias in names}
            parts.aliases |= {alias.asname: alias.name for alias in names if alias.asname}
        case ast.Import(names=names) if any(alias.name == solution for alias in names):
            parts.modules |= {alias.asname or alias.name for alias in names}
        case ast.ImportFrom(module=module) if module in beside:
            rest = {name: other for name, other in beside.items() if name != module}
            for statement in beside[str(module)].tree.body:
                _sort(statement, parts, solution, rest)
        case ast.ImportFrom(module=name) | ast.Import(names=[ast.alias(name=name)]):
            if str(name).partition(".")[0] not in TEST_RUNNERS or name == "unittest.mock":
                parts.imports.append(node)
        case ast.ClassDef() if any(m.name.startswith("test") for m in methods(node)):
            parts.tests += [(node, m) for m in methods(node) if m.name.startswith("test")]
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))) | ast.Expr():
            return
        case _:
            parts.others.append(node)
            _learn(node, parts.known)


def _learn(node: ast.stmt, known: dict[str, Any]) -> None:
    """Add the value that a statement gives to a name, if it is known before the module runs."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        try:
            known[node.targets[0].id] = fold(node.value, known)
        except Rejected:
            return


def helpers_of(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """The methods of a test class that are no tests, by name."""
    return {m.name: m for m in methods(node) if not m.name.startswith("test")}


def _asserting(helpers: Mapping[str, ast.FunctionDef]) -> frozenset[str]:
    """The names of those helpers that make assertions, themselves or through others."""
    found: set[str] = set()
    while more := {
        name
        for name, method in helpers.items()
        if name not in found and _names_of(method) & (ASSERTIONS | found)
    }:
        found |= more
    return frozenset(found)


def used_by(module: UnittestModule, node: ast.ClassDef, method: ast.FunctionDef) -> set[str]:
    """The names of the solution that a test method uses, itself or through other methods,
    functions and values of its module."""
    helpers = helpers_of(node)
    reached, pending = set[str](), list[ast.stmt]([method, *_set_up(helpers)])
    while pending:
        names = _names_of(pending.pop())
        pending += [m for n, m in helpers.items() if n in names and n not in reached]
        pending += [s for s in module.others if bound_by(s) & (names - reached)]
        reached |= names
    return {module.aliases.get(name, name) for name in reached} & module.exported


def _set_up(helpers: Mapping[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    return [helpers[SET_UP]] if SET_UP in helpers else []


def _names_of(*nodes: ast.AST) -> set[str]:
    """The names and attributes that are written below nodes."""
    inside = (inner for node in nodes for inner in ast.walk(node))
    return names_in(*nodes) | {node.attr for node in inside if isinstance(node, ast.Attribute)}


@dataclass(frozen=True)
class Probes:
    """Probes of tests, with what must stand before them and the methods that help them; `unused`
    tests have none."""

    probes: list[Probe]
    before: list[ast.stmt]
    helpers: list[ast.FunctionDef]
    unused: int

    def harness(self) -> str:
        """The text of the harness that runs them."""
        return harness_text(self.probes, self.before, self.helpers)


def probes_of(
    module: UnittestModule, tests: list[tuple[ast.ClassDef, ast.FunctionDef]], entry: str
) -> Probes:
    """The probes of test methods, with what they need; a method that does what no probe can is
    counted as unused."""
    probes, helping, unused = list[Probe](), dict[str, ast.FunctionDef](), 0
    for node, method in tests:
        helpers = helpers_of(node)
        meanings = NameMeanings(
            entry,
            frozenset(module.modules),
            frozenset(helpers),
            _asserting(helpers),
            module.aliases,
        )
        prepared = [*_class_values(node), *(s for m in _set_up(helpers) for s in m.body)]
        try:
            probe = probe_of(method, prepared, meanings, module.known)
            helping |= _helping(probe, helpers, meanings)
        except Rejected:
            unused += 1
            continue
        if any(probe.name == other.name for other in probes):  # in another class
            probe.name = f"{node.name}_{probe.name}"
        probes.append(probe)
    before = _needed_before(module, probes, helping.values())
    return Probes(probes, before, list(helping.values()), unused)


def _class_values(node: ast.ClassDef) -> list[ast.stmt]:
    """The attributes of a test class, as statements of setUp that set them."""
    assignments: list[ast.stmt] = []
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name != "maxDiff":
                target = ast.Attribute(ast.Name("self", ast.Load()), name, ast.Store())
                assignments.append(ast.Assign([target], value))
    return assignments


def _helping(
    probe: Probe, helpers: Mapping[str, ast.FunctionDef], meanings: NameMeanings
) -> dict[str, ast.FunctionDef]:
    """The methods that a probe calls, and those that these call, by name."""
    helping: dict[str, ast.FunctionDef] = {}
    pending = _names_of(*probe.statements) & set(helpers)
    while pending:
        name = min(pending)
        helping[name] = helper_of(helpers[name], meanings)
        pending = (pending | _names_of(helping[name]) & set(helpers)) - set(helping)
    return helping


def _needed_before(
    module: UnittestModule, probes: list[Probe], helpers: Iterable[ast.FunctionDef]
) -> list[ast.stmt]:
    """The imports, functions and values of the test module that probes and helpers read."""
    read = names_in(*(s for probe in probes for s in probe.statements), *helpers)
    needed: list[ast.stmt] = []
    for statement in reversed(module.others):
        if bound_by(statement) & read:
            needed.insert(0, statement)
            read |= names_in(statement)
    imports = [s for s in module.imports if bound_by(s) & read or "*" in ast.unparse(s)]
    return [*imports, *map(_guarded, needed)]


def _guarded(statement: ast.stmt) -> ast.stmt:
    """A function with conditions that are guarded; any other statement as it is."""
    if not isinstance(statement, ast.FunctionDef):
        return statement
    guarded: ast.stmt = Guarded().visit(copy.deepcopy(statement))
    return guarded
