"""stack:GLOB, Parquet with the rows of The Stack, CodeParrot and others, in their own layouts."""

from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.crawl.sources.parquet import read_parquet
from transforms.lib.network.fetch import Fetcher
from transforms.lib.skeleton.units import source_footer


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The Python files in all Parquet files that the glob `place` matches, read in place.

    Each file may have another of the layouts (`transforms/lib/skeleton/layouts`), or quire's own.
    Errors are those of `parquet:`.
    """
    return read_parquet(place, source_footer)
