"""Where projects come from. A new source is one file here and one line in SOURCES."""

from packaging.utils import canonicalize_version

from transforms.crawl.sources import archive, directory, parquet, pypi
from transforms.crawl.sources.found import Found, Read

SOURCES: tuple[tuple[str, Read], ...] = (
    ("pypi", pypi.read),
    ("archive", archive.read),
    ("dir", directory.read),
    ("parquet", parquet.read),
)

# Sources whose name tells project and version before anything is read, in many spellings.
NAMED = {"pypi": pypi.named}


def project_of(source: str) -> tuple[str | None, str | None]:
    """Project and version that a source names; None for what only its content tells."""
    kind, _, place = source.partition(":")
    return NAMED[kind](place) if kind in NAMED else (None, None)


def same(source: str) -> tuple[str, ...]:
    """What equal sources have in common: `pypi:Flask` and `pypi:flask` are one."""
    kind, _, place = source.partition(":")
    project, version = project_of(source)
    return (kind, project, canonicalize_version(version or "")) if project else (kind, place)


__all__ = ["SOURCES", "Found", "Read", "project_of", "same"]
