"""Units of the crawl: a few sources each, in the order in which they were named."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.crawl import STAGE
from transforms.lib.skeleton.storage import Storage

SHARDS = 128  # aimed at in a large crawl
MOST_SOURCES = 64  # in one unit: what a killed crawl fetches again
# Entries of the manifests that stay while other shards are crawled again.
KEPT = f"_work/{STAGE}/plan/kept.json"


@dataclass(frozen=True)
class SourceUnit:
    """Sources that one worker crawls; `name` is a digest of them, `index` its place in the plan.

    `projects` are the names of their projects, empty where the sources say them.
    """

    index: int
    name: str
    sources: tuple[str, ...]
    projects: tuple[str, ...]

    def pack(self) -> bytes:
        """The unit as JSON."""
        return json.dumps([self.index, self.name, self.sources, self.projects]).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "SourceUnit":
        """The unit that was packed."""
        index, name, sources, projects = json.loads(content)
        return cls(index, name, tuple(sources), tuple(projects))


def plan_sources(sources: Sequence[str], projects: Sequence[str] = ()) -> list[SourceUnit]:
    """Units of the sources, in order, each named after its sources: the same list, the same shards.

    `projects` are the names of all, as of `distinct_names`.

    >>> [len(unit.sources) for unit in plan_sources(["pypi:flask", "pypi:click", "dir:mine"])]
    [1, 1, 1]
    """
    size = min(MOST_SOURCES, max(1, len(sources) // SHARDS))
    projects = projects or [""] * len(sources)
    groups = [(sources[i : i + size], projects[i : i + size]) for i in range(0, len(sources), size)]
    return [
        SourceUnit(i, _digest("\n".join([*each, *filter(None, names)])), tuple(each), tuple(names))
        for i, (each, names) in enumerate(groups)
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_kept(data: Storage, shards: list[dict]) -> None:
    """Write the entries of committed shards that stay in the manifests."""
    data.put_json(KEPT, {"shards": shards})


def read_kept(data: Storage) -> list[dict]:
    """The entries that `write_kept` wrote."""
    shards: list[dict] = data.read_json(KEPT)["shards"]
    return shards


def kept_marker(data: Storage) -> str:
    """The shards that stay, as a marker in JSON: the commit takes them like those of a unit."""
    return json.dumps({"shards": read_kept(data)})
