"""Recipes of tox: tox itself reads its configuration, inside the sandbox; the rest is chosen here.

tox.ini, setup.cfg, tox.toml and pyproject.toml are read by tox alone, for its factors,
substitutions and references are a language of their own. What would run code of others is switched
off: plug-ins named in `requires`, foreign runners, toxfile.py.
"""

import configparser
import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from transforms.ci.ci_environment import without_secrets
from transforms.ci.commands import action_of
from transforms.ci.installations import Installation
from transforms.ci.project_commands import actions_of
from transforms.ci.project_tree import ProjectTree
from transforms.ci.python_versions import PREFERRED, closeness
from transforms.ci.recipe import ROOT, TEMPORARY, Recipe
from transforms.ci.steps import NO_TESTS, Found, Handover, RunTox, without_tools
from transforms.ci.yaml_texts import UnreadableConfiguration

NAME = "tox"
FILES = ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml")
SWITCHES = (
    *("-x", "tox.requires=", "-x", "requires="),
    *("-x", "testenv.runner=virtualenv", "-x", "env_run_base.runner=virtualenv"),
)
KEYS = (
    *("deps", "extras", "dependency_groups", "commands_pre", "commands", "change_dir", "set_env"),
    *("package", "use_develop", "skip_install", "base_python"),
)
TREE_LINE = "tox root: "  # the first line of what RunTox returns: where the tree was
MAX_CHARACTERS = 512 * 1024
MOST_ENVIRONMENTS = 24  # that tox is asked about; it takes some milliseconds for each
# Words in the names of environments that test less than others.
TESTS_LESS = re.compile(r"no[-_]?deps|min(imal|imum)?\b|lowest|oldest|without|bare|slim|nodeps|no-")
IS_TEST = re.compile(r"test|unit|py\d|python\d|^\d\.\d")
# What needs an interpreter that may not be here, and what tox refuses though pip takes it.
REWRITTEN = (
    (re.compile(r"\{(envpython|env_python)\}"), "python"),
    (re.compile(r"\{(envbindir|env_bin_dir)\}/?"), ""),
    (re.compile(r"-Ur[ \t]*"), "-r "),
    # Where the environment has the project is not known yet: its modules are in the tree too.
    (re.compile(r"\{(envsitepackagesdir|env_site_packages_dir)\}"), "{toxinidir}"),
)
# Variables that tox sets itself.
OF_TOX = re.compile(r"PIP_.*|TOX_.*|VIRTUAL_ENV|PYTHONIOENCODING|CONDA_.*|UV_.*|VIRTUALENV_.*")


@dataclass(frozen=True)
class ToxEnvironment:
    """An environment as tox printed it: its keys, each with its lines."""

    name: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self, key: str) -> tuple[str, ...]:
        """The lines of a key; none if it is not there."""
        return self.keys.get(key, ())


def configures(tree: ProjectTree) -> bool:
    """Whether the project has a configuration of tox."""
    own = "tox.ini" in tree.paths or "tox.toml" in tree.paths
    section = any(tree.setup_cfg.has_section(name) for name in ("tox", "tox:tox", "testenv"))
    tool = tree.pyproject.get("tool")
    return own or section or (isinstance(tool, dict) and "tox" in tool)


def find(tree: ProjectTree, run_tox: RunTox) -> list[Found]:
    """The recipes of a project that configures tox; raises UnreadableConfiguration."""
    return [(recipe, None) for recipe in read(tree, run_tox)] if configures(tree) else []


def read(
    tree: ProjectTree, run_tox: RunTox, handover: Handover | None = None, named: str | None = None
) -> list[Recipe]:
    """The recipes of the environments that test, the most promising first.

    `handover` is the command of another configuration that calls tox, and `named` the interpreter
    that this one names. Raises UnreadableConfiguration if tox cannot read its configuration.
    """
    too_large = [path for path in FILES if len(tree.texts.get(path, "")) > MAX_CHARACTERS]
    if too_large:
        raise UnreadableConfiguration(f"{too_large[0]} has over {MAX_CHARACTERS} characters")
    texts = {path: _rewritten(path, text) for path, text in tree.texts.items()}
    asked, factors, posargs = _arguments(handover)
    listed = [
        line.strip() for line in run_tox(texts, ["list", "-d", "--no-desc", *SWITCHES]).split("\n")
    ]
    chosen = [name for name in listed[1:] if factors and factors <= set(name.split("-"))]
    names = _candidates([_spelled(name, listed[1:]) for name in asked] or chosen or listed[1:])
    options = [*SWITCHES, "-k", *KEYS, *(["--", *posargs] if posargs else [])]
    found = _environments(run_tox(texts, ["config", "-e", ",".join(names), *options]))
    recipes = [_recipe(environment, root, tree) for root, environment in found]
    pairs = [each for each in zip(found, recipes, strict=True) if each[1].commands]
    pairs.sort(key=lambda each: _promise(each[0][1].name, each[1]), reverse=True)
    env = handover.env if handover else {}
    return [
        replace(
            recipe,
            python_named=named or recipe.python_named,
            env=without_secrets({**env, **recipe.env}),
        )
        for _, recipe in pairs
    ]


