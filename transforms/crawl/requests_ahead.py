"""What a crawl will ask for and read, as far as its sources tell: nobody is asked for it."""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from transforms.crawl.sources import SourceParts, source_parts
from transforms.lib.errors import UsageError
from transforms.lib.network.pip_settings import index_urls
from transforms.lib.skeleton.input_names import files_below, is_parquet, matching_files
from transforms.lib.skeleton.storage import is_url
from transforms.lib.text.amounts import amount, shown_bytes

SHOWN_SOURCES = 20  # by name; of more there is only the number
# Of git's protocol for one commit: where the repository is, its refs in two, its objects in two.
GIT_REQUESTS, REF_REQUESTS = 5, 2
COMMIT = re.compile(r".*@[0-9a-f]{40}", re.DOTALL)  # a source whose refs nobody has to look up
# Of GitHub's interface: a repository; with --tarball its commit, where its archive is, and that.
DESCRIPTION, TARBALL = 1, 3


def foretold_sources(sources: Sequence[str], flags: Collection[str]) -> list[str]:
    """The sources, or the first of them; then for each kind how many, requests, and files here."""
    kinds: dict[str, list[SourceParts]] = defaultdict(list)
    for parts in filter(None, map(source_parts, sources)):
        kinds[parts.kind].append(parts)
    lines = list(sources[:SHOWN_SOURCES])
    lines += [f"and {len(sources) - SHOWN_SOURCES:,} more"] * (len(sources) > SHOWN_SOURCES)
    return lines + [_of_kind(kind, each, flags) for kind, each in kinds.items()]


def _of_kind(kind: str, sources: list[SourceParts], flags: Collection[str]) -> str:
    requests = sum(requests_of(source, flags) for source in sources)
    asked = f"about {amount(requests, 'request')}" if requests else "no request"
    files = [file for source in sources for file in _files_here(source)]
    read = f", {amount(len(files), 'file')} of {shown_bytes(_bytes(files))}" if files else ""
    return f"{kind}: {amount(len(sources), 'source')}, {asked}{read}"


def requests_of(source: SourceParts, flags: Collection[str]) -> int:
    """The requests of a source that was not fetched before, where none fails or leads elsewhere."""
    git = GIT_REQUESTS - REF_REQUESTS * (COMMIT.fullmatch(source.place) is not None)
    if source.kind == "pypi":
        return len(index_urls()) + 1
    if source.kind == "git":
        return git
    if source.kind == "github":
        return DESCRIPTION + (TARBALL if "tarball" in flags else git)
    return int(is_url(source.place))


def _files_here(source: SourceParts) -> list[str]:
    """The files of this machine that a source is read from: of a folder those of Python."""
    if is_url(source.place):
        return []
    if source.kind == "dir":
        return [file for file in files_below(source.place) if file.endswith(".py")]
    with contextlib.suppress(UsageError):  # that there is none is a row of `repositories`
        if source.kind == "archive":
            return matching_files(source.place)
        if source.kind in ("parquet", "stack"):
            return matching_files(source.place, is_parquet)
    return []


def _bytes(files: Iterable[str]) -> int:
    return sum(os.path.getsize(file) for file in files if os.path.isfile(file))
