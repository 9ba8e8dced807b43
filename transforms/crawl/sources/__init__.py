"""The kinds of sources. A new kind is one file here and one line in SOURCES."""

from packaging.utils import canonicalize_version

from transforms.crawl.sources import archive, directory, parquet, pypi
from transforms.crawl.sources.fetched_project import FetchedProject, ReadSource

SOURCES: tuple[tuple[str, ReadSource], ...] = (
    ("pypi", pypi.read),
    ("archive", archive.read),
    ("dir", directory.read),
    ("parquet", parquet.read),
)

# Kinds whose sources name project and version, which may be spelt in several ways.
SOURCE_NAMES = {"pypi": pypi.project_and_version}


def project_of(source: str) -> tuple[str | None, str | None]:
    """The project and version that a source names; None for what only its content says.

    >>> project_of("pypi:Flask==3.0.0"), project_of("dir:flask")
    (('flask', '3.0.0'), (None, None))
    """
    kind, _, place = source.partition(":")
    return SOURCE_NAMES[kind](place) if kind in SOURCE_NAMES else (None, None)


def source_key(source: str) -> tuple[str, ...]:
    """A key that is the same for sources that mean the same, in whatever spelling.

    >>> source_key("pypi:Flask==3.0") == source_key("pypi:flask==3.0.0")
    True
    """
    kind, _, place = source.partition(":")
    project, version = project_of(source)
    return (kind, project, canonicalize_version(version or "")) if project else (kind, place)


__all__ = ["SOURCES", "FetchedProject", "ReadSource", "project_of", "source_key"]
