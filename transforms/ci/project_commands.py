"""What a command is for where only the project can tell: its own scripts, and what they need.

`hatch run NAME`, `pdm run NAME`, `pipenv run NAME`, `poe NAME` and `task NAME` run what
pyproject.toml or a Pipfile say under that name.
"""

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from transforms.ci.commands import action_of
from transforms.ci.installations import Action, Installation
from transforms.ci.known_programs import PREFIX_VALUES, SHELLS
from transforms.ci.poetry import optional_groups
from transforms.ci.project_tree import ProjectTree

MOST_DEPTH, MOST_ACTIONS = 5, 50  # of scripts that call one another, and all together
UV_FORMS = (("uv", "run"), ("uvx",), ("uv", "tool", "run"))
ARGUMENTS = re.compile(r"\{args:?(?P<default>[^{}]*)\}")


@dataclass(frozen=True)
class _Script:
    """The commands that stand under a name, and what is installed for them."""

    lines: tuple[Any, ...]
    installation: Installation = Installation()


def actions_of(words: Sequence[str], tree: ProjectTree) -> list[Action]:
    """What a command is for, one action for each command that it stands for."""
    found: list[Action] = []
    waiting = [(list(words), 0)]
    while waiting and len(found) < MOST_ACTIONS:
        following, depth = waiting.pop(0)
        script, arguments = _script(_unwrapped(following), tree)
        if script is None or depth >= MOST_DEPTH:
            found += _of_uv(following, tree)
            found.append(_completed(action_of(following, tree.setup_test), tree))
            continue
        needed = script.installation
        found.append(Action("install", tuple(following), installation=needed))
        lines = script.lines[:MOST_ACTIONS]
        waiting[:0] = [(inner, depth + 1) for line in lines for inner in _words(line, arguments)]
    return found


def _of_uv(words: Sequence[str], tree: ProjectTree) -> list[Action]:
    """What `uv run` installs before it runs anything: the project, unless it is told not to."""
    wrapped = next((form for form in UV_FORMS if tuple(words[: len(form)]) == form), None)
    if wrapped is None:
        return []
    options = list(words[len(wrapped) :])
    deps, extras, groups = [], list[str](), ["dev"]
    bare = wrapped != ("uv", "run") or not tree.is_installable
    while options and options[0].startswith("-") and options[0] not in ("-m", "--module"):
        name, equals, value = options.pop(0).partition("=")
        bare = bare or name in ("--no-project", "--only-group")
        if name in ("--no-dev", "--no-default-groups"):
            groups.remove("dev")
        if name in PREFIX_VALUES and not equals:
            value = options.pop(0) if options else ""
        if name in ("--with", "--with-requirements"):
            deps += [value] if name == "--with" else [f"-r {value}"]
        if name in ("--group", "--only-group"):
            groups.append(value)
        if name in ("--extra", "--all-extras"):
            extras.append(value or "*")
    if "--no-sync" in words:
        return [Action("install", tuple(words), installation=Installation(tuple(deps)))]
    known = [name for name in groups if _is_group(name, tree)]
    wanted = Installation(tuple(deps), "none" if bare else "editable", tuple(extras), tuple(known))
    return [Action("install", tuple(words), installation=wanted)]


def _completed(action: Action, tree: ProjectTree) -> Action:
    """An installation by pipenv, with what the Pipfile says; no script that is not there."""
    shell, *rest = action.words or ("",)
    scripts = [word for word in rest if not word.startswith("-")]
    if action.kind in ("test", "runner") and shell in SHELLS and scripts and "-c" not in rest:
        name = posixpath.basename(scripts[0])
        if not any(posixpath.basename(path) == name for path in tree.paths):
            return Action("left_out", action.words, "a script that is not in the tree")
    if action.kind != "install":
        return action
    match action.words:
        case ["pipenv", *_]:
            return replace(action, installation=_of_pipenv(action.words, tree))
        case ["poetry", *_]:
            groups = _groups_of_poetry(action.words, tree)
        case ["uv", "sync", *_]:
            groups = [name for name in action.installation.groups if _is_group(name, tree)]
        case _:
            return action
    return replace(action, installation=replace(action.installation, groups=tuple(groups)))


def _is_group(name: str, tree: ProjectTree) -> bool:
    """Whether uv would install a group; that of developers is asked for if nothing is said."""
    return name != "dev" or name in tree.groups


def _groups_of_poetry(words: Sequence[str], tree: ProjectTree) -> list[str]:
    """The groups that `poetry install` installs: all but optional ones, if nothing is said."""
    asked: dict[str, list[str]] = {"--with": [], "--without": [], "--only": []}
    for option, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = option.partition("=")
        if name in asked:
            asked[name] += re.split(r"[,\s]+", value if equals else following)
    if asked["--only"]:
        return [name for name in asked["--only"] if name != "main"]
    known = [*tree.poetry_groups, *(name for name in tree.groups if name not in tree.poetry_groups)]
    chosen = [name for name in known if name not in optional_groups(tree.pyproject)]
    chosen += [name for name in asked["--with"] if name and name not in chosen]
    no_dev = ["dev"] if "--no-dev" in words else []
    return [name for name in chosen if name not in [*asked["--without"], *no_dev]]


