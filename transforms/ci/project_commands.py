"""What a command is for where only the project can tell: its scripts, groups and Pipfile."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from transforms.ci.commands import action_of
from transforms.ci.installations import Action, Installation
from transforms.ci.known_programs import PREFIX_VALUES, SHELLS
from transforms.ci.poetry import optional_groups
from transforms.ci.project_scripts import script_of, table_of, words_of
from transforms.ci.project_tree import ProjectTree

MOST_DEPTH, MOST_ACTIONS = 5, 50  # of scripts that call one another, and all together
UV_FORMS = (("uv", "run"), ("uvx",), ("uv", "tool", "run"))


def actions_of(words: Sequence[str], tree: ProjectTree) -> list[Action]:
    """What a command is for, one action for each command that it stands for."""
    found: list[Action] = []
    waiting = [(list(words), 0)]
    while waiting and len(found) < MOST_ACTIONS:
        following, depth = waiting.pop(0)
        script, arguments = script_of(following, tree)
        if script is None or depth >= MOST_DEPTH:
            found += _of_uv(following, tree)
            found.append(_completed(action_of(following, tree.setup_test), tree))
            continue
        needed = script.installation
        found.append(Action("install", tuple(following), installation=needed))
        lines = script.lines[:MOST_ACTIONS]
        waiting[:0] = [(inner, depth + 1) for line in lines for inner in words_of(line, arguments)]
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
        for name, value in table_of(pipfile, table).items():
            settings = value if isinstance(value, dict) else {"version": value}
            if settings.get("path") in (".", "./"):
                project = "editable" if settings.get("editable") else "install"
                extras += [str(each) for each in settings.get("extras", [])]
            elif not {"path", "git", "file", "hg"} & settings.keys():
                version = str(settings.get("version", "*")).strip()
                deps.append(name if version in ("*", "") else f"{name}{version}")
    return Installation(tuple(deps), project, tuple(extras))
