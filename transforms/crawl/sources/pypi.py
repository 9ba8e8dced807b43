"""pypi:NAME[==V], a source distribution from the package indexes that pip is configured for."""

import os

from packaging.utils import InvalidName, canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

from transforms.crawl.simple_index import SDIST_SUFFIXES, Release, find_releases
from transforms.crawl.sources.archive import read_stored
from transforms.crawl.sources.fetched_project import FetchedProject, failing_with
from transforms.lib.network.fetch import FetchedArchive, Fetcher, FetchError
from transforms.lib.network.local_files import is_file_url, local_path, read_local
from transforms.lib.network.pip_settings import index_urls, pip_settings
from transforms.lib.redaction import redacted


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
    with failing_with(row):
        return _read(name, version, fetcher, row)


def _read(name: str, version: str | None, fetcher: Fetcher, row: dict) -> FetchedProject:
    """Fills `row` step by step: when a step fails, the caller keeps what is known so far."""
    try:
        canonicalize_name(name, validate=True)
    except InvalidName as error:
        raise FetchError("gone", f"{name!r} is no project name") from error
    if indexes := index_urls():
        row["url"] = redacted(fetcher.without_password(f"{indexes[0]}/{name}/"))
    release = choose(find_releases(name, fetcher), version, pre=pip_settings().pre)
    row |= {"commit": str(release.version), "url": redacted(fetcher.without_password(release.url))}
    response = _archive(release, fetcher)
    with fetcher.store.open(response.sha256) as stream:
        size = stream.seek(0, os.SEEK_END)
    row |= {"archive_sha256": response.sha256, "archive_bytes": size}
    row |= {"http_status": response.http_status, "etag": response.etag}
    return read_stored(response.sha256, fetcher, row)


def _archive(release: Release, fetcher: Fetcher) -> FetchedArchive:
    """The archive of a release, in the store."""
    if not is_file_url(release.url):
        return fetcher.archive(release.url, release.sha256, release.listed_at)
    content = read_local(local_path(release.url), fetcher.politeness.max_bytes)
    sha256 = fetcher.store.put(content)
    if release.sha256 and sha256 != release.sha256:
        raise FetchError("wrong_hash", f"sha256 {sha256}, the index says {release.sha256[:64]!a}")
    return FetchedArchive(release.url, sha256)


def choose(candidates: list[Release], version: str | None, *, pre: bool = False) -> Release:
    """The release of `version`, or the newest that is not yanked.

    A pre-release is chosen if there is nothing else, or with `pre` if it is newer (PEP 440). Raises
    FetchError if there is none.
    """
    if not candidates:
        raise FetchError(
            "no_sdist", "nothing that pip is set to look at lists a source distribution"
        )
    if version is None:
        usable = [release for release in candidates if not release.yanked]
        stable = [release for release in usable if not release.version.is_prerelease]
        if not usable:
            raise FetchError("no_sdist", "only yanked releases; pin one with ==")
        return max(usable if pre or not stable else stable, key=_preference)
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
