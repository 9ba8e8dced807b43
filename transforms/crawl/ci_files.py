"""Which files of a project configure its CI: tox, Travis, GitHub workflows, nox."""

import re

BY_NAME = {"tox.ini": "tox", "tox.toml": "tox", ".travis.yml": "travis", "noxfile.py": "nox"}
# Files that mostly hold other things are tox's if they have the section that tox looks for.
BY_SECTION = {
    "setup.cfg": re.compile(rb"^\[tox(:tox)?\]", re.MULTILINE),
    "pyproject.toml": re.compile(rb"^[ \t]*\[{1,2}[ \t]*tool\.tox[ \t]*[].]", re.MULTILINE),
}
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")


def maybe_ci(path: str) -> bool:
    """Whether a file may configure CI, by its path alone."""
    return path in BY_NAME or path in BY_SECTION or WORKFLOW.fullmatch(path) is not None


def ci_kind(path: str, content: bytes) -> str | None:
    """tox, travis, github_workflow or nox; None if the file configures no CI."""
    if path in BY_SECTION:
        return "tox" if BY_SECTION[path].search(content) else None
    return BY_NAME.get(path) or ("github_workflow" if WORKFLOW.fullmatch(path) else None)
