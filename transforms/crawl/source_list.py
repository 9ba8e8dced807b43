"""The sources of a command line, one by one, each once."""

from transforms.crawl.sources import SOURCES, source_key
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import absolute, read_file


def expand_sources(named: list[str]) -> list[str]:
    """The sources in order, lists expanded, without repeats.

    Raises UsageError for what is no source, and for a list that cannot be read.
    """
    sources: list[str] = []
    for source in named:
        kind, colon, place = source.partition(":")
        if not colon or kind not in dict(SOURCES) or not place:
            known = ", ".join(f"{name}:" for name, _ in SOURCES)
            raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
        if not source.isprintable():  # a file name that is not UTF-8 is not printable either
            raise UsageError(f"{source!a}: a source is printable text")
        places = read_list(place[1:]) if kind == "pypi" and place.startswith("@") else [place]
        sources += [f"{kind}:{each}" for each in places]
    return without_repeats(sources)


def without_repeats(sources: list[str]) -> list[str]:
    """The sources without repeats: of equal ones (`pypi:Flask`, `pypi:flask`) the first."""
    first: dict[tuple[str, ...], str] = {}
    for source in sources:
        first.setdefault(source_key(source), source)
    return list(first.values())


def read_list(file: str) -> list[str]:
    """The lines of a list at a path or URL, without blank ones; `#` begins a comment.

    Raises UsageError if it cannot be read as UTF-8.
    """
    try:
        text = read_file(absolute(file)).decode()
    except (OSError, ValueError) as error:  # not there, not UTF-8, not a URL that is known
        raise UsageError(f"{file}: cannot be read as a list") from error
    stripped = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line for line in stripped if line]