def _rewritten(path: str, text: str) -> str:
    for pattern, replacement in REWRITTEN if path in FILES else ():
        text = pattern.sub(replacement, text)
    return text


def _arguments(handover: Handover | None) -> tuple[list[str], set[str], list[str]]:
    """The environments and the factors that a command asks for, and the tests' own arguments."""
    if handover is None:
        return [], set(), []
    words = list(handover.words[1:])
    posargs = words[words.index("--") + 1 :] if "--" in words else []
    words = words[: words.index("--")] if "--" in words else words
    asked, factors = handover.env.get("TOXENV", ""), list[str]()
    for place, word in enumerate(words):
        following = words[place + 1 : place + 2]
        if word in ("-e", "-re", "-qe", "-ve", "--env"):
            asked = next(iter(following), asked)
        elif word == "-f":
            factors += following
        elif word.startswith("-e") and len(word) > 2:
            asked = word[2:]
    names = [name for name in re.split(r"[,\s]+", asked) if re.fullmatch(r"[\w.+-]+", name)]
    return [name for name in names if name != "ALL"], set(factors), posargs


def _spelled(name: str, listed: Sequence[str]) -> str:
    """An environment as the configuration spells it: py3.12 may be py312 there."""
    if name in listed:
        return name

    def factors(text: str) -> list[str | None]:
        return [_version(factor) or factor for factor in text.split("-")]

    return next((each for each in listed if factors(each) == factors(name)), name)


def _candidates(listed: Sequence[str]) -> list[str]:
    """The environments that tox is asked about: those that may test, the newest first."""
    names = [name for name in dict.fromkeys(listed) if re.fullmatch(r"[\w.+-]+", name)]
    tests = [name for name in names if not NO_TESTS.search(name)] or names
    tests.sort(key=lambda name: closeness(_version(name)), reverse=True)
    return tests[:MOST_ENVIRONMENTS] or [f"py{PREFERRED.replace('.', '')}"]


def _version(name: str) -> str | None:
    """The interpreter that the name of an environment names: py38, python3.8 or 3.8."""
    match = re.search(r"(?:^|-)(?:(?:c?py(?:thon)?)-?(\d)\.?(\d+)|(\d)\.(\d+))(?:$|-)", name)
    if match is None:
        return None
    return f"{match[1]}.{match[2]}" if match[1] else f"{match[3]}.{match[4]}"


def _named(environment: ToxEnvironment) -> str | None:
    """The interpreter of an environment, by its name or by what its settings name."""
    settings = " ".join(environment.lines("base_python"))
    match = re.fullmatch(r"(?:c?py(?:thon)?)?(\d)\.?(\d+)", settings)
    return _version(environment.name) or (f"{match[1]}.{match[2]}" if match else None)


def _newness(name: str) -> list[tuple[int, ...]]:
    """The versions that other factors of a name name: django42 is 4.2, and newer than django32."""
    factors = [factor for factor in name.split("-") if _version(factor) is None]
    numbers = [re.fullmatch(r"([a-z_]+)(\d[\d.]*)", factor) for factor in factors]
    return [
        tuple(map(int, re.findall(r"\d+", match[2])))
        if "." in match[2]
        else (int(match[2][0]), int(match[2][1:] or 0))
        for match in numbers
        if match
    ]


def _promise(name: str, recipe: Recipe) -> tuple:
    wanted = len(recipe.extras) + len(recipe.deps) + len(recipe.groups)
    return (
        not TESTS_LESS.search(name),
        bool(IS_TEST.search(name)),
        closeness(recipe.python_named),
        len(recipe.commands),
        _newness(name),
        wanted,
    )


