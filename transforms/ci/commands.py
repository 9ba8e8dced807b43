"""What a command of a CI configuration is for, and the same command without what is no test.

A test command comes out in one form: `python -m pytest …`, `python -m unittest …`, `python FILE …`
or, for an unknown runner, as it is. Options that measure, lint or spread the tests are dropped.
"""

import re
from collections.abc import Callable, Sequence

from transforms.ci.installations import (
    Action,
    Installation,
    project_tool_action,
    requirements_of,
    uv_action,
)
from transforms.ci.known_programs import (
    COVERAGE_VALUES,
    DOCS,
    LINTERS,
    MEASURING,
    NO_TEST_MODULES,
    NO_TESTS,
    PREFIX_VALUES,
    PREFIXES,
    PYTEST_FLAGS,
    PYTEST_VALUE_OPTIONS,
    SHELLS,
    SYSTEM,
    UPLOADS,
)

PYTHON = re.compile(r"(?:.*/)?(?:python|pypy|py)(?:\d(?:\.\d+)?)?(?:\.exe)?")
MODULE_FLAG = re.compile(r"-[BbdEhiIOqRsSuvVxP]+m")  # flags of Python before -m in one word


def action_of(words: Sequence[str], setup_test: Callable[[], "Action"] | None = None) -> Action:
    """What a command is for. `setup_test` tells what `setup.py test` runs.

    >>> action_of(["coverage", "run", "-m", "pytest", "--cov", "x", "-v"]).words
    ('python', '-m', 'pytest', '-v')
    >>> action_of(["pip", "install", "-e", ".[dev]", "mock"]).installation.extras
    ('dev',)
    """
    words = without_prefixes(words)
    if not words or words[0].startswith("-") or not words[0].strip():
        return Action("left_out", tuple(words), "nothing to run")
    name = words[0].rpartition("/")[2]
    rest = list(words[1:])
    if PYTHON.fullmatch(words[0]):
        return _python(rest, setup_test)
    if name in ("pytest", "py.test"):
        return Action("test", _pytest(rest))
    if name in ("pip", "pip3") or re.fullmatch(r"pip\d\.\d+", name):
        return _pip(rest)
    if name == "uv":
        return uv_action(rest)
    return _tool(name, words, rest, setup_test)


def _tool(
    name: str, words: Sequence[str], rest: list[str], setup_test: Callable[[], Action] | None
) -> Action:
    if name == "coverage" or re.fullmatch(r"coverage-?\d?(\.\d+)?", name):
        return _coverage(rest, setup_test)
    if name in ("tox", "nox"):
        return Action("handover", (name, *rest))
    if name in ("nosetests", "nose2", "nosetests3"):
        return Action("test", _nose(rest))
    if name in (
        "unit2",
        "trial",
        "green",
        "stestr",
        "zope-testrunner",
        "ward",
        "behave",
        "lettuce",
    ):
        is_unittest = name in ("unit2", "green")
        return Action("test", ("python", "-m", "unittest", *rest) if is_unittest else tuple(words))
    if name in ("easy_install",):
        return requirements_of(rest)
    if name in ("poetry", "pipenv", "pdm", "hatch", "rye", "flit"):
        return project_tool_action(name, rest)
    for names, why in (
        (LINTERS, "lint"),
        (DOCS, "docs"),
        (UPLOADS, "upload"),
        (NO_TESTS, "no test"),
    ):
        if name in names:
            return Action("left_out", tuple(words), why)
    if name in SYSTEM:
        return Action("system", tuple(_packages(rest)), "packages of the system")
    return _runner(words)


def without_prefixes(words: Sequence[str]) -> tuple[str, ...]:
    """The command without what only runs it: sudo, travis_retry, poetry run, uv run …"""
    rest = list(words)
    while True:
        prefix = next((p for p in PREFIXES if tuple(rest[: len(p)]) == p), None)
        if prefix is None:
            return tuple(rest)
        rest = rest[len(prefix) :]
        kind = PREFIXES[prefix]
        if kind == "number" and rest and rest[0].isdigit():
            rest = rest[1:]
        while kind == "assignments" and rest and "=" in rest[0]:
            rest = rest[1:]
        while kind == "options" and rest and rest[0].startswith("-"):
            module = rest[0] in ("-m", "--module") and prefix[0] == "uv"
            if module:
                rest = ["python", *rest]
                break
            rest = rest[2 if rest[0] in PREFIX_VALUES else 1 :]


