"""Where projects come from. A new source is one file here and one line in SOURCES."""

from transforms.sources import archive, directory, parquet, pypi
from transforms.sources.found import Found, Read

SOURCES: tuple[tuple[str, Read], ...] = (
    ("pypi", pypi.read),
    ("archive", archive.read),
    ("dir", directory.read),
    ("parquet", parquet.read),
)

__all__ = ["SOURCES", "Found", "Read"]
