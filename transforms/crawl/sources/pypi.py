"""pypi:NAME[==V], a source distribution from the package index that pip is configured for."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin

from packaging.utils import (
    InvalidName,
    InvalidSdistFilename,
    canonicalize_name,
    canonicalize_version,
    parse_sdist_filename,
)
from packaging.version import InvalidVersion, Version

from transforms.crawl.sources.archive import read_stored
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives import ArchiveError
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.page_cache import Page
from transforms.lib.network.pip_settings import index_url

# The JSON of PEP 691 is preferred; the HTML of PEP 503 is the fallback.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
SDIST_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")  # the first is preferred


@dataclass(frozen=True)
class Release:
    """One source distribution that a page of the index lists."""

    version: Version
    filename: str
    url: str
    sha256: str | None
    yanked: bool


def project_and_version(place: str) -> tuple[str, str | None]:
    """Project and pinned version of `NAME[==V]`, normalised; None for no version.

    >>> project_and_version("My_Project==1.0RC1"), project_and_version("flask")
    (('my-project', '1.0rc1'), ('flask', None))
    """
    name, _, version = place.partition("==")
    normalised = canonicalize_version(version.strip(), strip_trailing_zero=False)
    return str(canonicalize_name(name.strip())), normalised or None


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The newest stable release of `NAME`, or the one of `NAME==V`.

    Raises FetchError, whose `row` holds what is known of the release, if it cannot be fetched.
    """
    name, version = project_and_version(place)
    row: dict[str, object] = {"repo": name, "commit": version}
    try:
        return _read(name, version, fetcher, row)
    except ArchiveError as error:
        failure = FetchError("rejected", f"{error.reason} {error.value}".strip())
        failure.row, failure.cause = row, error.reason
        raise failure from error
    except FetchError as error:
        error.row = row
        raise


def _read(name: str, version: str | None, fetcher: Fetcher, row: dict) -> FetchedProject:
    """Fills `row` step by step: when a step fails, the caller keeps what is known so far."""
    try:
        canonicalize_name(name, validate=True)
    except InvalidName as error:
        raise FetchError("gone", f"{name!r} is no project name") from error
    row["url"] = fetcher.without_password(f"{index_url()}/{name}/")
    page = fetcher.page(row["url"], ACCEPT)
    release = choose(releases(page, name), version)
    row |= {"commit": str(release.version), "url": fetcher.without_password(release.url)}
    response = fetcher.archive(release.url, release.sha256)
    with fetcher.store.open(response.sha256) as stream:
        size = stream.seek(0, os.SEEK_END)
    row |= {"archive_sha256": response.sha256, "archive_bytes": size}
    row |= {"http_status": response.http_status, "etag": response.etag}
    return read_stored(response.sha256, fetcher, row)


def releases(page: Page, project: str) -> list[Release]:
    """The source distributions of a project that its page lists, JSON or HTML.

    Other files are passed over. Raises FetchError if JSON is no page of the simple API.
    """
    entries = _json_files(page.body) if "json" in page.content_type else _html_files(page.body)
    parsed = (_release(page.url, project, *entry) for entry in entries)
    return [release for release in parsed if release is not None]


Entry = tuple[str, str, str | None, bool]  # file name, URL, sha256, yanked


def _json_files(body: str) -> Iterable[Entry]:
    try:
        for file in json.loads(body)["files"]:
            digest = (file.get("hashes") or {}).get("sha256")
            # "yanked" is false, true or the reason as a string (PEP 691).
            yield str(file["filename"]), str(file["url"]), digest, bool(file.get("yanked"))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise FetchError("bad_index", f"no page of the simple API: {error!r:.200}") from error


def _html_files(body: str) -> Iterable[Entry]:
    parser = _Links()
    parser.feed(body)
    for attributes in parser.links:
        url, _, fragment = (attributes.get("href") or "").partition("#")
        digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None
        name = unquote(url.partition("?")[0].rpartition("/")[2])
        yield name, url, digest, "data-yanked" in attributes


class _Links(HTMLParser):
    """Collects the attributes of every link of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))


def _release(
    page: str, project: str, filename: str, url: str, sha256: str | None, yanked: bool
) -> Release | None:
    """The release of an entry; None if it is no source distribution of the project."""
    stem = next((filename.removesuffix(e) for e in SDIST_SUFFIXES if filename.endswith(e)), None)
    if stem is None:
        return None
    try:
        name, version = parse_sdist_filename(stem + ".tar.gz")
        address = urljoin(page, url)
        address.encode()  # JSON can spell a lone surrogate, which no URL can have
    except (InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    digest = sha256.lower() if isinstance(sha256, str) else None
    return Release(version, filename, address, digest, yanked) if name == project else None


def choose(candidates: list[Release], version: str | None) -> Release:
    """The release of `version`, or the newest that is neither a pre-release nor yanked.

    Raises FetchError if there is none.
    """
    if not candidates:
        raise FetchError("no_sdist", "the index lists no source distribution")
    if version is None:
        stable = [r for r in candidates if not r.yanked and not r.version.is_prerelease]
        if not stable:
            raise FetchError("no_sdist", "only pre-releases and yanked ones; pin one with ==")
        return max(stable, key=_preference)
    try:
        pinned = [release for release in candidates if release.version == Version(version)]
    except InvalidVersion as error:
        raise FetchError("no_such_version", f"{version!r} is no version") from error
    if not pinned:
        raise FetchError("no_such_version", f"no source distribution of version {version}")
    return max(pinned, key=_preference)


def _preference(release: Release) -> tuple[Version, int, str]:
    """The largest is preferred. A total order, because the order of a page may change."""
    suffix = next(i for i, e in enumerate(SDIST_SUFFIXES) if release.filename.endswith(e))
    return release.version, -suffix, release.filename
