"""What stands behind `git:`, URL[@REF]: its parts, the name of its project, and one spelling."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from transforms.lib.archives.rules import UNPRINTABLE
from transforms.lib.network.fetch import FetchError
from transforms.lib.redaction import redacted

# An @ that begins the name of a folder is part of the path: https://host/@user/repo.
REF_MARK = re.compile(r"(?<=[^/])@")
SCP_LIKE = re.compile(r"(?:[^/:@\s]+@)?(?P<host>[^/:@\s]+):(?P<path>(?!//|:)\S+)")
# What git's rules refuse in a name, and a dash at its beginning, which is that of an option.
BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|[/.]$|\.lock$|^@$")
ANY_CASE_ID = re.compile("[0-9a-fA-F]{40}")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class GitPlace:
    """A repository's URL, without a last slash, and the branch, tag or commit that is asked for."""

    url: str
    ref: str | None = None


def git_place(text: str) -> GitPlace:
    """The parts of URL[@REF]; FetchError if it is no URL that git reads by http, or no such name.

    >>> git_place("https://host/o/r.git@v1"), git_place("https://me:pw@host/@o/r").ref
    (GitPlace(url='https://host/o/r.git', ref='v1'), None)
    """
    if (found := SCP_LIKE.fullmatch(text)) and "://" not in text:
        raise FetchError("bad_url", f"read by https: https://{found['host']}/{found['path']}")
    scheme, mark, rest = text.partition("://")
    server, _, path = rest.partition("/")
    path, *refs = REF_MARK.split(path, maxsplit=1)
    url = f"{scheme}{mark}{server}/{path}".rstrip("/")
    if not mark or scheme.lower() not in DEFAULT_PORTS or not _is_server(url) or not path:
        raise FetchError("bad_url", f"no https address: {redacted(text)[:200]}")
    if re.search(r"[?#\s]", text) or UNPRINTABLE.search(text):
        raise FetchError("bad_url", "a repository's URL has no query, fragment or blank")
    if not refs:
        return GitPlace(url)
    if not refs[0] or BAD_REF.search(refs[0]):
        raise FetchError("bad_url", f"{refs[0][:200]!r} is no branch, tag or commit")
    return GitPlace(url, refs[0].lower() if ANY_CASE_ID.fullmatch(refs[0]) else refs[0])


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def one_spelling(url: str) -> str:
    """The URL as all its spellings are compared: no user, .git, default port or capital host.

    >>> one_spelling("HTTPS://Host:443/O/r.git/")
    'https://host/O/r'
    """
    scheme, _, rest = url.partition("://")
    server, _, path = rest.partition("/")
    server = server.rpartition("@")[2].lower().removesuffix(DEFAULT_PORTS.get(scheme.lower(), ""))
    return f"{scheme.lower()}://{server}/{path.strip('/').removesuffix('.git').rstrip('/')}"


def folders_and_name(url: str) -> tuple[list[str], str]:
    """The host and folders above a project, and its name: the last two parts of the path.

    >>> folders_and_name("https://host/group/owner/r.git")
    (['host', 'group'], 'owner/r')
    """
    server, *path = unquote(one_spelling(url).partition("://")[2]).split("/")
    return [server, *path[:-2]], "/".join(path[-2:])
