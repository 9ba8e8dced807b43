"""From the releases in DATA to the repositories that they were built from."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import HeaderParser

from transforms.crawl.github.attestations import NotAttested, attested
from transforms.crawl.github.built import Built
from transforms.crawl.github.pypi_links import linked_repository, tags_of
from transforms.crawl.project import METADATA_PATH
from transforms.lib.archives import ArchiveError, members
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.index_pages import IndexEntry, index_page, page_entries
from transforms.lib.network.pip_settings import index_urls
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

REPOSITORIES = "repositories"
COLUMNS = ["kind", "repo", "commit", "status", "archive_sha256"]
MOST_BYTES = 1 << 20  # of a provenance object, which takes 10 kB


@dataclass(frozen=True, order=True)
class CrawledRelease:
    """A release whose archive is in DATA."""

    name: str
    version: str
    archive_sha256: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def releases_in(data: Storage) -> list[CrawledRelease]:
    """The releases of package indexes that were crawled, by name and version."""
    names = shard_paths(data, REPOSITORIES) if read_manifest(data, REPOSITORIES) else []
    tables = (read_shard(data, name, COLUMNS) for name in names)
    rows = (row for table in tables for row in table.to_pylist())
    found = {
        CrawledRelease(row["repo"], row["commit"], row["archive_sha256"])
        for row in rows
        if row["kind"] == "pypi" and row["status"] == "ok" and row["archive_sha256"]
    }
    return sorted(found)


@dataclass
class Origins:
    """Looks up what releases were built from; their archives are in `store`.

    `counts` has how many are attested, claimed, or of no repository that is known (unknown), and
    `unverified` says of which releases an attestation was there and not good.
    """

    store: ArchiveStore
    fetcher: Fetcher
    counts: Counter[str] = field(default_factory=Counter)
    unverified: list[str] = field(default_factory=list)
    _page: tuple[str, list[tuple[str, IndexEntry]]] = ("", [])

    def of(self, release: CrawledRelease) -> Built | None:
        """What a release was built from; None if nothing says it.

        Raises UsageError if it has an attestation, and what verifies it is not installed.
        """
        found = self._attested(release) or self._claimed(release)
        self.counts[found.provenance if found else "unknown"] += 1
        return found

    def _attested(self, release: CrawledRelease) -> Built | None:
        """By the first attestation that an index has of the archive, if it is good."""
        for index, entry in self._entries(release.name):
            if entry.sha256 == release.archive_sha256 and entry.provenance:
                try:
                    kept = self.fetcher.archive(entry.provenance, linked_from=index)
                    return self._verified(release, entry.filename, kept.sha256)
                except (NotAttested, FetchError) as error:
                    self.unverified.append(f"{release} ({error})")
        return None

    def _verified(self, release: CrawledRelease, filename: str, sha256: str) -> Built:
        """By what an index says of the archive, which is in the store."""
        with self.fetcher.store.open(sha256) as stream:
            if stream.seek(0, os.SEEK_END) > MOST_BYTES:
                raise NotAttested(f"over {MOST_BYTES} bytes")
            stream.seek(0)
            found = attested(stream.read(), filename, release.archive_sha256)
        return Built(found.repository, (found.commit,), str(release), "attested", sha256)

    def _entries(self, name: str) -> list[tuple[str, IndexEntry]]:
        """The files that the indexes list, each with its index.

        An index that fails says nothing of a release.
        """
        if self._page[0] != name:
            self._page = name, list(self._listed(name))
        return self._page[1]

    def _listed(self, name: str) -> Iterator[tuple[str, IndexEntry]]:
        for index in index_urls():
            try:
                for entry in page_entries(index_page(index, name, self.fetcher)):
                    yield index, entry
            except FetchError as error:
                if error.status not in ("gone", "not_found"):
                    self.unverified.append(f"{name} (its page: {error})")

    def _claimed(self, release: CrawledRelease) -> Built | None:
        """By the metadata in its archive."""
        try:
            with self.store.open(release.archive_sha256) as stream:
                found = members(stream, lambda path: METADATA_PATH.fullmatch(path) is not None)
                texts = {each.path: each.content for each in found if each.content is not None}
        except (ArchiveError, FileNotFoundError):
            return None
        if not texts:
            return None
        path = min(texts, key=lambda path: (path.count("/"), path))
        metadata = texts[path].decode("utf-8", "replace")
        headers = HeaderParser().parsestr(metadata)
        tags = tags_of(release.name, release.version, str(headers.get("Version", "")).strip())
        repository = linked_repository(metadata)
        return Built(repository, tags, str(release), "claimed") if repository and tags else None
