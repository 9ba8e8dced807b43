"""One commit of a repository: fetched in part, kept in the archive store, and read from there.

What was fetched once is not fetched again: the tar is named by its digest, and a small file beside
it knows the repository, the commit, and what of the tree is not in the tar.
"""

import contextlib
import dataclasses
import hashlib
import itertools
import tempfile
import time
from dataclasses import dataclass
from urllib.parse import quote

from transforms.crawl.git.git_command import Git
from transforms.crawl.git.places import one_spelling
from transforms.crawl.git.remote_repository import COMMIT, Found, RemoteRepository, repository_at
from transforms.crawl.git.tree import read_tree
from transforms.crawl.project import Project, read_project, wanted
from transforms.lib.archives import Member, with_full_paths
from transforms.lib.archives.pack import tar_of
from transforms.lib.archives.rules import MAX_TOTAL_BYTES
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Fetcher

EMPTY = hashlib.sha256(tar_of({})).hexdigest()  # of a tar without members, which none reads
DAMAGED = UsageError, TypeError, KeyError, ValueError  # what is read of a damaged file is nothing
TOKEN_USER = "x-access-token"  # the name that goes with a forge's token


@dataclass(frozen=True)
class Snapshot:
    """A commit, and the tar of its tree in the archive store.

    `committed` is in seconds since 1970. `left_out` are members without content: what would be a
    row or a reject, and is not in the tar. `ref` is the full name of the branch or tag, or None;
    `url` where the repository is after all redirects; a tree that is not `whole` is too large, and
    the tar has only what rows are made of.
    """

    commit: str
    tree: str
    committed: int
    archive_sha256: str
    archive_bytes: int
    left_out: tuple[Member, ...]
    ref: str | None = None
    url: str = ""
    whole: bool = True

    @property
    def row(self) -> dict[str, object]:
        """Its columns of `repositories`; a tree that is not whole is no archive of the project."""
        archive = {"archive_sha256": self.archive_sha256, "archive_bytes": self.archive_bytes}
        known = {"commit": self.commit, "tree": self.tree, "url": self.url, "http_status": 200}
        return known | (archive if self.whole else {})


def snapshot(url: str, ref: str | None, fetcher: Fetcher, token: str | None = None) -> Snapshot:
    """The commit that `ref`, or the default branch, is at; fetched if it is not in the store.

    A `ref` of 40 hex digits is the commit itself. Raises FetchError.
    """
    url = fetcher.without_password(_with_token(url, token) if token else url)
    if ref and COMMIT.fullmatch(ref) and (known := _known(fetcher, url, ref)):
        return known
    return fetcher.politely(url, lambda: _one_try(url, ref, fetcher))


def _one_try(url: str, ref: str | None, fetcher: Fetcher) -> Snapshot:
    polite = fetcher.politeness
    with tempfile.TemporaryDirectory(prefix="quire-git-", ignore_cleanup_errors=True) as folder:
        git = Git(folder, time.monotonic() + polite.deadline, polite.max_bytes)
        place = repository_at(url, fetcher)
        git.begin()
        remote = RemoteRepository(place, git, fetcher)
        found = Found(ref, None) if ref and COMMIT.fullmatch(ref) else remote.find(ref)
        if known := _known(fetcher, url, found.id):
            return dataclasses.replace(known, ref=found.ref)
        remote.fetch(found)
        tree = read_tree(git)
    sha256 = fetcher.store.put(tree.tar)
    fetched = Snapshot(
        *(tree.commit, tree.tree, tree.committed, sha256, len(tree.tar), tree.left_out),
        *(found.ref, place, tree.whole),
    )
    _remember(fetcher, url, fetched)
    return fetched


def read_snapshot(found: Snapshot, fetcher: Fetcher) -> Project:
    """The rows of a snapshot, from the archive store; ArchiveError if the tar there is damaged."""
    if found.archive_sha256 == EMPTY:
        return read_project(found.left_out)
    with fetcher.store.open(found.archive_sha256) as stream:
        kept = with_full_paths(stream, wanted, MAX_TOTAL_BYTES)
        return read_project(itertools.chain(kept, found.left_out))


def _with_token(url: str, token: str) -> str:
    scheme, _, rest = url.partition("://")
    server, slash, path = rest.partition("/")
    host = server.rpartition("@")[2]
    return f"{scheme}://{TOKEN_USER}:{quote(token, safe='')}@{host}{slash}{path}"


def _state(url: str, commit: str) -> str:
    key = f"{one_spelling(url)}@{commit}"
    return f"archives/git/{hashlib.sha256(key.encode()).hexdigest()}.json"


def _known(fetcher: Fetcher, url: str, commit: str) -> Snapshot | None:
    """The snapshot of an earlier fetch; None if it, or its tar, is not in the store."""
    with contextlib.suppress(*DAMAGED):
        fields = fetcher.store.data.read_json(_state(url, commit))
        if fields and fetcher.store.has(fields["archive_sha256"]):
            left = tuple(Member(path, None, *why) for path, *why in fields.pop("left_out"))
            return Snapshot(**fields, left_out=left)
    return None


def _remember(fetcher: Fetcher, url: str, found: Snapshot) -> None:
    left = [[each.path, each.reason, each.value] for each in found.left_out]
    fields = vars(found) | {"left_out": left, "ref": None}
    fetcher.store.data.put_json(_state(url, found.commit), fields)
