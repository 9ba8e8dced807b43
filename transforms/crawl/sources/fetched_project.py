"""What every source returns: a project's rows, and how the project was fetched."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from transforms.crawl.project import Project
from transforms.lib.archives import ArchiveError
from transforms.lib.network.fetch import Fetcher, FetchError


@dataclass
class FetchedProject:
    """One project at one version; `row` holds the columns of `repositories` that are known.

    `certain` says that its name is that of a release, and not taken from a folder or file.

    `tables`, if not None, yields tables of `files` that are taken as they are, in place of
    `project.files`.
    """

    project: Project
    row: dict[str, Any] = field(default_factory=dict)
    tables: Iterator[pa.Table] | None = None
    certain: bool = True


# Reads what a source names after its colon, such as `flask==3.0`.
ReadSource = Callable[[str, Fetcher], FetchedProject]


@contextlib.contextmanager
def failing_with(row: dict[str, object]) -> Iterator[None]:
    """A FetchError from inside has `row`, what is known by then; an ArchiveError becomes one."""
    try:
        yield
    except ArchiveError as error:
        failure = FetchError("rejected", f"{error.reason} {error.value}".strip())
        failure.row, failure.cause = row, error.reason
        raise failure from error
    except FetchError as error:
        error.row = row
        raise
