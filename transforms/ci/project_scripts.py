"""Scripts that projects name for hatch, pdm, rye, pipenv, poe and taskipy, as their commands."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.ci.installations import Installation
from transforms.ci.project_tree import ProjectTree

ARGUMENTS = re.compile(r"\{args:?(?P<default>[^{}]*)\}")


@dataclass(frozen=True)
class ProjectScript:
    """The commands that stand under a name, and what is installed for them."""

    lines: tuple[Any, ...]
    installation: Installation = Installation()


def _unwrapped(words: Sequence[str]) -> list[str]:
    """The words from the tool on that knows the script: of `uv run poe test`, `poe test`."""
    rest = list(words)
    while len(rest) > 2 and rest[1] == "run" and rest[2] in ("poe", "task"):
        rest = rest[2:]
    return rest[2:] if rest[:1] == ["python"] and rest[1:2] == ["-m"] else rest


def script_of(words: Sequence[str], tree: ProjectTree) -> tuple[ProjectScript | None, list[str]]:
    """The script that a command runs, and its arguments; no script where it runs something else.

    >>> pyproject = "[tool.poe.tasks]\\ntest = 'pytest -q'"
    >>> script_of(["poe", "test", "-x"], ProjectTree({"pyproject.toml": pyproject}, []))[0].lines
    ('pytest -q',)
    """
    words = _unwrapped(words)
    tool = tree.pyproject.get("tool")
    tools = tool if isinstance(tool, dict) else {}
    match list(words):
        case ["hatch", "run", name, *rest] | ["hatch", "-v", "run", name, *rest]:
            return _of_hatch(name, table_of(tools, "hatch", "envs")), rest
        case ["pdm", "run", name, *rest]:
            return _plain(table_of(tools, "pdm", "scripts").get(name)), rest
        case ["rye", "run", name, *rest]:
            return _plain(table_of(tools, "rye", "scripts").get(name)), rest
        case ["pipenv", "run", name, *rest]:
            return _plain(table_of(tree.pipfile, "scripts").get(name)), rest
        case ["poe", name, *rest]:
            return _plain(table_of(tools, "poe", "tasks").get(name)), rest
        case ["task", name, *rest]:
            return _plain(table_of(tools, "taskipy", "tasks").get(name)), rest
    return None, []


def table_of(table: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table inside of others; an empty one if it is not there, or no table."""
    for name in names:
        inner = table.get(name)
        table = inner if isinstance(inner, dict) else {}
    return table


def _plain(value: Any) -> ProjectScript | None:
    """A script that is a text, a list of words or of scripts, or a table that says which."""
    if isinstance(value, dict):
        keys = ("cmd", "shell", "composite", "sequence", "chain")
        value = next((value[key] for key in keys if key in value), None)
        if isinstance(value, list) and not any(" " in str(each) for each in value):
            value = [value]
    if value is None:
        return None
    return ProjectScript(tuple(value) if isinstance(value, list) else (value,))


def _of_hatch(name: str, environments: Mapping[str, Any]) -> ProjectScript | None:
    """A script of an environment of hatch, in which a script may name others."""
    environment, colon, script = name.rpartition(":")
    settings = table_of(environments, environment if colon else "default")
    scripts = dict(table_of(table_of(environments, "default"), "scripts"))
    scripts |= table_of(settings, "scripts")
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
    return ProjectScript(tuple(lines), Installation(tuple(deps), project, extras))


def words_of(line: Any, arguments: Sequence[str]) -> list[list[str]]:
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
