"""The exclusion list: projects and files that must not be kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name, canonicalize_version


@dataclass(frozen=True)
class Exclusions:
    """Names of projects (`NAME`, `NAME==V`) and digests of files that must not be kept."""

    entries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Exclusions":
        """The lines of a list; names in any spelling that compares equal."""
        return cls(frozenset(lines) | {_release(*line.partition("==")[::2]) for line in lines})

    def project(self, repo: str | None, commit: str | None) -> bool:
        """Whether a project is excluded, in every version or in this one."""
        names = {_release(repo or "", ""), _release(repo or "", commit or "")}
        return bool(repo) and not self.entries.isdisjoint(names)

    def file(self, row: dict[str, Any]) -> bool:
        """Whether a file is excluded by either digest."""
        return row["sha256"] in self.entries or row["raw_sha256"] in self.entries


def _release(name: str, version: str) -> str:
    return f"{canonicalize_name(name.strip())}=={canonicalize_version(version.strip())}"