def _python(rest: list[str], setup_test: Callable[[], Action] | None) -> Action:
    rest = ["-m" if MODULE_FLAG.fullmatch(word) else word for word in rest[:6]] + rest[6:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c"):
        if rest[0] in ("-V", "--version"):
            return Action("left_out", ("python", *rest), "no test")
        rest = rest[2 if rest[0] in ("-W", "-X") else 1 :]
    match rest:
        case []:
            return Action("left_out", ("python",), "no test")
        case ["-c", *_]:
            return Action("left_out", ("python", *rest), "no test")
        case ["-m", "pytest" | "py.test", *arguments]:
            return Action("test", _pytest(arguments))
        case ["-m", "unittest" | "unittest2", *arguments]:
            return Action("test", ("python", "-m", "unittest", *arguments))
        case ["-m", "doctest" | "xdoctest", *arguments]:
            return Action("test", ("python", "-m", rest[1], *arguments))
        case ["-m", module, *_] if module.partition(".")[0] in NO_TEST_MODULES:
            return Action("left_out", ("python", *rest), "no test")
        case ["-m", module, *arguments]:
            inner = action_of([module, *arguments], setup_test)
            return (
                inner
                if inner.kind != "test" or inner.words[0] == "python"
                else Action("test", ("python", "-m", module, *arguments))
            )
        case [script, *arguments] if script.rpartition("/")[2] == "setup.py":
            return _setup(arguments, setup_test)
        case [script, *arguments] if _is_installing_word(arguments) or _is_installing_word(
            [script.rpartition("/")[2].removesuffix(".py")]
        ):
            return Action("runner", ("python", *rest))
    return Action("test", ("python", *rest))


def _is_installing_word(arguments: Sequence[str]) -> bool:
    names = {
        "deps",
        "install",
        "dependencies",
        "bootstrap",
        "requirements",
        "install-deps",
        "setup",
    }
    return len(arguments) == 1 and arguments[0] in names


def _setup(arguments: list[str], setup_test: Callable[[], Action] | None) -> Action:
    words = ("python", "setup.py", *arguments)
    commands = [each for each in arguments if not each.startswith("-")]
    if any(each in ("test", "pytest", "nosetests", "ptr") for each in commands):
        return setup_test() if setup_test else Action("test", ("python", "-m", "pytest"))
    if "develop" in commands:
        return Action("install", words, installation=Installation(project="editable"))
    if "install" in commands:
        return Action("install", words, installation=Installation(project="install"))
    return Action("left_out", words, "no test")


def _coverage(rest: list[str], setup_test: Callable[[], Action] | None) -> Action:
    words = ("coverage", *rest)
    if not rest or rest[0] != "run":
        return Action("left_out", words, "coverage report")
    rest = rest[1:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "--module"):
        rest = rest[2 if rest[0] in COVERAGE_VALUES or rest[0] == "-a=" else 1 :]
    if rest and rest[0] == "--module":
        rest[0] = "-m"
    if rest and ("which" in rest[0] or "`" in rest[0] or "$(" in rest[0]):
        tool = re.sub(r"[`$()]|which|command -v|\s", "", rest[0])
        return action_of([tool, *rest[1:]], setup_test)
    if rest and rest[0].rpartition("/")[2] in ("pytest", "py.test", "nosetests", "trial"):
        return action_of([rest[0].rpartition("/")[2], *rest[1:]], setup_test)
    return action_of(["python", *rest], setup_test)


def _pytest(arguments: Sequence[str]) -> tuple[str, ...]:
    """The words of a pytest command without the options that are no part of the tests."""
    kept: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        name, equals, _ = word.partition("=")
        if name == "--cov":
            if not equals and words and not words[0].startswith("-"):
                words.pop(0)
        elif name in PYTEST_VALUE_OPTIONS:
            if not equals and words:
                words.pop(0)
        elif re.fullmatch(r"-n(auto|logical|\d+)", word) or _is_measuring(name):
            continue
        elif name == "-p" and words and words[0].partition(":")[2] == "":
            plugin = words.pop(0)
            kept += ["-p", plugin] if plugin not in ("xdist", "pytest_cov", "cov") else []
        else:
            kept.append(word)
    return ("python", "-m", "pytest", *kept)


def _is_measuring(option: str) -> bool:
    return option in PYTEST_FLAGS or MEASURING.match(option) is not None


def _nose(arguments: Sequence[str]) -> tuple[str, ...]:
    """nose is gone since Python 3.12; pytest runs its tests, but not its options."""
    places = [each for each in arguments if not each.startswith("-")]
    doctest = any(each.startswith("--with-doctest") for each in arguments)
    return ("python", "-m", "pytest", *(["--doctest-modules"] if doctest else []), *places)


def _pip(rest: list[str]) -> Action:
    if not rest or rest[0] != "install":
        return Action("left_out", ("pip", *rest), "no test")
    return requirements_of(rest[1:])


def _packages(rest: list[str]) -> list[str]:
    verbs = {"install", "update", "upgrade", "remove", "add", "add-apt-repository", "autoremove"}
    return [word for word in rest if not word.startswith("-") and word not in verbs]


def _runner(words: Sequence[str]) -> Action:
    """A program that only the project knows: its tests, or a step of its installation."""
    if words[0] in SHELLS and len(words) > 2 and re.fullmatch(r"-[a-z]*c", words[1]):
        is_test = re.search(r"\b(pytest|py\.test|unittest|nosetests|test\w*\.py)\b", words[2])
        return (
            Action("test", tuple(words))
            if is_test
            else Action("left_out", tuple(words), "a command in a string")
        )
    named = [word for word in words if "=" not in word and not word.startswith("-")]
    last = named[-1].rpartition("/")[2] if named else words[0]
    stem = last.rpartition(".")[0] or last
    parts = ("install", "deps", "bootstrap", "setup", "provision")
    if any(part in stem.lower() for part in parts) or (
        len(named) > 1 and stem.lower() in ("dev", "develop", "venv", "env", "init", "sync")
    ):
        return Action("runner", tuple(words))
    if stem.lower() in ("html", "doc", "clean", "dist", "linkcheck") or any(
        part in stem.lower() for part in ("lint", "docs", "deploy", "release", "upload", "style")
    ):
        return Action("left_out", tuple(words), "lint, docs or a release")
    return Action("test", tuple(words))