def _environments(printed: str) -> list[tuple[str, ToxEnvironment]]:
    """The environments in what `tox config` printed, each with the folder that the tree was in."""
    first, _, rest = printed.partition("\n")
    root = first.removeprefix(TREE_LINE)
    parser = configparser.RawConfigParser(
        delimiters=("=",), comment_prefixes=(), strict=False, empty_lines_in_values=False
    )
    begin = rest.find("[testenv:")
    if begin < 0:
        raise UnreadableConfiguration(_error(rest))
    try:
        parser.read_string(rest[begin:])
    except configparser.Error as error:
        raise UnreadableConfiguration(" ".join(str(error).split())[:200]) from error
    sections = [name for name in parser.sections() if name.startswith("testenv:")]
    return [
        (
            root,
            ToxEnvironment(
                name.removeprefix("testenv:"),
                {
                    key: tuple(line for line in value.split("\n") if line)
                    for key, value in parser.items(name)
                    if value
                },
            ),
        )
        for name in sections
    ]


def _error(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return (lines[-1] if lines else "tox printed nothing")[:200]


def _recipe(environment: ToxEnvironment, root: str, tree: ProjectTree) -> Recipe:
    wanted = _installation(environment, root, tree)
    deps, left_out = list(wanted.deps), list[tuple[str, str]]()
    commands, runners = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for key in ("commands_pre", "commands"):
        for line in environment.lines(key):
            if line.startswith("# Exception"):
                left_out.append((line[:200], "tox cannot tell"))
                continue
            try:
                words = shlex.split(line.removeprefix("- ").removeprefix("! "))
            except ValueError:
                left_out.append((line[:200], "a quote without its end"))
                continue
            for action in actions_of([_inside(word, root) for word in words], tree):
                deps += action.installation.deps
                if action.kind == "test":
                    (commands if key == "commands" else runners).append(action.words)
                elif action.kind == "runner":
                    runners.append(action.words)
                elif action.kind in ("left_out", "system"):
                    left_out.append((line[:200], action.why))
    return Recipe(
        source=NAME,
        python_named=_named(environment),
        deps=without_tools(deps),
        project=wanted.project,
        extras=wanted.extras,
        groups=wanted.groups,
        commands=tuple(commands),
        install_commands=tuple(runners),
        env=_variables(environment, root, tree),
        cwd=_folder(environment, root),
        tox_env=environment.name,
        left_out=tuple(left_out),
    )


def _installation(environment: ToxEnvironment, root: str, tree: ProjectTree) -> Installation:
    words: list[str] = []
    for line in environment.lines("deps"):
        line = _inside(line, root).replace(f"{ROOT}/", "")
        words += [line] if not line.startswith("-") else shlex.split(line)
    asked = action_of(["pip", "install", *words]).installation
    package = " ".join(environment.lines("package"))
    skipped = "True" in environment.lines("skip_install") or package in ("skip", "external")
    project = asked.project
    if tree.is_installable and not skipped and project == "none":
        project = "install"
    develop = "True" in environment.lines("use_develop") or package in (
        "editable",
        "editable-legacy",
    )
    if project == "install" and develop:
        project = "editable"
    named = [name.strip() for line in environment.lines("extras") for name in line.split(",")]
    extras = tuple(dict.fromkeys(name for name in (*named, *asked.extras) if name))
    return Installation(asked.deps, project, extras, environment.lines("dependency_groups"))


def _inside(word: str, root: str) -> str:
    """A word with the tree's folder, and the folder of tox below it, as placeholders."""
    word = re.sub(
        rf"{re.escape(root)}/\.tox/[^/\s:]+/(tmp|log)|{re.escape(root)}/\.tox", TEMPORARY, word
    )
    return word.replace(root, ROOT)


def _folder(environment: ToxEnvironment, root: str) -> str:
    place = _inside("".join(environment.lines("change_dir")) or root, root)
    if place.startswith(TEMPORARY):
        return TEMPORARY
    return posixpath.normpath(posixpath.relpath(place, ROOT)) if place.startswith(ROOT) else "."


def _variables(environment: ToxEnvironment, root: str, tree: ProjectTree) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in environment.lines("set_env"):
        name, _, value = line.partition("=")
        if not OF_TOX.fullmatch(name):
            found[name] = _inside(value, root)
    if not any("PYTHONHASHSEED" in tree.texts.get(path, "") for path in FILES):
        found.pop("PYTHONHASHSEED", None)  # tox draws one
    return found
