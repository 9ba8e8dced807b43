"""The sources of a command line, one by one, each once."""

from collections.abc import Callable

from transforms.crawl.github.found_sources import FROM_PYPI, SEARCH, stands_for_others
from transforms.crawl.sources import NAMED_BY_PLACE, SOURCES, source_key, source_parts
from transforms.lib.errors import UsageError
from transforms.lib.redaction import redacted, without_secrets
from transforms.lib.skeleton.storage import absolute, read_file
from transforms.lib.text.lists import numbered_entries

LISTED = {"pypi", "git", "github"}  # kinds that have lists, KIND:@FILE


def expand_sources(named: list[str], find: Callable[[str], list[str]] | None = None) -> list[str]:
    """The sources in order, lists expanded, without repeats.

    `find` gives the sources that a search stands for; without it, searches stay as they are. Raises
    UsageError for what is no source, and for a list that cannot be read.
    """
    for source in named:  # before any is looked for: a search may take an hour
        _check(source)
    sources: list[str] = []
    for source in named:
        parts = source_parts(source)
        if parts is None:
            sources += find(source) if find else [source]
        elif parts.kind in LISTED and parts.place.startswith("@"):
            listed = [f"{parts.kind}:{line}" for line in read_list(parts.place[1:])]
            sources += without_secrets(listed)
        else:
            sources.append(source)
    for source in sources:
        if source.startswith("github:") and redacted(source) != source:
            raise UsageError(f"{redacted(source)}: credentials belong in GITHUB_TOKEN")
    return without_repeats(sources)


def _check(source: str) -> None:
    """Raises UsageError for what is no source."""
    parts = source_parts(source)
    if parts is None and not stands_for_others(source):
        known = ", ".join([*(f"{name}:" for name, _ in SOURCES), SEARCH, FROM_PYPI])
        raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
    if not source.isprintable():  # a file name that is not UTF-8 is not printable either
        raise UsageError(f"{source!a}: a source is printable text")
    if parts and parts.name and parts.kind not in NAMED_BY_PLACE:
        raise UsageError(f"{source}: {parts.kind}: brings its own names")
    if parts and parts.name and parts.kind in LISTED and parts.place.startswith("@"):
        raise UsageError(f"{source}: a list brings its own names")


def without_repeats(sources: list[str]) -> list[str]:
    """The sources without repeats: of equal ones (`pypi:Flask`, `pypi:flask`) the first."""
    first: dict[tuple[str, ...], str] = {}
    for source in sources:
        first.setdefault(source_key(source), source)
    return list(first.values())


def with_name(sources: list[str], name: str) -> list[str]:
    """The only source, called `name`; UsageError if there are several, or it has another name."""
    if len(sources) != 1:
        raise UsageError(
            f"--name {name}: names one source, not {len(sources)}; NAME=SOURCE names one of several"
        )
    named = f"{name}={sources[0]}"
    parts = source_parts(named)
    if parts is None or parts.name != name:
        raise UsageError(f"--name {name!r}: no name for a project ({sources[0]})")
    return expand_sources([named])


def read_list(file: str) -> list[str]:
    """The lines of a list at a path or URL, without blank ones; `#` begins a comment.

    Raises UsageError if it cannot be read as text.
    """
    return [line for _, line in read_numbered(file)]


def read_numbered(file: str) -> list[tuple[int, str]]:
    """As `read_list`, each line with its number."""
    try:
        return numbered_entries(read_file(absolute(file)))
    except (OSError, ValueError) as error:  # not there, not UTF-8, not a URL that is known
        raise UsageError(f"{file}: cannot be read as a list ({error})") from error