def _of_pipenv(words: Sequence[str], tree: ProjectTree) -> Installation:
    tables = ["packages"]
    if {"--dev", "-d"} & set(words):
        tables.append("dev-packages")
    return _of_pipfile(tree.pipfile, tables)


def _of_pipfile(pipfile: Mapping[str, Any], tables: Sequence[str]) -> Installation:
    deps, project, extras = [], "none", list[str]()
    for table in tables:
        for name, value in _table(pipfile, table).items():
            settings = value if isinstance(value, dict) else {"version": value}
            if settings.get("path") in (".", "./"):
                project = "editable" if settings.get("editable") else "install"
                extras += [str(each) for each in settings.get("extras", [])]
            elif not {"path", "git", "file", "hg"} & settings.keys():
                version = str(settings.get("version", "*")).strip()
                deps.append(name if version in ("*", "") else f"{name}{version}")
    return Installation(tuple(deps), project, tuple(extras))


def _unwrapped(words: Sequence[str]) -> list[str]:
    """The words from the tool on that knows the script: of `uv run poe test`, `poe test`."""
    rest = list(words)
    while len(rest) > 2 and rest[1] == "run" and rest[2] in ("poe", "task"):
        rest = rest[2:]
    return rest[2:] if rest[:1] == ["python"] and rest[1:2] == ["-m"] else rest


def _script(words: Sequence[str], tree: ProjectTree) -> tuple[_Script | None, list[str]]:
    tool = tree.pyproject.get("tool")
    tools = tool if isinstance(tool, dict) else {}
    match list(words):
        case ["hatch", "run", name, *rest] | ["hatch", "-v", "run", name, *rest]:
            return _of_hatch(name, _table(tools, "hatch", "envs")), rest
        case ["pdm", "run", name, *rest]:
            return _plain(_table(tools, "pdm", "scripts").get(name)), rest
        case ["rye", "run", name, *rest]:
            return _plain(_table(tools, "rye", "scripts").get(name)), rest
        case ["pipenv", "run", name, *rest]:
            return _plain(_table(tree.pipfile, "scripts").get(name)), rest
        case ["poe", name, *rest]:
            return _plain(_table(tools, "poe", "tasks").get(name)), rest
        case ["task", name, *rest]:
            return _plain(_table(tools, "taskipy", "tasks").get(name)), rest
    return None, []


def _table(table: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = table.get(name)
        table = inner if isinstance(inner, dict) else {}
    return table


def _plain(value: Any) -> _Script | None:
    """A script that is a text, a list of words or of scripts, or a table that says which."""
    if isinstance(value, dict):
        keys = ("cmd", "shell", "composite", "sequence", "chain")
        value = next((value[key] for key in keys if key in value), None)
        if isinstance(value, list) and not any(" " in str(each) for each in value):
            value = [value]
    if value is None:
        return None
    return _Script(tuple(value) if isinstance(value, list) else (value,))


def _of_hatch(name: str, environments: Mapping[str, Any]) -> _Script | None:
    """A script of an environment of hatch, in which a script may name others."""
    environment, colon, script = name.rpartition(":")
    settings = _table(environments, environment if colon else "default")
    scripts = dict(_table(_table(environments, "default"), "scripts"))
    scripts |= _table(settings, "scripts")
    if script not in scripts:
        return None
    lines: list[str] = []
    for line in scripts[script] if isinstance(scripts[script], list) else [scripts[script]]:
        first, _, rest = str(line).removeprefix("- ").partition(" ")
        inner = scripts.get(first) if first != script else None
        if isinstance(inner, list):
            lines += map(str, inner)
        else:
            lines.append(f"{inner} {rest}" if inner is not None else f"{first} {rest}")
    deps = [
        str(each)
        for key in ("dependencies", "extra-dependencies")
        for each in settings.get(key, [])
        if isinstance(settings.get(key), list)
    ]
    features = settings.get("features")
    extras = tuple(map(str, features)) if isinstance(features, list) else ()
    project = "none" if settings.get("skip-install") or settings.get("detached") else "editable"
    return _Script(tuple(lines), Installation(tuple(deps), project, extras))


def _words(line: Any, arguments: Sequence[str]) -> list[list[str]]:
    """The commands of a line, with the arguments where they belong."""
    if isinstance(line, list):
        return [[*map(str, line), *arguments]] if line else []
    text = str(line.get("cmd", "")) if isinstance(line, dict) else str(line)
    given = " ".join(map(shlex.quote, arguments))
    if ARGUMENTS.search(text):
        text = ARGUMENTS.sub(lambda match: given or match["default"], text)
    elif arguments:
        text = f"{text} {given}"
    try:
        return [words for part in text.split("&&") if (words := shlex.split(part))]
    except ValueError:
        return []
