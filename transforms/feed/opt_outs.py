"""Who has opted out of training: repositories, owners, and files by their digest."""

import re
from dataclasses import dataclass

from transforms.feed.feed_sources import Reason, Row
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import read_file
from transforms.lib.splits import project
from transforms.lib.text.lists import numbered_entries

SHA256 = re.compile(r"[0-9a-f]{64}")
REPOSITORY = re.compile(r"[^\s/]+(/[^\s/]*){0,3}")


@dataclass(frozen=True)
class OptOuts:
    """What is left out: names of repositories without versions, owners, digests of files."""

    repositories: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()

    def reason(self, row: Row) -> Reason | None:
        """Why a row is left out; None if nobody has opted out.

        >>> opted = OptOuts(frozenset({"flask"}), frozenset({"octocat"}))
        >>> opted.reason({"repo": "Flask-2.0", "sha256": None})
        ('opt_out', 'flask')
        >>> opted.reason({"repo": "octocat/hello@main", "sha256": None})
        ('opt_out', 'octocat/')
        """
        name = project(row["repo"] or "").lower()
        owner, slash, _ = name.partition("/")
        if name in self.repositories:
            return "opt_out", name
        if slash and owner in self.owners:
            return "opt_out", f"{owner}/"
        return ("opt_out", row["sha256"]) if row.get("sha256") in self.digests else None

    def pack(self) -> dict[str, list[str]]:
        """The lists as JSON has them."""
        return {name: sorted(values) for name, values in vars(self).items()}

    @classmethod
    def unpack(cls, lists: dict[str, list[str]] | None) -> "OptOuts":
        """What `pack` made the lists of; None is nobody."""
        return cls(**{name: frozenset(values) for name, values in (lists or {}).items()})


def read_opt_outs(file: str) -> OptOuts:
    """The opt-outs in a file: one a line, `#` begins a comment.

    A line is a repository as its rows name it (`flask`, `owner/name`; its version does not matter,
    nor do capitals), an owner (`owner/`), or the sha256 of a file of `corpus`. Raises UsageError
    that names the line for anything else.
    """
    try:
        entries = numbered_entries(read_file(file))
    except (OSError, ValueError) as error:
        raise UsageError(f"--opt-outs {file}: cannot be read ({error!s:.200})") from error
    found: dict[str, set[str]] = {"repositories": set(), "owners": set(), "digests": set()}
    for number, entry in entries:
        kind, name = _entry(entry.lower())
        if not kind:
            raise UsageError(
                f"--opt-outs {file}: line {number}: {entry:.80}: no repository (flask, owner/name),"
                " owner (owner/) or sha256"
            )
        found[kind].add(name)
    return OptOuts(**{name: frozenset(values) for name, values in found.items()})


def _entry(entry: str) -> tuple[str, str]:
    if SHA256.fullmatch(entry):
        return "digests", entry
    if not REPOSITORY.fullmatch(entry):
        return "", ""
    if entry.endswith("/"):
        return ("owners", entry[:-1]) if entry.count("/") == 1 else ("", "")
    return "repositories", project(entry)
