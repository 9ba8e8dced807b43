"""The source distributions of a project: in package indexes, pages of links, and folders.

Indexes are those of the simple API, as JSON (PEP 691) or HTML (PEP 503). As for pip, an index or a
page of links may be a folder of this machine. What is foreign text cannot name a file here: only
pages that are files themselves may link to files.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from transforms.lib.network.fetch import MAX_PAGE_BYTES, Fetcher, FetchError
from transforms.lib.network.local_files import file_url, is_file_url, local_path, read_local
from transforms.lib.network.page_cache import Page
from transforms.lib.network.pip_settings import index_urls, pip_settings

# The JSON of PEP 691 is preferred; the HTML of PEP 503 is the fallback.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
# Endings of source distributions, the preferred one first.
SDIST_SUFFIXES = (
    *(".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip", ".tbz", ".tar.bz", ".txz", ".tar"),
)
PAGE_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Release:
    """One source distribution; `listed_at` is the index, page or folder that lists it."""

    version: Version
    filename: str
    url: str
    sha256: str | None
    yanked: bool
    listed_at: str


def find_releases(project: str, fetcher: Fetcher) -> list[Release]:
    """The source distributions of a project in every place that pip is set to look at.

    Those of `find-links` come first, then those of the index and of the extra ones, in the order of
    the settings. Raises FetchError if a place fails, or if none of them knows the project. For an
    index that fails may be the one that has the project, and another project of the same name may
    be in the next one.
    """
    links, indexes = pip_settings().find_links, index_urls()
    if not links and not indexes:
        raise FetchError("no_index", "pip is set to ask no index (no-index), and has no find-links")
    releases, missing = [], []
    for place in links:
        releases += _linked_releases(place, project, fetcher)
    for index in indexes:
        try:
            page = _index_page(f"{index}/{project}/", fetcher)
        except FetchError as error:
            if error.status not in ("gone", "not_found"):
                raise
            missing.append(error)
        else:
            releases += page_releases(page, project, index)
    if not releases and missing and len(missing) == len(indexes):
        raise missing[0]
    return releases


def _index_page(url: str, fetcher: Fetcher) -> Page:
    if is_file_url(url):
        return _local_page(os.path.join(local_path(url), "index.html"))
    return fetcher.page(url, ACCEPT)


def _linked_releases(place: str, project: str, fetcher: Fetcher) -> list[Release]:
    """The releases at a place of `find-links`: a URL or path of a page, a folder or an archive."""
    if urlsplit(place).scheme in ("http", "https"):
        if archive := _release(place, project, _file_name(place), place, None, False):
            return [archive]
        return page_releases(fetcher.page(place, ACCEPT), project, place)
    path = local_path(place)
    if path.endswith(PAGE_SUFFIXES):
        return page_releases(_local_page(path), project, path)
    folder, name = (path, None) if os.path.isdir(path) else os.path.split(path)
    try:
        names = [name] if name else sorted(os.listdir(folder))
    except OSError as error:
        raise FetchError("unreadable", f"find-links {place}: {error.strerror}") from error
    urls = ((name, file_url(os.path.join(folder, name))) for name in names)
    listed = (_release(path, project, name, url, None, False) for name, url in urls)
    return [release for release in listed if release is not None]


def _local_page(path: str) -> Page:
    content = read_local(path, MAX_PAGE_BYTES)
    return Page(file_url(path), "text/html", content.decode("utf-8", "replace"))


def page_releases(page: Page, project: str, listed_at: str | None = None) -> list[Release]:
    """The source distributions of a project that a page lists, JSON or HTML.

    Other files are passed over. Raises FetchError if JSON is no page of the simple API.
    """
    is_json = "json" in page.content_type
    entries = _json_files(page) if is_json else _html_files(page)
    parsed = (_release(listed_at or page.url, project, *entry) for entry in entries)
    return [release for release in parsed if release is not None]


Entry = tuple[str, str, str | None, bool]  # file name, absolute URL, sha256, yanked


def _json_files(page: Page) -> Iterator[Entry]:
    try:
        for file in json.loads(page.body)["files"]:
            digest = (file.get("hashes") or {}).get("sha256")
            if url := _joined(page.url, str(file["url"])):
                # "yanked" is false, true or the reason as a string (PEP 691).
                yield str(file["filename"]), url, digest, bool(file.get("yanked"))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise FetchError("bad_index", f"no page of the simple API: {error!r:.200}") from error


def _html_files(page: Page) -> Iterator[Entry]:
    parser = _Links()
    parser.feed(page.body)
    base = _joined(page.url, parser.base or "") or page.url
    for attributes in parser.links:
        url, _, fragment = (attributes.get("href") or "").strip().partition("#")
        # Old indexes name more in a fragment: #sha256=…&egg=…
        facts = dict(fact.partition("=")[::2] for fact in fragment.split("&"))
        if address := _joined(base, url):
            yield _file_name(url), address, facts.get("sha256"), "data-yanked" in attributes


def _file_name(url: str) -> str:
    return unquote(url.partition("?")[0].partition("#")[0].rpartition("/")[2])


def _joined(base: str, url: str) -> str | None:
    """The absolute URL of a link, if it is a http URL, or a file that a file links to; or None."""
    try:
        address = urljoin(base, url)
        address.encode()  # JSON can spell a lone surrogate, which no URL can have
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    allowed = {"http", "https"} | ({"file"} & {urlsplit(base).scheme})
    return address if scheme in allowed else None


class _Links(HTMLParser):
    """Collects the attributes of every link of a page, and the address they are relative to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))
        elif tag == "base" and self.base is None:  # the first one counts (HTML, section 4.2.3)
            self.base = dict(attrs).get("href")


def _release(
    listed_at: str, project: str, filename: str, url: str, sha256: str | None, yanked: bool
) -> Release | None:
    """The release of an entry; None if it is no source distribution of the project."""
    stem = next((filename.removesuffix(e) for e in SDIST_SUFFIXES if filename.endswith(e)), None)
    version = stem and version_of(stem, project)
    digest = sha256.lower() if isinstance(sha256, str) else None
    return Release(version, filename, url, digest, yanked, listed_at) if version else None


def version_of(stem: str, project: str) -> Version | None:
    """The version in the file name of a source distribution, without its ending, of a project.

    As for pip the name is what is normalised to that of the project, whatever dashes follow.

    >>> version_of("cffi-1.0.2-2", "cffi"), version_of("zope.interface-5", "zope-interface")
    (<Version('1.0.2.post2')>, <Version('5')>)
    """
    for place, character in enumerate(stem):
        if character == "-" and canonicalize_name(stem[:place]) == project:
            try:
                return Version(stem[place + 1 :])
            except InvalidVersion:
                return None
    return None
