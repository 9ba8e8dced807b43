"""A module of unittest taken apart: what it imports of the solution, its tests, what they need."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.probe_harness import harness_text
from transforms.lib.problems.probes.unittests import Names, Probe, helper_of, probe_of
from transforms.lib.python.literals import Unparsable, parse
from transforms.lib.python.modules import methods
from transforms.lib.python.scopes import bound_by, names_in

RUNNERS = {"unittest", "pytest"}  # imports that a probe does not need
PREPARES = "setUp"


@dataclass
class TestModule:
    """`exported` are the names of the solution that it uses (`aliases`: under other names),
    `modules` names of the solution's module itself; `tests` are methods with their class."""

    exported: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    imports: list[ast.stmt] = field(default_factory=list)
    others: list[ast.stmt] = field(default_factory=list)
    tests: list[tuple[ast.ClassDef, ast.FunctionDef]] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)


def read_tests(text: str, solution: str, beside: Mapping[str, str]) -> TestModule:
    """The parts of a test module; `beside` are the texts of other modules that it may import."""
    found = TestModule()
    tree = parse(text)
    for statement in _statements(tree.body):
        _sort(statement, found, solution, beside)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in found.modules
        ):
            found.exported.add(node.attr)
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of the module, those of a `try` around imports among them."""
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from statement.body
        else:
            yield statement


def _sort(node: ast.stmt, found: TestModule, solution: str, beside: Mapping[str, str]) -> None:
    match node:
        case ast.ImportFrom(module=module, names=names) if module == solution:
            found.exported |= {alias.name for alias in names}
            found.aliases |= {alias.asname: alias.name for alias in names if alias.asname}
        case ast.Import(names=names) if any(alias.name == solution for alias in names):
            found.modules |= {alias.asname or alias.name for alias in names}
        case ast.ImportFrom(module=module) if module in beside:
            rest = {name: text for name, text in beside.items() if name != module}
            for statement in parse(beside[str(module)]).body:
                _sort(statement, found, solution, rest)
        case ast.ImportFrom(module=name) | ast.Import(names=[ast.alias(name=name)]):
            if str(name).partition(".")[0] not in RUNNERS or name == "unittest.mock":
                found.imports.append(node)
        case ast.ClassDef() if any(m.name.startswith("test") for m in methods(node)):
            found.tests += [(node, m) for m in methods(node) if m.name.startswith("test")]
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))) | ast.Expr():
            return
        case _:
            found.others.append(node)
            _learn(node, found.known)


def _learn(node: ast.stmt, known: dict[str, Any]) -> None:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        try:
            known[node.targets[0].id] = fold(node.value, known)
        except Unparsable:
            return


def helpers_of(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """The methods of a test class that are no tests."""
    return {m.name: m for m in methods(node) if not m.name.startswith("test")}


def used_by(module: TestModule, node: ast.ClassDef, method: ast.FunctionDef) -> set[str]:
    """The names of the solution that a test method uses, itself or through what helps it."""
    helpers = helpers_of(node)
    reached, pending = set[str](), list[ast.stmt]([method, *_prepares(helpers)])
    while pending:
        names = _names_of(pending.pop())
        pending += [m for n, m in helpers.items() if n in names and n not in reached]
        pending += [s for s in module.others if bound_by(s) & (names - reached)]
        reached |= names
    return {module.aliases.get(name, name) for name in reached} & module.exported


def _prepares(helpers: Mapping[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    return [helpers[PREPARES]] if PREPARES in helpers else []


def _names_of(*nodes: ast.AST) -> set[str]:
    """Names and attributes that are written below nodes."""
    inside = (inner for node in nodes for inner in ast.walk(node))
    return names_in(*nodes) | {node.attr for node in inside if isinstance(node, ast.Attribute)}


@dataclass(frozen=True)
class Probes:
    """Probes, the texts that stand before them, the methods that help them, and how many tests
    are not among them."""

    probes: list[Probe]
    before: list[str]
    helpers: list[ast.FunctionDef]
    unused: int

    def harness(self) -> str:
        """The harness that works them."""
        return harness_text(self.probes, self.before, self.helpers)


def probes_of(
    module: TestModule, tests: list[tuple[ast.ClassDef, ast.FunctionDef]], entry: str
) -> Probes:
    """The probes of test methods with what they need; some methods do what no probe can."""
    probes, helping, unused = list[Probe](), dict[str, ast.FunctionDef](), 0
    for node, method in tests:
        helpers = helpers_of(node)
        names = Names(entry, frozenset(module.modules), frozenset(helpers), module.aliases)
        prepared = [*_class_values(node), *(s for m in _prepares(helpers) for s in m.body)]
        try:
            probe = probe_of(method, prepared, names, module.known)
            helping |= _helping(probe, helpers, names)
        except Unparsable:
            unused += 1
            continue
        probes.append(probe)
    before = _module_texts(module, probes, helping.values())
    return Probes(probes, before, list(helping.values()), unused)


def _class_values(node: ast.ClassDef) -> list[ast.stmt]:
    """Attributes of a test class, as if setUp had set them."""
    found: list[ast.stmt] = []
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name != "maxDiff":
                target = ast.Attribute(ast.Name("self", ast.Load()), name, ast.Store())
                found.append(ast.Assign([target], value))
    return found


def _helping(
    probe: Probe, helpers: Mapping[str, ast.FunctionDef], names: Names
) -> dict[str, ast.FunctionDef]:
    """The methods that help a probe, and each other."""
    found: dict[str, ast.FunctionDef] = {}
    pending = _names_of(*probe.statements) & set(helpers)
    while pending:
        name = min(pending)
        found[name] = helper_of(helpers[name], names)
        pending = (pending | _names_of(found[name]) & set(helpers)) - set(found)
    return found


def _module_texts(
    module: TestModule, probes: list[Probe], helpers: Iterable[ast.FunctionDef]
) -> list[str]:
    """Imports, and functions and values of the test module, that probes and helpers read."""
    read = names_in(*(s for probe in probes for s in probe.statements), *helpers)
    needed: list[ast.stmt] = []
    for statement in reversed(module.others):
        if bound_by(statement) & read:
            needed.insert(0, statement)
            read |= names_in(statement)
    imports = [s for s in module.imports if bound_by(s) & read or "*" in ast.unparse(s)]
    return [ast.unparse(statement) + "\n" for statement in [*imports, *needed]]
