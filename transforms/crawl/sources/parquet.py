"""parquet:GLOB, files of code that are in Parquet already, with columns repo, path, content."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from transforms.crawl.file_tables import file_table
from transforms.crawl.project import Project
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.source_columns import CRAWLED_COLUMNS
from transforms.lib.skeleton.units import Footer, Unit, plan_units, source_footer


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The rows of all Parquet files that the glob `place` matches, but for paths without .py.

    Raises FetchError if no file matches, or one is not Parquet or lacks a column. Rows that turn
    out to be damaged when the tables are read are left out: the row of the source says so, and a
    reject for each row group.
    """
    return read_parquet(place, _own_footer)


def _own_footer(file: str) -> Footer:
    footer = source_footer(file)
    if footer.layout:
        raise UsageError(f"{file}: rows of {footer.layout}: name it as stack:{file}")
    return footer


def read_parquet(place: str, footer: Callable[[str], Footer]) -> FetchedProject:
    """As `read`; `footer` gives the footer of a file, and UsageError for one that is not taken."""
    try:
        files = matching_files(place, is_parquet)
    except UsageError as error:
        raise FetchError("not_found", str(error)) from error
    try:
        units, _ = plan_units(files, footer)
    except UsageError as error:
        raise FetchError("rejected", str(error)) from error
    fetched = FetchedProject(Project(), {"url": place})
    fetched.tables = _tables(units, fetched)
    return fetched


def _tables(units: Sequence[Unit], fetched: FetchedProject) -> Iterator[pa.Table]:
    """Yields the tables of all units; what cannot be read is told in the row of the source."""

    def damaged(fault: str) -> None:
        fetched.project.rejects.append({"reason": "damaged", "value": fault})
        fetched.row.setdefault("reason", fault)
        fetched.row["status"] = "damaged"

    for unit in units:
        try:
            for batch in read_unit(unit, tuple(CRAWLED_COLUMNS), damaged):
                yield file_table(batch, fetched.project)
        except UsageError as error:  # the file is gone, or another, since its footer was read
            damaged(str(error))
