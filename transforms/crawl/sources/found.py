"""What a source gives: a project's rows, and how it was had."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from transforms.crawl.project import Project
from transforms.lib.network.fetch import Fetcher


@dataclass
class Found:
    """One project at a version; `row` holds what is known of its `repositories` row.

    `tables` are rows of `files` that come as they are, in place of a project read from members.
    """

    project: Project
    row: dict[str, Any] = field(default_factory=dict)
    tables: Iterator[pa.Table] | None = None


Read = Callable[[str, Fetcher], Found]
