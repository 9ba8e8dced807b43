"""The exclusion list: projects, sources and files that must not be kept."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name, canonicalize_version

from transforms.crawl.source_list import read_numbered
from transforms.crawl.sources import source_key, source_parts
from transforms.lib.errors import UsageError

# As it stands in a list, or as `sha256sum` prints it.
SHA256 = re.compile(r"(?:sha256[:=])?([0-9a-fA-F]{64})(?:\s+\*?\S.*)?")
OTHER_DIGEST = re.compile(r"(\w+[:=])?[0-9a-fA-F]{32,}")
# NAME or NAME==V. A project may be called as a folder is, so that few characters are impossible.
PROJECT = re.compile(r"""(?P<name>[^<>=!~,;:|"'`*?\[\]{}()\\]+)(==(?P<version>[^\s=<>~,;|]+))?""")


@dataclass(frozen=True)
class Exclusions:
    """What must not be kept: sha256 of files, `NAME==`, `NAME==V`, and sources, in one spelling."""

    entries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Exclusions":
        """The lines of a list, in any spelling; ValueError for a line that excludes nothing."""
        return cls(frozenset(map(_entry, lines)))

    def source(self, source: str) -> bool:
        """Whether a source is excluded, as it is named or in another spelling."""
        return bool(self.entries) and _source(source) in self.entries

    def project(self, repo: str | None, commit: str | None) -> bool:
        """Whether a project is excluded, in every version or in this one."""
        return bool(repo) and not self.entries.isdisjoint(_releases(repo, commit))

    def digest(self, row: Mapping[str, Any]) -> str | None:
        """The digest of a file, of its text or its raw bytes, that is excluded; None if none is."""
        return next((row[n] for n in ("sha256", "raw_sha256") if row[n] in self.entries), None)

    def without_effect(self, dropped: Iterable[Mapping[str, Any]]) -> list[str]:
        """The entries by which none of the `dropped` rows was dropped, sorted.

        A row has what it knows of source, repo, commit, sha256 and value: the digest that counted.
        """
        used = set[str]()
        for row in dropped:
            used.update(_releases(row.get("repo"), row.get("commit")))
            used.update(str(row.get(name)) for name in ("sha256", "value"))
            used.add(_source(str(row.get("source"))))
        return sorted(entry.removesuffix("==") for entry in self.entries - used)


def read_exclusions(file: str) -> Exclusions:
    """The exclusions that a list names; UsageError that names a line which is none."""
    entries = []
    for number, line in read_numbered(file):
        try:
            entries.append(_entry(line))
        except ValueError as error:
            raise UsageError(f"{file}, line {number}: {line[:100]!a}: {error}") from error
    return Exclusions(frozenset(entries))


def _entry(line: str) -> str:
    """A line in the one spelling that is compared.

    >>> _entry("My.Project == 1.0"), _entry("Flask"), _entry("A" * 64) == "a" * 64
    ('my-project==1', 'flask==', True)
    """
    if digest := SHA256.fullmatch(line):
        return digest[1].lower()
    if OTHER_DIGEST.fullmatch(line):
        raise ValueError("a digest, but no sha256 of 64 digits")
    if source_parts(line):
        return _source(line)
    if project := PROJECT.fullmatch(re.sub(r"\s*==\s*", "==", line)):
        return _release(project["name"], project["version"] or "")
    raise ValueError("no project (NAME or NAME==VERSION), source or sha256")


def _source(source: str) -> str:
    return ":".join(source_key(source))


def _releases(repo: str | None, commit: str | None) -> set[str]:
    return {_release(repo or "", ""), _release(repo or "", commit or "")}


def _release(name: str, version: str) -> str:
    return f"{canonicalize_name(name.strip())}=={canonicalize_version(version.strip())}"
