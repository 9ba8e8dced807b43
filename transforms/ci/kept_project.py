"""A project as the crawl kept it: its archive read in memory, as texts and as a tar for tests."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from packaging.version import InvalidVersion, Version

from transforms.ci.attempt import Checkout
from transforms.ci.project_tree import ProjectTree
from transforms.ci.units import ProjectUnit
from transforms.lib import archives
from transforms.lib.archives.pack import FILE_BYTES, TreeTooLarge, packed
from transforms.lib.archives.store import ArchiveStore

MAX_SETTINGS_BYTES = 300_000  # of a file that may say how a project is tested
SETTINGS = re.compile(
    r"(.*/)?(setup\.py|noxfile\.py|makefile|[^/]*\.(toml|cfg|ini|ya?ml|txt|in|pip|sh|env))",
    re.IGNORECASE,
)
NO_TREE = "no_tree"


class NoTree(Exception):
    """What a project was kept as cannot be had, or is too large; the text says why."""


@dataclass(frozen=True)
class KeptProject:
    """A project to be tested, and the texts of its modules by path."""

    project: Checkout
    modules: dict[str, str]


def read_kept_project(store: ArchiveStore, unit: ProjectUnit) -> KeptProject:
    """The project of a unit; raises NoTree."""
    if unit.archive_sha256 is None:
        raise NoTree("its source keeps no archive, or the tree is too large for one")
    try:
        with store.open(unit.archive_sha256) as stream:
            read = archives.contents(stream, lambda path: True, FILE_BYTES)
            members = list(read.members)
    except (FileNotFoundError, archives.ArchiveError) as error:
        raise NoTree(f"archive {unit.archive_sha256}: {error}") from error
    try:
        tar = packed(members, read.newest)
    except TreeTooLarge as error:
        raise NoTree(str(error)) from error
    contents = {each.path: each.content for each in members if each.content is not None}
    texts = {
        path: text
        for path, content in contents.items()
        if SETTINGS.fullmatch(path) and len(content) < MAX_SETTINGS_BYTES
        if (text := _text(content)) is not None
    }
    modules = {
        path: text
        for path, content in contents.items()
        if path.endswith(".py")
        and len(content) < archives.MEMBER_BYTES
        and (text := _text(content)) is not None
    }
    tree = ProjectTree(texts, frozenset(contents))
    return KeptProject(Checkout(tree, tar, _version(unit.commit), _day(read.newest)), modules)


def _version(commit: str | None) -> str | None:
    """The version that a project was crawled under; None for a commit, which may begin with one."""
    try:
        return commit if commit and Version(commit) else None
    except InvalidVersion:
        return None


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _day(seconds: int) -> date | None:
    """The day of a time in seconds since 1970; None for no time, and for what is no date."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date() if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
