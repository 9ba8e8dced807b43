#!/sandbox/environment/bin/python
"""Stands on PATH in place of programs that `make`, scripts and runners of a project call.

What measures, lints, deploys or needs the system does nothing and succeeds; what runs tests runs
them without measuring; pip installs by uv while the environment is made, and does nothing later.
"""

import json
import os
import re
import sys

SETTINGS = json.loads(os.environ.get("QUIRE_SHIM", "{}"))
PYTHON = SETTINGS.get("python", "/sandbox/environment/bin/python")
VALUES = SETTINGS.get("pytest_values", [])
FLAGS = SETTINGS.get("pytest_flags", [])
COVERAGE_VALUES = SETTINGS.get("coverage_values", [])


def become(words):
    """Become another program."""
    path = [each for each in os.environ["PATH"].split(":") if each != os.path.dirname(__file__)]
    if "/" in words[0]:
        os.execv(words[0], words)
    for folder in path:
        candidate = os.path.join(folder, words[0])
        if os.access(candidate, os.X_OK):
            os.execv(candidate, [candidate] + words[1:])
    sys.exit(0)


def pytest(words):
    """Run pytest without the options that measure."""
    kept = []
    words = list(words)
    while words:
        word = words.pop(0)
        name, equals, _ = word.partition("=")
        if name == "--cov":
            if not equals and words and not words[0].startswith("-"):
                words.pop(0)
        elif name in VALUES:
            if not equals and words:
                words.pop(0)
        elif name in FLAGS or re.match(SETTINGS.get("measuring", "$"), name):
            continue
        elif not (word.startswith("-n") and word[2:] in ("auto", "logical")):
            kept.append(word)
    become([PYTHON, "-m", "pytest"] + SETTINGS.get("pytest_options", []) + kept)


def coverage(words):
    """Run what coverage would measure; its reports do nothing."""
    if not words or words[0] != "run":
        sys.exit(0)
    words = words[1:]
    while words and words[0].startswith("-") and words[0] not in ("-m", "--module"):
        words = words[2 if words[0] in COVERAGE_VALUES else 1 :]
    if words and words[0] == "--module":
        words[0] = "-m"
    if words and os.path.basename(words[0]) in ("pytest", "py.test", "nosetests"):
        pytest(words[1:])
    python(words)


def pip(words):
    """Install by uv while the environment is made."""
    if SETTINGS.get("phase") == "build" and words[:1] in (["install"], ["uninstall"]):
        words = [word for word in words if word not in ("--user", "--upgrade-strategy", "eager")]
        become([SETTINGS["uv"], "pip"] + [word for word in words if word not in ("-y", "--yes")])
    sys.exit(0)


def python(words):
    """Run Python, but for the modules and scripts that others of these programs replace."""
    at = 0  # where its own options end; `-sBm` ends with the one for a module
    while (
        at < len(words)
        and re.match("-[^-mc]", words[at])
        and not re.match("-[A-Za-z]+m$", words[at])
    ):
        at += 2 if words[at] in ("-W", "-X") else 1
    if at + 1 < len(words) and re.match("-[A-Za-z]*m$", words[at]):
        name, rest = words[at + 1], words[at + 2 :]
        if name in ("pytest", "py.test"):
            pytest(rest)
        if name in NAMES and name not in ("python", "python3"):
            NAMES[name](rest)
        if name in SETTINGS.get("nothing", []):
            sys.exit(0)
    if words and os.path.basename(words[0]) == "setup.py":
        if any(word in ("test", "pytest", "nosetests") for word in words[1:]):
            become(SETTINGS.get("setup_test", [PYTHON, "-m", "pytest"]))
        if any(word in ("install", "develop", "check", "flake8", "lint") for word in words[1:]):
            sys.exit(0)
    os.execv(PYTHON, [PYTHON] + words)


def run_rest(words):
    """Run what follows, as `sudo` and `poetry run` do."""
    while words and (words[0].startswith("-") or words[0] == "run"):
        if words[0] in ("-m", "--module"):
            python(["-m"] + words[1:])
        words = words[2 if words[0] in SETTINGS.get("prefix_values", []) else 1 :]
    if not words:
        sys.exit(0)
    name = os.path.basename(words[0])
    if name in NAMES:
        NAMES[name](words[1:])
    become(words)


def virtualenv(words):
    """Make no environment: a folder by that name leads to the one that is there."""
    places = [word for word in words if not word.startswith("-")]
    for place in places[-1:]:
        if not os.path.exists(place):
            os.symlink(os.path.dirname(os.path.dirname(PYTHON)), place)
    sys.exit(0)


def runner(words):
    """Run what poetry, pipenv, uv or hatch would run; their other commands do nothing."""
    if words[:1] == ["run"]:
        run_rest(words[1:])
    if words[:1] == ["test"]:
        pytest([word for word in words[1:] if not word.startswith("-")])
    if words[:2] == ["tool", "run"]:
        run_rest(words[2:])
    if words[:1] == ["pip"]:
        pip(words[1:])
    sys.exit(0)


NAMES = {
    "pytest": pytest,
    "py.test": pytest,
    "coverage": coverage,
    "pip": pip,
    "pip3": pip,
    "python": python,
    "python3": python,
    "nosetests": lambda words: pytest([word for word in words if not word.startswith("-")]),
    "sudo": run_rest,
    "travis_retry": run_rest,
    "travis_wait": lambda words: run_rest(words[words[:1] != [] and words[0].isdigit() :]),
    "xvfb-run": run_rest,
    "virtualenv": virtualenv,
    "venv": virtualenv,
    "poetry": runner,
    "pipenv": runner,
    "pdm": runner,
    "hatch": runner,
    "rye": runner,
    "uv": runner,
    "uvx": run_rest,
    "pipx": run_rest,
}

if __name__ == "__main__":
    own = os.path.basename(sys.argv[0])
    own = "python" if own.startswith("python3.") else own
    NAMES.get(own, lambda words: sys.exit(0))(sys.argv[1:])
