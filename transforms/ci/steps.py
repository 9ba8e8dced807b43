"""The steps of a job, as lines of shell, become a recipe."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transforms.ci.ci_environment import without_secrets
from transforms.ci.installations import Action, is_tool
from transforms.ci.project_commands import actions_of
from transforms.ci.project_tree import ProjectTree
from transforms.ci.python_versions import closeness, named_version
from transforms.ci.recipe import Recipe
from transforms.ci.shell import NotSimple, Shell, ShellCommand

INSTALL, TEST = "install", "test"  # the phases of a job
# Words in the names of environments and sessions that are no tests.
NO_TESTS = re.compile(
    r"lint|docs?\b|mypy|pyright|typing|types?\b|style|format|flake8|black|isort|pylint|ruff|check|"
    r"report|clean|build|release|pre-?commit|manifest|bandit|safety|packag|bench|upload|changelog|"
    r"pypy|jython|nightly|windows|\bwin(32|64)?\b|macos|coverage$|dist\b|publish|dev\b|changes|"
    r"scan|audit|metrics|profil|demo"
)


RUNNERS = (("python", "-m", "pytest"), ("python", "-m", "unittest"))


@dataclass(frozen=True)
class Step:
    """A script of a job: whether it installs or tests.

    With `own_shell` it begins in `cwd` with `env`, and nothing of the steps before it holds.
    """

    phase: str
    script: str
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    own_shell: bool = False


@dataclass
class Handover:
    """A command that hands over to tox or nox: its words and variables."""

    words: tuple[str, ...]
    env: Mapping[str, str]


# A recipe of a configuration, and the runner that its job calls in place of tests of its own.
Found = tuple[Recipe, Handover | None]
# Runs tox with these arguments on a tree of these texts; returns what it printed.
RunTox = Callable[[Mapping[str, str], Sequence[str]], str]


@dataclass
class _Gathered:
    deps: list[str] = field(default_factory=list)
    project: str = "none"
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    tests: list[tuple[ShellCommand, tuple[str, ...]]] = field(default_factory=list)
    runners: list[tuple[str, ...]] = field(default_factory=list)
    system: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)
    script: list[str] = field(default_factory=list)


def recipe_of(
    source: str, steps: Iterable[Step], env: Mapping[str, str], tree: ProjectTree
) -> tuple[Recipe, Handover | None]:
    """The recipe of a job, and to which runner it hands its tests over, if it does."""
    gathered, shell = _Gathered(), Shell(env, tree.exists)
    for step in steps:
        if step.own_shell:
            shell = Shell({**env, **step.env}, tree.exists, step.cwd)
            shell.exported |= step.env
        try:
            commands = shell.run(step.script)
        except NotSimple as error:
            _keep_script(gathered, step, str(error))
            continue
        for command in commands:
            for action in actions_of(command.words, tree):
                _gather(gathered, command, action, step)
    return _recipe(source, gathered, env), _handover(gathered.handovers)


def _handover(handovers: Sequence[Handover]) -> Handover | None:
    """The first command that hands over to tox or nox and is about tests, by its words."""
    tests = (each for each in handovers if not NO_TESTS.search(" ".join(each.words[1:])))
    return next(tests, handovers[0] if handovers else None)


def asked_promise(handover: Handover | None) -> tuple[bool, tuple[int, int]]:
    """How good the environments of tox are that a job asks for: larger is better."""
    if handover is None:
        return True, closeness(None)
    words = " ".join([*handover.words[1:], handover.env.get("TOXENV", "")]).partition(" -- ")[0]
    return not NO_TESTS.search(words), closeness(named_version(words))


def _keep_script(gathered: _Gathered, step: Step, why: str) -> None:
    """A script that only a shell can run: the tests, or an installation that is left out."""
    if step.phase == TEST:
        gathered.script.append(step.script)
    else:
        gathered.left_out.append((step.script.strip()[:200], f"only a shell can run it: {why}"))


def _gather(gathered: _Gathered, command: ShellCommand, action: Action, step: Step) -> None:
    line = " ".join(command.words)[:200]
    wanted = action.installation
    gathered.deps += [dep for dep in wanted.deps if dep not in gathered.deps]
    if wanted.project != "none":
        gathered.project = (
            "editable"
            if wanted.project == "editable"
            else ("install" if gathered.project == "none" else gathered.project)
        )
    gathered.extras += [extra for extra in wanted.extras if extra not in gathered.extras]
    gathered.groups += [group for group in wanted.groups if group not in gathered.groups]
    match action.kind:
        case "test" if step.phase == TEST:
            gathered.tests.append((command, action.words))
        case "test" | "runner":
            gathered.runners.append(action.words)
        case "handover":
            gathered.handovers.append(Handover(action.words, {**step.env, **command.env}))
        case "system":
            gathered.system += action.words
            gathered.left_out.append((line, action.why))
        case "left_out":
            gathered.left_out.append((line, action.why))


def _recipe(source: str, gathered: _Gathered, env: Mapping[str, str]) -> Recipe:
    folder = _folder(gathered)
    tests = [(command, words) for command, words in gathered.tests if command.cwd == folder]
    others = [words for command, words in gathered.tests if command.cwd != folder]
    commands = tuple(words for _, words in tests)
    exported = {k: v for command, _ in tests for k, v in command.env.items()}
    left_out = [
        (" ".join(words)[:200], "another folder than that of the tests") for words in others
    ]
    return Recipe(
        source=source,
        deps=without_tools(gathered.deps),
        project=gathered.project,
        extras=tuple(gathered.extras),
        groups=tuple(gathered.groups),
        commands=commands,
        install_commands=tuple(gathered.runners),
        script="\n".join(gathered.script) or None,
        env=without_secrets({**env, **exported}),
        cwd=folder,
        system=tuple(dict.fromkeys(gathered.system)),
        left_out=(*gathered.left_out, *left_out),
    )


def _folder(gathered: _Gathered) -> str:
    """The folder of the tests: that of the first command which is surely one, or of the first."""
    sure = [command for command, words in gathered.tests if words[:3] in RUNNERS]
    return next((command.cwd for command in [*sure, *(c for c, _ in gathered.tests)]), ".")


def without_tools(deps: Sequence[str]) -> tuple[str, ...]:
    """The requirements without tools; a plug-in of pytest that is dropped leaves pytest.

    >>> without_tools(["pytest-cov>=4", "six", "codecov"])
    ('pytest', 'six')
    """
    kept = ["pytest" if is_tool(dep) and dep.startswith("pytest-") else dep for dep in deps]
    return tuple(dict.fromkeys(dep for dep in kept if not is_tool(dep)))
