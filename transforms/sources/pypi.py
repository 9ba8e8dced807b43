"""pypi:NAME[==V], a source distribution from the package index that pip is configured for."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from transforms.fetch import Fetcher, FetchError, Response
from transforms.sources.archive import read_stored
from transforms.sources.found import Found

# PEP 691; the plain HTML of PEP 503 is the fallback.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
ENDINGS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
INDEX_BYTES = 64 << 20


@dataclass(frozen=True)
class Release:
    """One source distribution of an index page."""

    version: Version
    url: str
    sha256: str | None
    yanked: bool


@functools.cache
def index_url() -> str:
    """The index of pip's environment or configuration, or pip's built-in default."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url.rstrip("/")
    for key in ("install.index-url", "global.index-url"):
        command = [sys.executable, "-m", "pip", "config", "get", key]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if url := answer.stdout.strip():
            return url.rstrip("/")
    from pip._internal.models.index import PyPI  # where pip itself keeps its default

    return str(PyPI.simple_url).rstrip("/")


def read(place: str, fetcher: Fetcher) -> Found:
    """The project of `NAME` (its newest stable release) or `NAME==V`."""
    name, _, version = place.partition("==")
    name = str(canonicalize_name(name.strip()))
    page = fetcher.get(f"{index_url()}/{name}/", ACCEPT, max_bytes=INDEX_BYTES)
    release = choose(releases(page, _body(page, fetcher)), version.strip() or None)
    got = fetcher.get(release.url, sha256=release.sha256)
    row = {
        "repo": name,
        "commit": str(release.version),
        "url": release.url,
        "archive_sha256": got.sha256,
        "http_status": got.http_status,
        "etag": got.etag,
    }
    with fetcher.store.open(got.sha256) as stream:
        row["archive_bytes"] = len(stream.read())
    return read_stored(got.sha256, fetcher, row)


def _body(page: Response, fetcher: Fetcher) -> str:
    with fetcher.store.open(page.sha256) as stream:
        return stream.read().decode("utf-8", "replace")


def releases(page: Response, body: str) -> list[Release]:
    """Source distributions on an index page, JSON or HTML; names that are none are passed over."""
    try:
        entries = _json_files(json.loads(body))
    except ValueError:
        entries = _html_files(body)
    found = (_release(page.url, *entry) for entry in entries)
    return [release for release in found if release is not None]


Entry = tuple[str, str, str | None, bool]  # file name, address, sha256, yanked


def _json_files(page: dict) -> Iterable[Entry]:
    for file in page.get("files", []):
        digest = (file.get("hashes") or {}).get("sha256")
        # "yanked" is false, true or the reason as a string (PEP 691).
        yield file["filename"], file["url"], digest, bool(file.get("yanked"))


def _html_files(body: str) -> Iterable[Entry]:
    parser = _Links()
    parser.feed(body)
    for attributes in parser.links:
        url, fragment = urldefrag(attributes.get("href") or "")
        digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None
        yield url.rsplit("/", 1)[-1], url, digest, "data-yanked" in attributes


class _Links(HTMLParser):
    """The attributes of every link."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))


def _release(page: str, name: str, url: str, sha256: str | None, yanked: bool) -> Release | None:
    ending = next((e for e in ENDINGS if name.endswith(e)), None)
    if ending is None:
        return None
    try:
        _, version = parse_sdist_filename(name.removesuffix(ending) + ".tar.gz")
    except (InvalidSdistFilename, InvalidVersion):
        return None
    return Release(version, urljoin(page, url), sha256, yanked)


def choose(found: list[Release], version: str | None) -> Release:
    """The pinned release, or the newest that is neither a pre-release nor yanked."""
    if not found:
        raise FetchError("no_sdist", "the index lists no source distribution")
    if version is None:
        stable = [r for r in found if not r.yanked and not r.version.is_prerelease]
        if not stable:
            raise FetchError("no_sdist", "only pre-releases and yanked ones; pin one with ==")
        return max(stable, key=lambda release: release.version)
    try:
        pinned = [release for release in found if release.version == Version(version)]
    except InvalidVersion as error:
        raise FetchError("no_such_version", f"{version!r} is no version") from error
    if not pinned:
        raise FetchError("no_such_version", f"no source distribution of version {version}")
    return pinned[0]
