"""Recipes of noxfile.py: the sessions that test, followed in its syntax tree; it is not run."""

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from transforms.ci.ci_environment import without_secrets
from transforms.ci.installations import Action
from transforms.ci.project_commands import actions_of
from transforms.ci.project_tree import ProjectTree
from transforms.ci.python_versions import as_numbers, closeness, named_version
from transforms.ci.recipe import Recipe
from transforms.ci.static_values import NotKnown, StaticValues
from transforms.ci.steps import NO_TESTS, Found, Handover, RunTox, without_tools
from transforms.ci.yaml_texts import UnreadableConfiguration

NAME, FILE = "nox", "noxfile.py"
INSTALLS = ("install", "poetry.installroot", "run_install", "conda_install")
RUNS = ("run", "run_always")
MOST_LOOPS = 20  # of a loop over a list that is written down
MOST_STATEMENTS = 2000  # that are followed of a session
MOST_SESSIONS = 500
MAX_CHARACTERS = 256 * 1024


@dataclass
class _Session:
    name: str
    pythons: list[str]
    jobs: int
    deps: list[str] = field(default_factory=list)
    project: str = "none"
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    runners: list[tuple[str, ...]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "."
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def python(self) -> str | None:
        """The interpreter that is closest to the preferred one."""
        versions = [version for text in self.pythons if (version := named_version(text))]
        return max(versions, key=lambda v: (closeness(v), as_numbers(v)), default=None)


def find(tree: ProjectTree, run_tox: RunTox) -> list[Found]:
    """The recipes of a project that has a noxfile; raises UnreadableConfiguration."""
    return [(recipe, None) for recipe in read(tree)] if FILE in tree.texts else []


def read(tree: ProjectTree, handover: Handover | None = None) -> list[Recipe]:
    """The recipes of all sessions that test, the most promising first.

    `handover` is the command of another configuration that calls nox. Raises
    UnreadableConfiguration if the file is no Python.
    """
    if len(tree.texts[FILE]) > MAX_CHARACTERS:
        raise UnreadableConfiguration(f"over {MAX_CHARACTERS} characters")
    try:
        module = ast.parse(tree.texts[FILE])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableConfiguration(f"{type(error).__name__}: {error}"[:200]) from error
    constants = StaticValues({})
    for node in module.body:
        _bind(node, constants)
    sessions = [
        _Reader(node, decorator, constants, tree).session
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if _dotted(_called(decorator)).rpartition(".")[2] == "session"
    ][:MOST_SESSIONS]
    asked = _asked(handover)
    testing = [session for session in sessions if session.commands]
    testing.sort(
        key=lambda session: (session.name in asked, not NO_TESTS.search(session.name)),
        reverse=True,
    )
    jobs = sum(session.jobs for session in sessions)
    return [_recipe(session, jobs) for session in testing]


def _asked(handover: Handover | None) -> set[str]:
    """The sessions that a command asks for, without their versions and parameters."""
    words = handover.words[1:] if handover else ()
    named = (word for word in words if not word.startswith("-"))
    return {word.partition("(")[0].rpartition("-")[0] or word for word in named} | set(words)


def _recipe(session: _Session, jobs: int) -> Recipe:
    return Recipe(
        source=NAME,
        python_named=session.python,
        deps=without_tools(session.deps),
        project=session.project,
        extras=tuple(dict.fromkeys(session.extras)),
        groups=tuple(dict.fromkeys(session.groups)),
        commands=tuple(session.commands),
        install_commands=tuple(session.runners),
        env=without_secrets(session.env),
        cwd=session.cwd,
        jobs=jobs,
        left_out=tuple(session.left_out),
    )


class _Reader:
    """Follows the statements of a session, with the last value of each parameter."""

    def __init__(
        self,
        function: ast.FunctionDef,
        decorator: ast.expr,
        constants: StaticValues,
        tree: ProjectTree,
    ) -> None:
        self._tree = tree
        self._own = function.args.args[0].arg if function.args.args else "session"
        values = StaticValues(constants.names, self._assumed)
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        named = {each.arg: values.texts([each.value]) for each in keywords}
        pythons = named.get("python") or named.get("py") or []
        name = next(iter(named.get("name", [])), function.name)
        self.session = _Session(name, pythons, max(1, len(pythons)))
        self._values = values
        for each in function.decorator_list:
            if isinstance(each, ast.Call) and _dotted(each.func).endswith("parametrize"):
                self._parametrize(each)
        self._left = MOST_STATEMENTS
        for statement in function.body:
            self._follow(statement)

    def _assumed(self, node: ast.expr) -> str | list[str] | None:
        match node:
            case ast.Attribute(value=ast.Name(id=self._own), attr="posargs" | "interactive"):
                return []
            case ast.Attribute(value=ast.Name(id=self._own), attr="python"):
                return self.session.python or []
            case ast.Call(args=[_, default]) if _dotted(node.func) in (
                "os.environ.get",
                "os.getenv",
            ):
                return self._values.of(default)
        return None

    def _parametrize(self, call: ast.Call) -> None:
        """Give the names their last values: versions are written in order."""
        given = call.args[1] if len(call.args) > 1 else ast.List([])
        each_value = given.elts if isinstance(given, ast.List | ast.Tuple) else []
        inner = [each.args if isinstance(each, ast.Call) else [each] for each in each_value]
        values = [self._values.texts(each) for each in inner]
        values = values or [[text] for text in self._values.texts([given])]
        names = ",".join(self._values.texts(call.args[:1])).split(",")
        self.session.jobs *= max(1, len(values))
        last = zip((name.strip() for name in names), values[-1] if values else [], strict=False)
        self._values.names |= dict(last)

    def _follow(self, node: ast.stmt) -> None:
        """What a statement does, and those in it."""
        self._left -= 1
        if self._left < 0:
            return
        match node:
            case ast.If(test=test, body=body, orelse=other):
                known = self._condition(test)
                chosen = [*body, *other] if known is None else body if known else other
                for each in chosen:
                    self._follow(each)
            case ast.For(target=ast.Name(id=name), iter=values, body=body):
                for value in self._values.texts([values])[:MOST_LOOPS]:
                    self._values.names[name] = value
                    for each in body:
                        self._follow(each)
            case ast.With(items=items, body=body):
                for item in items:
                    self._call(item.context_expr)
                for each in body:
                    self._follow(each)
            case ast.Try(body=body, finalbody=last):
                for each in (*body, *last):
                    self._follow(each)
            case ast.Assign(targets=[ast.Subscript(value=target, slice=key)], value=value):
                if _dotted(target) == f"{self._own}.env":
                    self._set(self._values.texts([key]), self._values.texts([value]))
            case ast.Expr(value=value):
                self._call(value)
            case _:
                _bind(node, self._values)

    def _condition(self, test: ast.expr) -> bool | None:
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                known = self._condition(inner)
                return None if known is None else not known
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[r]):
                try:
                    return (self._values.of(left) == self._values.of(r)) is isinstance(
                        operator, ast.Eq
                    )
                except NotKnown:
                    return None
        try:
            return bool(self._values.of(test))
        except NotKnown:
            return None

    def _call(self, call: ast.expr) -> None:
        if not isinstance(call, ast.Call):
            return
        owner, _, name = _dotted(call.func).partition(".")
        if owner != self._own:
            self._change_list(call)
            return
        self.session.groups += self._groups(call)
        words = self._values.texts(call.args)
        if name in ("chdir", "cd"):
            self.session.cwd = words[0] if words else "."
        elif name == "env.update":
            for argument in call.args:
                self._pairs(argument)
        elif name in INSTALLS:
            pip = name in ("install", "poetry.installroot", "conda_install")
            words = words or (["."] if name == "poetry.installroot" else [])
            self._command(["pip", "install", *words] if pip else words, call)
        elif name in RUNS and words:
            self._command(words, call)

    def _change_list(self, call: ast.Call) -> None:
        """`args.append("-v")` of a local list."""
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"):
                known = self._values.names.get(name)
                if isinstance(known, list):
                    self._values.names[name] = [*known, *self._values.texts(call.args)]

    def _groups(self, call: ast.Call) -> Iterator[str]:
        """The names in `*nox.project.dependency_groups(PROJECT, "test")`."""
        for argument in call.args:
            inner = argument.value if isinstance(argument, ast.Starred) else argument
            if isinstance(inner, ast.Call) and _dotted(inner.func).endswith("dependency_groups"):
                yield from self._values.texts(inner.args[1:])

    def _command(self, words: Sequence[str], call: ast.Call) -> None:
        for action in actions_of(words, self._tree):
            self._act(action, call)

    def _act(self, action: Action, call: ast.Call) -> None:
        session, wanted = self.session, action.installation
        session.deps += wanted.deps
        session.project = wanted.project if wanted.project != "none" else session.project
        session.extras += wanted.extras
        session.groups += wanted.groups
        if action.kind == "test":
            session.commands.append(action.words)
            for keyword in call.keywords:
                if keyword.arg == "env":
                    self._pairs(keyword.value)
        elif action.kind == "runner":
            session.runners.append(action.words)
        elif action.kind in ("left_out", "system", "handover"):
            line = " ".join(action.words)[:200]
            session.left_out.append((line, action.why or "another runner"))

    def _pairs(self, node: ast.expr) -> None:
        """Set the variables of a dict whose keys and values are known."""
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    self._set(self._values.texts([key]), self._values.texts([value]))

    def _set(self, names: Sequence[str], values: Sequence[str]) -> None:
        if len(names) == len(values) == 1:
            self.session.env[names[0]] = values[0]


def _bind(node: ast.stmt, values: StaticValues) -> None:
    """Give the names of an assignment their values, if these are known."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=added):
            value = ast.BinOp(ast.Name(name), ast.Add(), added)
        case _:
            return
    try:
        values.names[name] = values.of(value)
    except NotKnown:
        values.names.pop(name, None)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _dotted(node: ast.expr) -> str:
    parts = []
    for _ in itertools.repeat(None, 5):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
    return ".".join([*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)])
