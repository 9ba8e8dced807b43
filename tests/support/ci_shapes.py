"""Small configurations with the recipe that is right for each, as they stand in text files.

A shape begins with `=== name`; its files follow, each after `--- path`, and what is expected after
`--- expected`: a line of JSON for each column.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.ci.installations import is_tool
from transforms.ci.recipe import Recipe


@dataclass(frozen=True)
class Shape:
    """A project's texts by their paths, and the columns of its recipe."""

    name: str
    texts: dict[str, str]
    expected: dict[str, Any]


def shapes(place: Path) -> list[Shape]:
    """All shapes of a file."""
    return [_shape(text) for text in re.split(r"(?m)^=== ", place.read_text())[1:]]


def _shape(text: str) -> Shape:
    name, _, rest = text.partition("\n")
    texts = {}
    for part in re.split(r"(?m)^--- ", rest)[1:]:
        path, _, content = part.partition("\n")
        texts[path] = content
    lines = texts.pop("expected").splitlines()
    pairs = (line.partition(": ") for line in lines)
    return Shape(name, texts, {key: json.loads(value) for key, _, value in pairs})


def differences(recipe: Recipe, python: str, expected: dict[str, Any]) -> list[str]:
    """The columns in which a recipe is not as expected; tools may be among its requirements."""
    columns = {
        "source": recipe.source,
        "python_named": recipe.python_named,
        "project": "install" if recipe.project == "editable" else recipe.project,
        "extras": sorted(set(recipe.extras)),
        "groups": sorted(set(recipe.groups)),
        "commands": [list(words) for words in recipe.commands],
        "install_commands": [list(words) for words in recipe.install_commands],
        "cwd": recipe.cwd,
        "jobs": recipe.jobs,
        "tox_env": recipe.tox_env,
        "system": list(recipe.system),
        "python": python,
    }
    usual = {"extras": [], "groups": [], "cwd": ".", "python": "3.12"}
    wanted = {**usual, **{key: each for key, each in expected.items() if key in columns}}
    if wanted.get("project") == "editable":
        wanted["project"] = "install"
    found = [
        f"{key}: {columns[key]!r}, not {value!r}"
        for key, value in wanted.items()
        if columns[key] != (sorted(value) if key in ("extras", "groups") else value)
        and columns[key] not in (value if isinstance(value, list) else [])
        and columns[key] not in expected.get(f"{key}_may", [])
    ]
    must, may = set(expected.get("deps", [])), set(expected.get("deps_may", []))
    deps = set(recipe.deps)
    others = {dep for dep in deps - must - may if not is_tool(dep)}
    found += [f"deps: {deps}, not {must}"] if must - deps or others else []
    env = {key: value for key, value in recipe.env.items() if key in expected.get("env", {})}
    found += [f"env: {env}"] if env != expected.get("env", {}) else []
    found += [f"env has {name}" for name in expected.get("env_not", []) if name in recipe.env]
    return found
