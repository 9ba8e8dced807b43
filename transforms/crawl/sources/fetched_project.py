"""What every source returns: a project's rows, and how the project was fetched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from transforms.crawl.project import Project
from transforms.lib.network.fetch import Fetcher


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
