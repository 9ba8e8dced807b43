"""The source distributions of a project: in package indexes, pages of links, and folders.

As for pip, an index or a page of links may be a folder of this machine.
"""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.index_pages import (
    ACCEPT,
    IndexEntry,
    file_name,
    index_page,
    local_page,
    page_entries,
)
from transforms.lib.network.local_files import file_url, local_path
from transforms.lib.network.page_cache import Page
from transforms.lib.network.pip_settings import index_urls, pip_settings

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
            page = index_page(index, project, fetcher)
        except FetchError as error:
            if error.status not in ("gone", "not_found"):
                raise
            missing.append(error)
        else:
            releases += page_releases(page, project, index)
    if not releases and missing and len(missing) == len(indexes):
        raise missing[0]
    return releases


def _linked_releases(place: str, project: str, fetcher: Fetcher) -> list[Release]:
    """The releases at a place of `find-links`: a URL or path of a page, a folder or an archive."""
    if urlsplit(place).scheme in ("http", "https"):
        if archive := _release(place, project, IndexEntry(file_name(place), place)):
            return [archive]
        return page_releases(fetcher.page(place, ACCEPT), project, place)
    path = local_path(place)
    if path.endswith(PAGE_SUFFIXES):
        return page_releases(local_page(path), project, path)
    folder, name = (path, None) if os.path.isdir(path) else os.path.split(path)
    try:
        names = [name] if name else sorted(os.listdir(folder))
    except OSError as error:
        raise FetchError("unreadable", f"find-links {place}: {error.strerror}") from error
    urls = ((name, file_url(os.path.join(folder, name))) for name in names)
    listed = (_release(path, project, IndexEntry(name, url)) for name, url in urls)
    return [release for release in listed if release is not None]


def page_releases(page: Page, project: str, listed_at: str | None = None) -> list[Release]:
    """The source distributions of a project that a page lists, JSON or HTML.

    Other files are passed over. Raises FetchError if JSON is no page of the simple API.
    """
    parsed = (_release(listed_at or page.url, project, entry) for entry in page_entries(page))
    return [release for release in parsed if release is not None]


def _release(listed_at: str, project: str, entry: IndexEntry) -> Release | None:
    """The release of an entry; None if it is no source distribution of the project."""
    filename = entry.filename
    stem = next((filename.removesuffix(e) for e in SDIST_SUFFIXES if filename.endswith(e)), None)
    version = stem and version_of(stem, project)
    if not version:
        return None
    return Release(version, filename, entry.url, entry.sha256, entry.yanked, listed_at)


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
