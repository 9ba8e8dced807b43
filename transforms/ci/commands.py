"""What a command of a CI configuration is for, and the same command without what is no test.

A test command comes out in one form: `python -m pytest …`, `python -m unittest …`, `python FILE …`
or, for an unknown runner, as it is. Options that measure, lint or spread the tests are dropped.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement

PYTHON = re.compile(r"(?:.*/)?(?:python|pypy|py)(?:\d(?:\.\d+)?)?(?:\.exe)?")
# Words that run the rest of the line, with the number of words that are theirs.
PREFIXES = {
    ("travis_retry",): "",
    ("travis_wait",): "number",
    ("sudo",): "options",
    ("exec",): "",
    ("time",): "",
    ("nice",): "options",
    ("command",): "",
    ("xvfb-run",): "options",
    ("env",): "assignments",
    ("poetry", "run"): "",
    ("pipenv", "run"): "",
    ("pdm", "run"): "",
    ("hatch", "run"): "",
    ("rye", "run"): "",
    ("uv", "run"): "options",
    ("uvx",): "options",
    ("pipx", "run"): "options",
    ("uv", "tool", "run"): "options",
}
# Options of the prefixes above that take a value.
PREFIX_VALUES = {
    *("--group", "--extra", "--with", "--python", "-p", "--from", "--only-group", "--no-group"),
    *("--with-requirements", "--env-file", "--project", "--directory", "-s", "-n", "-u"),
}
SHELLS = {"bash", "sh", "zsh", "dash"}
LINTERS = {
    *("flake8", "mypy", "pylint", "black", "isort", "ruff", "pycodestyle", "pep8", "pydocstyle"),
    *("bandit", "safety", "pre-commit", "check-manifest", "twine", "doc8", "vulture", "pyright"),
    *("interrogate", "pyroma", "darglint", "yapf", "autopep8", "autoflake", "pyflakes", "xenon"),
    *(
        "restructuredtext-lint",
        "rst-lint",
        "codespell",
        "typos",
        "pip-audit",
        "pyupgrade",
        "prospector",
    ),
    *(
        "mdl",
        "yamllint",
        "towncrier",
        "reuse",
        "shellcheck",
        "gitlint",
        "pyre",
        "pytype",
        "slotscheck",
    ),
    *(
        "validate-pyproject",
        "pyproject-fmt",
        "rstcheck",
        "deptry",
        "lint-imports",
        "refurb",
        "basedpyright",
    ),
    *(
        "djlint",
        "hadolint",
        "actionlint",
        "zizmor",
        "ty",
        "blacken-docs",
        "radon",
        "wemake-python-styleguide",
    ),
}
DOCS = {"sphinx-build", "mkdocs", "pdoc", "pdoc3", "mike", "jupyter-book", "sphinx-apidoc"}
UPLOADS = {
    "codecov",
    "coveralls",
    "codeclimate",
    "cc-test-reporter",
    "codacy",
    "python-codacy-coverage",
}
SYSTEM = {
    "apt-get",
    "apt",
    "brew",
    "yum",
    "dnf",
    "apk",
    "choco",
    "port",
    "pacman",
    "snap",
    "conda",
    "mamba",
}
NO_TESTS = {
    *(
        "ls",
        "cat",
        "pwd",
        "which",
        "git",
        "mkdir",
        "rm",
        "cp",
        "mv",
        "ln",
        "touch",
        "chmod",
        "curl",
    ),
    *(
        "wget",
        "tar",
        "unzip",
        "docker",
        "docker-compose",
        "pyenv",
        "source",
        ".",
        "virtualenv",
        "sleep",
    ),
    *("uname", "date", "df", "free", "lscpu", "locale", "locale-gen", "find", "grep", "sed", "awk"),
    *("hash", "type", "deactivate", "gem", "npm", "nvm", "rvm", "go", "cargo", "psql", "mysql"),
    *(
        "service",
        "systemctl",
        "kill",
        "test",
        "tee",
        "chown",
        "ssh",
        "openssl",
        "gpg",
        "diff",
        "pip-compile",
    ),
    *(
        "bumpversion",
        "bump2version",
        "semantic-release",
        "gh",
        "flit",
        "build",
        "hub",
        "skip",
        "true",
        "-",
    ),
}
COVERAGE_REPORTS = {
    "erase",
    "combine",
    "report",
    "xml",
    "html",
    "json",
    "lcov",
    "annotate",
    "debug",
}
COVERAGE_VALUES = {
    "--rcfile",
    "--source",
    "--omit",
    "--include",
    "--data-file",
    "--concurrency",
    "--context",
}
# Options of pytest that are dropped: with a value in the next word, or never with one.
PYTEST_VALUE_OPTIONS = {
    *("--cov-report", "--cov-config", "--cov-fail-under", "--cov-context", "--junitxml"),
    *("--junit-xml", "--junit-prefix", "--junitprefix", "--html", "--css", "-n", "--numprocesses"),
    *(
        "--dist",
        "--maxprocesses",
        "--max-worker-restart",
        "--tx",
        "--report-log",
        "--json-report-file",
    ),
    *(
        "--mypy-config-file",
        "--mypy-ini-file",
        "--pylint-rcfile",
        "--pylint-error-types",
        "--md-report",
    ),
    *("--splits", "--group", "--alluredir", "--excelreport", "--cov-precision", "--template"),
}
PYTEST_FLAGS = {
    *("--cov-append", "--cov-branch", "--no-cov", "--no-cov-on-fail", "--cov-reset", "--mypy"),
    *(
        "--flake8",
        "--pylint",
        "--black",
        "--isort",
        "--ruff",
        "--ruff-format",
        "--pep8",
        "--pycodestyle",
    ),
    *(
        "--codestyle",
        "--pydocstyle",
        "--docstyle",
        "--flakes",
        "--self-contained-html",
        "--checkdocs",
    ),
    *(
        "--mypy-ignore-missing-imports",
        "--json-report",
        "--nbval",
        "--nbval-lax",
        "--no-flaky-report",
    ),
    *("--cache-clear", "--codeblocks", "--bandit", "--mypy-strict-optional", "--black-multipy"),
}
# Further options of plug-ins that measure and lint.
MEASURING = re.compile(r"--(cov|mypy|flake8|pylint|black|isort|ruff|pep8|junit|codeclimate)-")
# Tools that measure and build, and are never what the tests import.
TOOLS = {
    *(
        "coverage",
        "pytest-cov",
        "coveralls",
        "codecov",
        "tox",
        "tox-travis",
        "tox-gh-actions",
        "tox-gh",
    ),
    *(
        "virtualenv",
        "pip",
        "setuptools",
        "wheel",
        "flake8",
        "twine",
        "build",
        "pytest-xdist",
        "tox-uv",
    ),
    *(
        "python-coveralls",
        "codacy-coverage",
        "pre-commit",
        "black",
        "isort",
        "mypy",
        "pylint",
        "ruff",
    ),
    *(
        "pytest-flake8",
        "pytest-mypy",
        "pytest-black",
        "pytest-isort",
        "pytest-pylint",
        "pytest-ruff",
        "uv",
    ),
    *(
        "codeclimate-test-reporter",
        "pep8",
        "pycodestyle",
        "pydocstyle",
        "check-manifest",
        "readme-renderer",
    ),
    *(
        "pipenv",
        "poetry",
        "nox",
        "hatch",
        "pdm",
        "flit",
        "pyflakes",
        "bandit",
        "safety",
        "pytest-pep8",
    ),
}


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


def action_of(words: Sequence[str], setup_test: Callable[[], "Action"] | None = None) -> Action:
    """What a command is for. `setup_test` tells what `setup.py test` runs.

    >>> action_of(["coverage", "run", "-m", "pytest", "--cov", "x", "-v"]).words
    ('python', '-m', 'pytest', '-v')
    >>> action_of(["pip", "install", "-e", ".[dev]", "mock"]).installation.extras
    ('dev',)
    """
    words = without_prefixes(words)
    if not words:
        return Action("left_out", (), "nothing to run")
    name = words[0].rpartition("/")[2]
    rest = list(words[1:])
    if PYTHON.fullmatch(words[0]):
        return _python(rest, setup_test)
    if name in ("pytest", "py.test"):
        return Action("test", _pytest(rest))
    if name in ("pip", "pip3") or re.fullmatch(r"pip\d\.\d+", name):
        return _pip(rest)
    if name == "uv":
        return _uv(rest)
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
        return _requirements(rest)
    if name in ("poetry", "pipenv", "pdm", "hatch", "rye", "flit"):
        return _project_tool(name, rest)
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


# Modules that are run by their names, and are no tests.
NO_TEST_MODULES = {
    *(
        "venv",
        "virtualenv",
        "ensurepip",
        "build",
        "compileall",
        "site",
        "pep517",
        "wheel",
        "zipapp",
    ),
    *("cibuildwheel", "http", "timeit", "cProfile", "setuptools_scm", "installer", "tabnanny"),
}
MODULE_FLAG = re.compile(r"-[BbdEhiIOqRsSuvVxP]+m")  # flags of Python before -m in one word


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
    return _requirements(rest[1:])


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


def _requirements(arguments: list[str]) -> Action:
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


def _uv(rest: list[str]) -> Action:
    match rest:
        case ["pip", "install" | "sync", *arguments]:
            return _requirements(arguments)
        case ["sync", *arguments]:
            return _sync(arguments)
        case ["tool", "install", *_] | ["venv" | "python" | "lock" | "build" | "cache", *_]:
            return Action("left_out", ("uv", *rest), "no test")
    return Action("left_out", ("uv", *rest), "no test")


def _sync(arguments: list[str]) -> Action:
    """`uv sync`: the project with its `dev` group, extras and groups."""
    extras: list[str] = []
    groups = [] if "--no-dev" in arguments or "--no-default-groups" in arguments else ["dev"]
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, own = option.partition("=")
        if name == "--extra":
            extras.append(own if equals else value)
        if name in ("--group", "--only-group"):
            groups.append(own if equals else value)
    if "--all-extras" in arguments:
        extras.append("*")
    if "--all-groups" in arguments:
        groups.append("*")
    installation = Installation((), "editable", tuple(extras), tuple(groups))
    return Action("install", ("uv", "sync", *arguments), installation=installation)


def _project_tool(name: str, rest: list[str]) -> Action:
    words = (name, *rest)
    if rest[:1] in (["install"], ["sync"], ["update"]):
        extras = [
            extra
            for option, value in zip(rest, [*rest[1:], ""], strict=True)
            for extra in (
                value.replace(",", " ").split() if option in ("-E", "--extras", "--extra") else []
            )
        ]
        groups = [
            group
            for option, value in zip(rest, [*rest[1:], ""], strict=True)
            if option in ("--with", "--group", "-G", "--only")
            for group in value.split(",")
        ]
        if "--all-extras" in rest:
            extras.append("*")
        groups += [] if "--no-dev" in rest else ["dev"]
        installation = Installation((), "editable", tuple(extras), tuple(groups))
        return Action("install", words, installation=installation)
    if name == "hatch" and rest[:1] == ["test"]:
        return Action("test", ("python", "-m", "pytest", *[w for w in rest[1:] if w[:1] != "-"]))
    return Action("left_out", words, "no test")


def _packages(rest: list[str]) -> list[str]:
    verbs = {"install", "update", "upgrade", "remove", "add", "add-apt-repository", "autoremove"}
    return [word for word in rest if not word.startswith("-") and word not in verbs]


def _runner(words: Sequence[str]) -> Action:
    """A program that only the project knows: its tests, or a step of its installation."""
    if words[0] in SHELLS and words[1:2] == ["-c"]:
        return Action("left_out", tuple(words), "a command in a string")
    last = words[-1].rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    if any(part in stem.lower() for part in ("install", "deps", "bootstrap", "setup", "provision")):
        return Action("runner", tuple(words))
    if stem.lower() in ("html", "doc", "clean", "dist", "linkcheck") or any(
        part in stem.lower() for part in ("lint", "docs", "deploy", "release", "upload", "style")
    ):
        return Action("left_out", tuple(words), "lint, docs or a release")
    return Action("test", tuple(words))


def is_tool(dependency: str) -> bool:
    """Whether a requirement is a tool that measures, builds or lints, and no part of the tests."""
    try:
        name = Requirement(dependency).name
    except InvalidRequirement:
        return False
    return re.sub(r"[-_.]+", "-", name).lower() in TOOLS
