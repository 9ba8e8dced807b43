"""Recognises the files of a project that configure its CI: tox, Travis, workflows, nox."""

import re

KIND_BY_PATH = {"tox.ini": "tox", "tox.toml": "tox", ".travis.yml": "travis", "noxfile.py": "nox"}
# Files that mostly hold other settings configure tox if they have the section that tox looks for.
TOX_SECTION = {
    "setup.cfg": re.compile(rb"^\[tox(:tox)?\]", re.MULTILINE),
    "pyproject.toml": re.compile(rb"^[ \t]*\[{1,2}[ \t]*tool\.tox[ \t]*[].]", re.MULTILINE),
}
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")


def maybe_ci(path: str) -> bool:
    """Whether a file may configure CI, by its path alone.

    >>> [maybe_ci(path) for path in ("tox.ini", "pyproject.toml", "docs/tox.ini")]
    [True, True, False]
    """
    return path in KIND_BY_PATH or path in TOX_SECTION or WORKFLOW.fullmatch(path) is not None


def ci_kind(path: str, content: bytes) -> str | None:
    """tox, travis, github_workflow or nox; None if the file configures no CI.

    >>> ci_kind("setup.cfg", b"[tox:tox]"), ci_kind("setup.cfg", b"[metadata]")
    ('tox', None)
    """
    if path in TOX_SECTION:
        return "tox" if TOX_SECTION[path].search(content) else None
    return KIND_BY_PATH.get(path) or ("github_workflow" if WORKFLOW.fullmatch(path) else None)
