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
from transforms.crawl.sources.found import Found
from transforms.lib.archives import ArchiveError
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.page_cache import Page
from transforms.lib.network.pip_settings import index_url

# PEP 691; the plain HTML of PEP 503 is the fallback.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
ENDINGS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")  # the first is preferred


@dataclass(frozen=True)
class Release:
    """One source distribution of an index page."""

    version: Version
    filename: str
    url: str
    sha256: str | None
    yanked: bool


def named(place: str) -> tuple[str, str | None]:
    """Project and pinned version of `NAME[==V]`, in the spelling that compares equal."""
    name, _, version = place.partition("==")
    spelt = canonicalize_version(version.strip(), strip_trailing_zero=False)
    return str(canonicalize_name(name.strip())), spelt or None


def read(place: str, fetcher: Fetcher) -> Found:
    """The project of `NAME` (its newest stable release) or `NAME==V`."""
    name, version = named(place)
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


def _read(name: str, version: str | None, fetcher: Fetcher, row: dict) -> Found:
    """Fills `row` step by step, so that a failure tells how far it went."""
    try:
        canonicalize_name(name, validate=True)
    except InvalidName as error:
        raise FetchError("gone", f"{name!r} is no project name") from error
    row["url"] = fetcher.without_password(f"{index_url()}/{name}/")
    page = fetcher.page(row["url"], ACCEPT)
    release = choose(releases(page, name), version)
    row |= {"commit": str(release.version), "url": fetcher.without_password(release.url)}
    got = fetcher.archive(release.url, release.sha256)
    with fetcher.store.open(got.sha256) as stream:
        size = stream.seek(0, os.SEEK_END)
    row |= {"archive_sha256": got.sha256, "archive_bytes": size}
    row |= {"http_status": got.http_status, "etag": got.etag}
    return read_stored(got.sha256, fetcher, row)


def releases(page: Page, project: str) -> list[Release]:
    """A project's source distributions on its page, JSON or HTML; what is none is passed over."""
    entries = _json_files(page.body) if "json" in page.content_type else _html_files(page.body)
    found = (_release(page.url, project, *entry) for entry in entries)
    return [release for release in found if release is not None]


Entry = tuple[str, str, str | None, bool]  # file name, address, sha256, yanked


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
    """The attributes of every link."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))


def _release(
    page: str, project: str, filename: str, url: str, sha256: str | None, yanked: bool
) -> Release | None:
    stem = next((filename.removesuffix(e) for e in ENDINGS if filename.endswith(e)), None)
    if stem is None:
        return None
    try:
        name, version = parse_sdist_filename(stem + ".tar.gz")
        address = urljoin(page, url)
        address.encode()  # JSON can spell a lone surrogate, which is no text
    except (InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    digest = sha256.lower() if isinstance(sha256, str) else None
    return Release(version, filename, address, digest, yanked) if name == project else None


def choose(found: list[Release], version: str | None) -> Release:
    """The pinned release, or the newest that is neither a pre-release nor yanked."""
    if not found:
        raise FetchError("no_sdist", "the index lists no source distribution")
    if version is None:
        stable = [r for r in found if not r.yanked and not r.version.is_prerelease]
        if not stable:
            raise FetchError("no_sdist", "only pre-releases and yanked ones; pin one with ==")
        return max(stable, key=_preference)
    try:
        pinned = [release for release in found if release.version == Version(version)]
    except InvalidVersion as error:
        raise FetchError("no_such_version", f"{version!r} is no version") from error
    if not pinned:
        raise FetchError("no_such_version", f"no source distribution of version {version}")
    return max(pinned, key=_preference)


def _preference(release: Release) -> tuple[Version, int, str]:
    """A total order: the order of the page says nothing."""
    ending = next(i for i, ending in enumerate(ENDINGS) if release.filename.endswith(ending))
    return release.version, -ending, release.filename
