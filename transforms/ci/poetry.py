"""What poetry's own tables of pyproject.toml ask for, as requirements that others know too."""

import re
from collections.abc import Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

ELSEWHERE = {"path", "git", "url", "file"}  # keys of what comes from no index
VERSION = re.compile(r"\d+(\.\d+)*([a-z]+\d*)?")


def poetry_table(pyproject: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table `tool.poetry`; empty if there is none."""
    return _table(_table(pyproject, "tool"), "poetry")


def poetry_requirements(pyproject: Mapping[str, Any]) -> list[str]:
    """What a project needs to run, without what only its extras need."""
    return _requirements(_table(poetry_table(pyproject), "dependencies"))


def poetry_groups(pyproject: Mapping[str, Any]) -> dict[str, list[str]]:
    """The requirements of each group that is installed if nothing is said, and of optional ones."""
    poetry = poetry_table(pyproject)
    groups = {
        name: _requirements(_table(settings, "dependencies"))
        for name, settings in _table(poetry, "group").items()
        if isinstance(settings, dict)
    }
    if "dev-dependencies" in poetry:
        groups["dev"] = [*groups.get("dev", []), *_requirements(_table(poetry, "dev-dependencies"))]
    return groups


def optional_groups(pyproject: Mapping[str, Any]) -> set[str]:
    """The names of the groups that are installed only if they are asked for."""
    groups = _table(poetry_table(pyproject), "group")
    return {name for name in groups if _table(groups, name).get("optional") is True}


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = table.get(name)
    return inner if isinstance(inner, dict) else {}


def _requirements(table: Mapping[str, Any]) -> list[str]:
    found = (_requirement(str(name), value) for name, value in table.items() if name != "python")
    return [each for each in found if each]


def _requirement(name: str, value: Any) -> str | None:
    """A requirement; None if it is optional, or comes from elsewhere than an index."""
    if isinstance(value, list):
        value = value[-1] if value else None
    settings = value if isinstance(value, dict) else {"version": value}
    if settings.get("optional") or ELSEWHERE & settings.keys():
        return None
    extras = settings.get("extras")
    names = ",".join(map(str, extras)) if isinstance(extras, list) and extras else ""
    text = name + (f"[{names}]" if names else "") + specifier(str(settings.get("version", "*")))
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        return name


def specifier(version: str) -> str:
    """A version as poetry writes it, as other installers do; empty if it allows every one.

    >>> [specifier(v) for v in ("^1.2", "^0.3.1", "~2.1", "1.5.*", ">=1,<3", "*", "^1 || ^2", "7")]
    ['>=1.2,<2', '>=0.3.1,<0.4', '>=2.1,<2.2', '==1.5.*', '>=1,<3', '', '', '==7']
    """
    if "|" in version:
        return ""
    parts = [part.strip().replace(" ", "") for part in version.split(",")]
    return ",".join(filter(None, map(_part, parts)))


def _part(part: str) -> str:
    if part in ("", "*"):
        return ""
    sign, number = part[0], part.lstrip("^~=")
    if sign in "^~" and VERSION.fullmatch(number) and not part.startswith("~="):
        numbers = [int(each) for each in re.findall(r"\d+", number.partition("-")[0])[:3]]
        place = min(1, len(numbers) - 1)
        if sign == "^":
            place = next((i for i, each in enumerate(numbers) if each), len(numbers) - 1)
        upper = [*numbers[:place], numbers[place] + 1]
        return f">={number},<{'.'.join(map(str, upper))}"
    return f"=={part}" if part[0].isdigit() else part
