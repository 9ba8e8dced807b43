"""The kinds of sources. A new kind is one file here and one line in SOURCES."""

import os
import re
from typing import NamedTuple

from packaging.utils import canonicalize_version

from transforms.crawl.sources import archive, directory, git, github, parquet, pypi, released, stack
from transforms.crawl.sources.fetched_project import FetchedProject, ReadSource
from transforms.lib.skeleton.storage import absolute, is_url

SOURCES: tuple[tuple[str, ReadSource], ...] = (
    ("pypi", pypi.read),
    ("github", released.read),
    ("git", git.read),
    ("archive", archive.read),
    ("dir", directory.read),
    ("parquet", parquet.read),
    ("stack", stack.read),
)

# Kinds whose sources name project and version, which may be spelt in several ways.
SOURCE_NAMES = {"pypi": pypi.project_and_version, "github": github.name_only}
# Kinds whose sources are one project each, which they may name after a folder or a file.
NAMED_BY_PLACE = {"archive": archive.name_of, "dir": directory.name_of, "git": git.name_of}
# Kinds that write nothing to DATA: an OSError is of the source, and not of a full disk.
ONLY_READ = {"dir", "parquet", "stack"}
# KIND:PLACE, or NAME=KIND:PLACE where the user says how the project is called.
SOURCE = re.compile(r"((?P<name>\w[\w.+/!-]*)=)?(?P<kind>\w+):(?P<place>.+)", re.DOTALL)


class SourceParts(NamedTuple):
    """The parts of a source; `name` is the user's for the project, or None."""

    name: str | None
    kind: str
    place: str


def source_parts(source: str) -> SourceParts | None:
    """The parts of `KIND:PLACE` or `NAME=KIND:PLACE`; None for what is no source.

    >>> source_parts("bob/tools=dir:b/tools"), source_parts("cvs:tools")
    (SourceParts(name='bob/tools', kind='dir', place='b/tools'), None)
    """
    parts = SOURCE.fullmatch(source)
    if parts is None or parts["kind"] not in dict(SOURCES):
        return None
    return SourceParts(parts["name"], parts["kind"], parts["place"])


def project_of(source: str) -> tuple[str | None, str | None]:
    """The project and version that a source names; None for what only its content says.

    >>> project_of("pypi:Flask==3.0.0"), project_of("dir:flask")
    (('flask', '3.0.0'), (None, None))
    """
    parts = source_parts(source)
    if parts and parts.kind in SOURCE_NAMES:
        return SOURCE_NAMES[parts.kind](parts.place)
    return (parts.name if parts else None), None


def source_key(source: str, url: str | None = None) -> tuple[str, ...]:
    """A key that is the same for sources that mean the same, in whatever spelling.

    `url` is that of its row in `repositories`: a path is relative to the folder of that run.

    >>> source_key("pypi:Flask==3.0") == source_key("pypi:flask==3.0.0")
    True
    >>> source_key("github:pallets/Click") == source_key("github:https://github.com/pallets/click.git")
    True
    >>> source_key("dir:a/b") == source_key("mine=dir:./a/../a/b/")
    True
    """
    parts = source_parts(source)
    if parts is None:
        return (source,)
    if parts.kind == "github":
        return parts.kind, *github.key(parts.place)
    if parts.kind in SOURCE_NAMES:
        project, version = project_of(source)
        return parts.kind, project or "", canonicalize_version(version or "")
    if parts.kind == "git":
        return parts.kind, *git.key_of(parts.place)
    place = url if url and parts.kind in NAMED_BY_PLACE else absolute(parts.place)
    return parts.kind, place if is_url(place) else os.path.realpath(place)


__all__ = [
    "NAMED_BY_PLACE",
    "ONLY_READ",
    "SOURCES",
    "FetchedProject",
    "ReadSource",
    "SourceParts",
    "project_of",
    "source_key",
    "source_parts",
]
