"""What an installing command asks for: requirements, the project itself, its extras and groups."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement

from transforms.ci.known_programs import TOOLS


@dataclass(frozen=True)
class Installation:
    """What an installing command asks for; `project` is none, install or editable."""

    deps: tuple[str, ...] = ()
    project: str = "none"
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """A command by what it is for.

    `kind` is test, install (`installation` says what), runner (an install step that only the
    project knows), handover (to tox: `words` are its arguments), system (packages of the system),
    or left_out, for the reason `why`.
    """

    kind: str
    words: tuple[str, ...] = ()
    why: str = ""
    installation: Installation = field(default_factory=Installation)


# Options of pip's install that take a value, and whether they are kept.
INSTALL_VALUES = {
    **dict.fromkeys(("-r", "--requirement", "-c", "--constraint"), True),
    **dict.fromkeys(("-i", "--index-url", "--extra-index-url", "-f", "--find-links"), False),
    **dict.fromkeys(("-t", "--target", "--prefix", "--root", "--src", "--cache-dir"), False),
    **dict.fromkeys(("--trusted-host", "--only-binary", "--no-binary", "--platform"), False),
    **dict.fromkeys(("--upgrade-strategy", "--progress-bar", "--timeout", "--retries"), False),
    **dict.fromkeys(("--global-option", "--install-option", "--config-settings", "-C"), False),
    **dict.fromkeys(
        ("--log", "--proxy", "--exists-action", "--python", "--default-timeout"), False
    ),
}
LONG_FORMS = {"--requirement": "-r", "--constraint": "-c"}
PROJECT = re.compile(
    r"(?:\./?|file:///?\.?|\{root\}/?|\.\./?)(?:\[(?P<extras>[^\]]*)\])?(?:\[.*\])?"
)
WITH_EXTRAS = re.compile(r"(?P<path>\.{1,2}/?|\{root\})\[(?P<extras>[\w,. -]*)\]")


def requirements_of(arguments: list[str]) -> Action:
    """What an installation installs."""
    deps: list[str] = []
    project, extras, groups = "none", [], []
    words, editable = list(arguments), False
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        short = re.fullmatch(r"-[UIqv]*([rce])(.*)", word)
        if name == "--group" or (name in INSTALL_VALUES and (equals or words)):
            value = value if equals else (words.pop(0) if words else "")
            if name == "--group":
                groups.append(value.rpartition(":")[2])
            elif INSTALL_VALUES[name]:
                deps.append(f"{LONG_FORMS.get(name, name)} {value}")
        elif name in ("-e", "--editable"):
            editable = True
            if equals:
                words.insert(0, value)
        elif short and short[1] in "rc":
            deps.append(f"-{short[1]} {short[2] or (words.pop(0) if words else '')}")
        elif short:
            editable = True
            words = [short[2], *words] if short[2] else words
        elif word.startswith("-"):
            continue
        elif match := PROJECT.fullmatch(word):
            project = "editable" if editable else "install"
            extras += _names(match["extras"])
            editable = False
        else:
            deps += [] if _is_archive_of_project(word) else [word]
            project = "install" if _is_archive_of_project(word) and project == "none" else project
            editable = False
    installation = Installation(tuple(deps), project, tuple(extras), tuple(groups))
    return Action("install", ("pip", "install", *arguments), installation=installation)


def _is_archive_of_project(word: str) -> bool:
    """Whether a word names what the project's own build made: dist/*.whl."""
    return word.startswith(("dist/", "./dist/")) or word.endswith(".whl")


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def uv_action(rest: list[str]) -> Action:
    """What a command of uv is for, by the words after `uv`."""
    match rest:
        case ["pip", "install" | "sync", *arguments]:
            return requirements_of(arguments)
        case ["sync", *arguments]:
            return _sync(arguments)
        case ["tool", "install", *_] | ["venv" | "python" | "lock" | "build" | "cache", *_]:
            return Action("left_out", ("uv", *rest), "no test")
    return Action("left_out", ("uv", *rest), "no test")


def _sync(arguments: list[str]) -> Action:
    """`uv sync`: the project with its `dev` group, extras and groups."""
    extras = list(_values(arguments, ("--extra",)))
    groups = [] if {"--no-dev", "--no-default-groups"} & set(arguments) else ["dev"]
    groups += _values(arguments, ("--group", "--only-group"))
    extras += ["*"] if "--all-extras" in arguments else []
    groups += ["*"] if "--all-groups" in arguments else []
    installation = Installation((), "editable", tuple(extras), tuple(groups))
    return Action("install", ("uv", "sync", *arguments), installation=installation)


def _values(words: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """The values of options, `--extra a,b` and `--extra=a`, one after another."""
    for place, word in enumerate(words):
        name, equals, own = word.partition("=")
        if name in options:
            following = words[place + 1] if place + 1 < len(words) else ""
            yield from (own if equals else following).replace(",", " ").split()


def project_tool_action(name: str, rest: list[str]) -> Action:
    """What a command of poetry, pipenv, pdm, hatch, rye or flit is for."""
    words = (name, *rest)
    if rest[:1] in (["install"], ["sync"], ["update"]):
        extras = list(_values(rest, ("-E", "--extras", "--extra")))
        groups = list(_values(rest, ("--with", "--group", "-G", "--only")))
        extras += ["*"] if "--all-extras" in rest else []
        groups += [] if "--no-dev" in rest else ["dev"]
        installation = Installation((), "editable", tuple(extras), tuple(groups))
        return Action("install", words, installation=installation)
    if name == "hatch" and rest[:1] == ["test"]:
        return Action("test", ("python", "-m", "pytest", *[w for w in rest[1:] if w[:1] != "-"]))
    return Action("left_out", words, "no test")


def is_tool(dependency: str) -> bool:
    """Whether a requirement is a tool that measures, builds or lints, and no part of the tests."""
    try:
        name = Requirement(dependency).name
    except InvalidRequirement:
        return False
    return re.sub(r"[-_.]+", "-", name).lower() in TOOLS
