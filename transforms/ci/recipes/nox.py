"""Recipes of noxfile.py: the sessions that test, read from its syntax tree; it is not run."""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.ci.commands import action_of
from transforms.ci.project_tree import ProjectTree, strings
from transforms.ci.python_versions import as_numbers, closeness, named_version
from transforms.ci.recipe import Recipe
from transforms.ci.steps import NO_TESTS, without_tools
from transforms.ci.yaml_texts import UnreadableConfiguration

NAME, FILE = "nox", "noxfile.py"
INSTALLS = ("install", "poetry.installroot", "run_install")
RUNS = ("run", "run_always")


@dataclass
class _Session:
    name: str
    pythons: list[str]
    deps: list[str] = field(default_factory=list)
    project: str = "none"
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def read(tree: ProjectTree) -> list[Recipe]:
    """The recipes of all sessions that test, the most promising first.

    Raises UnreadableConfiguration if the file is no Python.
    """
    try:
        module = ast.parse(tree.texts[FILE])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableConfiguration(f"{type(error).__name__}: {error}"[:200]) from error
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    sessions = [
        _session(node, decorator, constants, tree)
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator).endswith(
            "session"
        )
    ]
    testing = [session for session in sessions if session.commands]
    testing.sort(key=lambda session: not NO_TESTS.search(session.name), reverse=True)
    return [_recipe(session, len(sessions)) for session in testing]


def _recipe(session: _Session, sessions: int) -> Recipe:
    versions = [version for text in session.pythons if (version := named_version(text))]
    return Recipe(
        source=NAME,
        python_named=max(versions, key=lambda v: (closeness(v), as_numbers(v)), default=None),
        deps=without_tools(session.deps),
        project=session.project,
        extras=tuple(session.extras),
        groups=tuple(session.groups),
        commands=tuple(session.commands),
        env=session.env,
        jobs=sessions,
        left_out=tuple(session.left_out),
    )


def _session(
    function: ast.FunctionDef,
    decorator: ast.expr,
    constants: dict[str, ast.expr],
    tree: ProjectTree,
) -> _Session:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    values = {keyword.arg: _resolved(keyword.value, constants) for keyword in keywords}
    name = next(iter(strings(values.get("name"))), function.name)
    session = _Session(name, strings(values.get("python")))
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            _read_call(session, node, constants, tree)
    return session


def _read_call(
    session: _Session, call: ast.Call, constants: dict[str, ast.expr], tree: ProjectTree
) -> None:
    name = _dotted(call.func).partition(".")[2]
    words = list(_words(call, constants))
    if name in INSTALLS:
        words = ["pip", "install", *(words or ["."] if name != "install" else words)]
    elif name not in RUNS or not words:
        return
    action = action_of(words, tree.setup_test)
    wanted = action.installation
    session.deps += wanted.deps
    session.project = wanted.project if wanted.project != "none" else session.project
    session.extras += wanted.extras
    session.groups += wanted.groups
    if action.kind == "test":
        session.commands.append(action.words)
        for keyword in call.keywords:
            if keyword.arg == "env" and isinstance(keyword.value, ast.Dict):
                session.env |= _pairs(keyword.value)
    elif action.kind in ("left_out", "system", "handover"):
        session.left_out.append((" ".join(words)[:200], action.why or "another runner"))


def _pairs(node: ast.Dict) -> dict[str, str]:
    """The pairs of a dict whose key and value are strings."""
    found = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if len(names := strings(key)) == 1 and len(texts := strings(value)) == 1:
            found[names[0]] = texts[0]
    return found


def _words(call: ast.Call, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The arguments that are strings, also those of lists that are spread."""
    for argument in call.args:
        value = argument.value if isinstance(argument, ast.Starred) else argument
        yield from strings(_resolved(value, constants))


def _resolved(node: ast.expr, constants: dict[str, ast.expr]) -> ast.expr:
    return constants.get(node.id, node) if isinstance(node, ast.Name) else node


def _dotted(node: ast.expr) -> str:
    parts = []
    for _ in itertools.repeat(None, 5):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
    return ".".join([*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)])
