"""What a release says of its repository on GitHub: a link in its metadata, a tag of its version.

Its authors claim it. Nobody has verified that the release was built from there.
"""

import re
from collections.abc import Iterator
from email.parser import HeaderParser

# Labels of links to the source (PEP 753), without blanks and signs; the stronger ones first.
LABELS = ("source", "repository", "sourcecode", "github", "code", "homepage")
LINK = re.compile(
    r"(git\+)?https?://(www\.)?github\.com/(?P<name>[A-Za-z0-9][\w-]{0,99}/(?!\.)[\w.-]{1,100}?)"
    r"(\.git)?([/?#@].*)?",
    re.ASCII,
)
NO_OWNERS = ("sponsors", "orgs", "users", "topics", "features", "marketplace", "apps", "settings")
MOST_LINKS = 100
# How projects call the tag of a version, the most frequent way first.
TAGS = ("v{version}", "{version}", "{name}-{version}", "{name}-v{version}", "release-{version}")
VERSION = re.compile(r"[A-Za-z0-9][\w.+!-]{0,127}", re.ASCII)


def linked_repository(metadata: str) -> str | None:
    r"""OWNER/NAME on GitHub, as a release's PKG-INFO links to it; None if it does not.

    >>> linked_repository("Home-page: https://click.example\n"
    ...                   "Project-URL: Source Code, https://github.com/pallets/click/\n")
    'pallets/click'
    """
    return min(_links(metadata), default=(0, None))[1]


def _links(metadata: str) -> Iterator[tuple[int, str]]:
    """Yields the repositories that are linked to, each with the place of its label."""
    headers = HeaderParser().parsestr(metadata)
    pairs = [str(each).partition(",")[::2] for each in headers.get_all("Project-URL", [])]
    pairs += [("homepage", str(each)) for each in headers.get_all("Home-page", [])]
    for label, url in pairs[:MOST_LINKS]:
        plain = re.sub(r"[\W_]", "", label).lower()
        link = LINK.fullmatch(url.strip())
        if link and plain in LABELS and link["name"].partition("/")[0].lower() not in NO_OWNERS:
            yield LABELS.index(plain), link["name"]


def tags_of(name: str, *versions: str | None) -> tuple[str, ...]:
    """What a tag of a version may be called, in whichever spelling of it; the likeliest first.

    >>> tags_of("widget", "1.0rc1", "1.0-rc1")[:3]
    ('v1.0rc1', 'v1.0-rc1', '1.0rc1')
    """
    usable = [each for each in versions if each and VERSION.fullmatch(each)]
    tags = [tag.format(name=name, version=version) for tag in TAGS for version in usable]
    return tuple(dict.fromkeys(tags))
