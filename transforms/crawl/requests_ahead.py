"""How many requests a crawl will make, as far as its sources tell: nobody is asked for it."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from transforms.crawl.sources import source_parts
from transforms.lib.network.pip_settings import index_urls
from transforms.lib.skeleton.storage import is_url

SHOWN_SOURCES = 20  # by name; of more there is only the number
# Of git's protocol for one commit: where the repository is, its refs in two, its objects in two.
GIT_REQUESTS, REF_REQUESTS = 5, 2
COMMIT = re.compile(r".*@[0-9a-f]{40}", re.DOTALL)  # a source whose refs nobody has to look up
# Of GitHub's interface: a repository; with --tarball also its commit, and where its archive is.
DESCRIPTION, TARBALL = 1, 3


def foretold_sources(sources: Sequence[str], flags: Collection[str]) -> list[str]:
    """The sources, or the first of them, and for each kind how many there are, with requests."""
    kinds = {source: _kind(source) for source in sources}
    counts = Counter(kinds.values())
    requests: Counter[str] = Counter()
    for source, kind in kinds.items():
        requests[kind] += requests_of(source, flags)
    lines = list(sources[:SHOWN_SOURCES])
    lines += [f"and {len(sources) - SHOWN_SOURCES:,} more"] * (len(sources) > SHOWN_SOURCES)
    return lines + [
        f"{kind}: {count:,} source{'s' * (count > 1)}, {_told(requests[kind])}"
        for kind, count in counts.items()
    ]


def requests_of(source: str, flags: Collection[str]) -> int:
    """The requests of a source that was not fetched before, where none fails or leads elsewhere."""
    parts = source_parts(source)
    if parts is None:
        return 0
    git = GIT_REQUESTS - REF_REQUESTS * (COMMIT.fullmatch(parts.place) is not None)
    if parts.kind == "pypi":
        return len(index_urls()) + 1
    if parts.kind == "git":
        return git
    if parts.kind == "github":
        return DESCRIPTION + (TARBALL if "tarball" in flags else git)
    return int(is_url(parts.place))


def _kind(source: str) -> str:
    parts = source_parts(source)
    return parts.kind if parts else source.partition(":")[0]


def _told(requests: int) -> str:
    return f"about {requests:,} request{'s' * (requests > 1)}" if requests else "no request"
