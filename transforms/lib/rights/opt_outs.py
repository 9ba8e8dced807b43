"""Who has opted out: owners, repositories, files and holders of licences, one a line of a list."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import absolute, read_file
from transforms.lib.splits import project
from transforms.lib.text.lists import numbered_entries

REPOSITORY = re.compile(r"[^\s/*?:@]+(/[^\s/*?:]*){0,3}")
FILE = re.compile(rf"(?P<repo>{REPOSITORY.pattern}):(?P<path>[^/*?].*)")
# What people paste: the address of a repository on a forge, or of a project on the index.
ADDRESS = re.compile(
    r"((https?://)?(www\.|codeload\.)?|(ssh://)?git@)"
    r"(?P<host>github\.com|gitlab\.com|codeberg\.org|pypi\.org/project)[/:]",
    re.IGNORECASE,
)
BELOW = re.compile(r"/-/|[?#]")  # in an address, where what is below the repository begins
PAGE_OF_FILE = re.compile(r"(?P<repo>[^/]+/[^/]+)/(blob|raw)/[^/]+/(?P<path>[^?#]+).*")
SOURCE_KIND = re.compile(r"(pypi|github):(?=[^/])", re.IGNORECASE)  # as `crawl` names a source
SHA256 = re.compile(r"[0-9a-f]{64}")
OTHER_DIGEST = re.compile(r"(\w+:)?[0-9a-f]{32,}")
E_MAIL = re.compile(r"[^/@\s]+@[a-z0-9.-]+\.[a-z]{2,}")
REPO_ID = re.compile(r"id:0*([0-9]{1,18})")
SWHID = re.compile(r"(swh:1:(?:cnt|dir|rev):[0-9a-f]{40})(;.*)?")  # qualifiers say where it was met
DOMAIN = re.compile(r"@([a-z0-9-]{1,63}\.)+[a-z]{2,63}")
KINDS = (
    "no owner (octo/), repository (flask, octo/cat, id:12345), file (octo/cat:a.py), SWHID, sha256 "
    "or e-mail domain (@example.com)"
)
VERSION = re.compile(r"(==|@)[^/]*$")  # behind the name of a repository on a forge
MARK = "\0"  # in no name: between the parts of a place


@dataclass(frozen=True)
class OptOuts:
    """The entries of a list, each in the one spelling that is compared.

    `found` are names, digests and places of files that the DATA at hand has of entries that its
    rows do not show, each with its entry.
    """

    entries: frozenset[str] = frozenset()
    found: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[str]) -> "OptOuts":
        """The opt-outs that lines of a list are; ValueError for a line that is none."""
        return cls(frozenset(map(entry_of, lines)))

    def __or__(self, other: "OptOuts") -> "OptOuts":
        return OptOuts(self.entries | other.entries, {**self.found, **other.found})

    def __len__(self) -> int:
        return len(self.entries)

    def entry(self, row: Mapping[str, Any]) -> str | None:
        """The entry that a row is left out for; None if nobody has opted out.

        A row has what it knows of repo, path, commit, repo_id, digests and what `repositories` has.

        >>> opted = OptOuts.of(["flask", "octocat/", "id:7"])
        >>> opted.entry({"repo": "Flask-2.0"}), opted.entry({"repo": "octocat/hello@main"})
        ('flask', 'octocat/')
        >>> opted.entry({"repo": "renamed", "repo_id": 7}), opted.entry({"repo": "flask-login"})
        ('id:7', None)
        """
        if not self.entries:
            return None
        for key in keys(row):
            if key in self.entries:
                return key
            if key in self.found:
                return self.found[key]
        return None

    def unmatched(self, values: Iterable[str]) -> list[str]:
        """The entries that are not among the values of the rows that were left out for one."""
        return sorted(self.entries.difference(values))

    @property
    def names_domains(self) -> bool:
        """Whether a holder of licences is named by a domain."""
        return any(entry.startswith("@") for entry in self.entries)

    def pack(self) -> dict[str, Any]:
        """The opt-outs as JSON has them."""
        return {"entries": sorted(self.entries), "found": dict(self.found)}

    @classmethod
    def unpack(cls, packed: dict[str, Any] | None) -> "OptOuts":
        """What `pack` made it of; None is nobody."""
        return cls(frozenset(packed["entries"]), packed["found"]) if packed else cls()


NOBODY = OptOuts()


def read_opt_outs(file: str, flag: str = "--opt-out") -> OptOuts:
    """The opt-outs in a file: one a line, `#` begins a comment.

    Versions and capitals of names do not matter, nor which of `-`, `_` and `.` a project's name
    has. Raises UsageError that names the line for what is no opt-out.
    """
    try:
        numbered = numbered_entries(read_file(absolute(file)))
    except (OSError, ValueError) as error:
        raise UsageError(f"{flag} {file}: cannot be read ({error!s:.200})") from error
    entries = set()
    for number, line in numbered:
        try:
            entries.add(entry_of(line))
        except ValueError as error:
            raise UsageError(f"{flag} {file}: line {number}: {line:.80}: {error}") from error
    return OptOuts(frozenset(entries))


def entry_of(line: str) -> str:
    """A line in the one spelling that is compared; ValueError if it is no opt-out.

    >>> entry_of("https://github.com/Octo/Cat.git"), entry_of("Zope.Interface"), entry_of("Octo/")
    ('octo/cat', 'zope-interface', 'octo/')
    >>> entry_of("Octo/Cat:A.py"), entry_of("id:007"), entry_of("@Example.com")
    ('octo/cat:A.py', 'id:7', '@example.com')
    """
    if address := ADDRESS.match(line):
        line = _at_address(address["host"].lower(), line[address.end() :])
    line = SOURCE_KIND.sub("", line)
    if not line.isprintable():
        raise ValueError(KINDS)
    small = line.lower()
    if SHA256.fullmatch(small) or DOMAIN.fullmatch(small):
        return small
    if swhid := SWHID.fullmatch(small):
        return swhid[1]
    if repo_id := REPO_ID.fullmatch(small):
        return f"id:{repo_id[1]}"
    if OTHER_DIGEST.fullmatch(small) or E_MAIL.fullmatch(small):
        raise ValueError(KINDS)
    named = ":" not in small and small[-1:] != "@"  # with one it is a file, whatever the version
    if named and REPOSITORY.fullmatch(small.partition("@")[0]):
        return _named(small)
    file = FILE.fullmatch(line)
    if file and not small.startswith(("swh:", "id:")) and "//" not in file["path"]:
        return f"{name_of(file['repo'])}:{file['path']}"
    raise ValueError(KINDS)


def _named(line: str) -> str:
    """The entry of an owner or a repository; ValueError for a path below a repository."""
    if not line.endswith("/"):
        repo = line.partition("@")[0]
        return name_of(repo if "/" in repo else line)  # a branch may have a slash, too
    if line.count("/") != 1:
        raise ValueError(KINDS)
    return line


def _at_address(host: str, place: str) -> str:
    """What a place on a host is, as a line names it: a repository, an owner, a file, a project.

    As it stands if it is anything else, which no line may be.
    """
    if file := PAGE_OF_FILE.fullmatch(place):
        return f"{file['repo']}:{file['path']}"
    place = BELOW.split(place)[0].rstrip("/").removesuffix(".git")
    if host.startswith("pypi"):
        return place.partition("/")[0]
    if host != "gitlab.com" and place.count("/") > 1:  # a folder, an issue
        raise ValueError(KINDS)
    return f"{place}/" if place and "/" not in place else place


def repository_at(address: str) -> str | None:
    """The repository at an address on a forge, by its name; None for any other place.

    >>> repository_at("https://github.com/octo/cat.git@main"), repository_at("./octo/cat")
    ('octo/cat', None)
    >>> repository_at("https://github.com/octo/cat/archive/refs/heads/main.zip")
    'octo/cat'
    """
    found = ADDRESS.match(address)
    if not found or found["host"].lower().startswith("pypi"):
        return None
    place = BELOW.split(address[found.end() :])[0]
    if found["host"].lower() != "gitlab.com":
        place = "/".join(place.split("/")[:2])
    return place.partition("@")[0].rstrip("/").removesuffix(".git")


def name_of(repo: str) -> str:
    """A repository's name as it is compared, without its version.

    That of a project as the index compares it (PEP 503). On a forge `-2` is part of a name.

    >>> name_of("Zope.Interface-6.0"), name_of("Octo/Cat_1@main"), name_of("octo/lab-2")
    ('zope-interface', 'octo/cat_1', 'octo/lab-2')
    """
    if "/" in repo:
        return VERSION.sub("", repo).lower()
    return re.sub(r"[-_.]+", "-", project(repo).lower())


def place_of(row: Mapping[str, Any]) -> str | None:
    """What names a file of one version of a repository; None if the row is of no file."""
    if not row.get("repo") or not row.get("path"):
        return None
    return MARK.join((row["repo"], row.get("commit") or "", row["path"]))


def version_of(row: Mapping[str, Any]) -> str | None:
    """What names one version of a repository; None if the row is of no repository."""
    return MARK.join((row["repo"], row.get("commit") or "")) if row.get("repo") else None


def keys(row: Mapping[str, Any]) -> Iterator[str]:
    """Yields all entries, and places, that a row would be left out for."""
    for repo in (row.get("repo"), row.get("renamed_from"), repository_at(row.get("url") or "")):
        if repo:
            name = name_of(repo)
            yield name
            owner, slash, _ = name.partition("/")
            if slash:
                yield f"{owner}/"
            if row.get("path"):
                yield f"{name}:{row['path']}"
    for column, prefix in COLUMNS.items():
        if (value := row.get(column)) is not None:
            yield f"{prefix}{value}"
    for domain in (row.get("holder_domains") or "").split():
        yield f"@{domain}"
    yield from filter(None, (place_of(row), version_of(row)))


# Columns whose values are entries with a prefix. A commit may be a version, which no entry names.
COLUMNS = {
    "repo_id": "id:",
    "git_sha1": "swh:1:cnt:",
    "commit": "swh:1:rev:",
    "tree": "swh:1:dir:",
    "sha256": "",
    "raw_sha256": "",
}
KEY_COLUMNS = ("repo", "renamed_from", "path", *COLUMNS, "url", "holder_domains")
