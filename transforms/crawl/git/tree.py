"""The tree of a fetched commit: its files that are kept, and what is left out and why."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from transforms.crawl.git.git_command import Git
from transforms.crawl.git.remote_repository import BLOB_BYTES, HEAD
from transforms.crawl.project import wanted
from transforms.lib.archives import Member
from transforms.lib.archives.pack import MAX_BYTES, MAX_FILES, is_secret, tar_of
from transforms.lib.archives.rules import ArchiveError, MemberNames, Meter, without_apple_double
from transforms.lib.network.fetch import FetchError

MAX_LISTING_BYTES = 64 << 20  # a small pack may hold a tree that lists any number of files
FORMAT, REGULAR, LINK = 0o170000, 0o100000, 0o120000
LATEST = 1 << 33  # seconds since 1970: what is later than the year 2242 is no time of a commit


@dataclass(frozen=True)
class Blob:
    """A file's content: its id, and its size in bytes."""

    id: str
    size: int


@dataclass(frozen=True)
class Tree:
    """A commit's tree. `whole` says whether the tar has all that fits, or only what rows need."""

    commit: str
    tree: str
    committed: int
    tar: bytes
    whole: bool
    left_out: tuple[Member, ...]


def read_tree(git: Git) -> Tree:
    """The tree of the fetched commit; FetchError if there is none, or it is too large."""
    commit, tree, committed = _described(git)
    with git.answer("ls-tree", "-r", "-z", "--full-tree", HEAD) as answer:
        listing = answer.read(MAX_LISTING_BYTES + 1)
    if len(listing) > MAX_LISTING_BYTES:
        raise FetchError("too_big", "its list of files")
    try:
        ids, left = files_of(listing)
    except ArchiveError as error:
        raise FetchError("too_big", f"{error.reason} {error.value}") from error
    blobs, others = _blobs(git, ids)
    chosen, whole = _chosen(blobs, git.max_bytes)
    contents = _contents(git, {blob.id for blob in chosen.values()})
    files = [without_apple_double(Member(p, contents[blob.id])) for p, blob in chosen.items()]
    left += [*others, *(each for each in files if each.content is None)]
    shown = [each for each in left if wanted(each.path) or each.reason == "tool_folder"]
    shown.sort(key=lambda each: (each.path, each.reason or ""))
    tar = tar_of({each.path: each.content for each in files if each.content is not None}, committed)
    return Tree(commit, tree, committed, tar, whole, tuple(shown))


def _described(git: Git) -> tuple[str, str, int]:
    """The ids of the fetched commit and of its tree, and when it was made; 0 if it does not say."""
    lines = git.run("rev-list", "--no-walk", "--format=%H %T %ct", HEAD).decode("ascii", "replace")
    commit, tree, *made = lines.splitlines()[1].split()
    seconds = int(made[0]) if made and made[0].isdigit() else 0
    return commit, tree, seconds if seconds < LATEST else 0


def files_of(listing: bytes) -> tuple[dict[str, str], list[Member]]:
    """The ids of the files that `ls-tree -r -z` lists, by path, and what is no file to be read.

    Raises ArchiveError if there are too many.

    >>> files_of(b"100644 blob 1a\\ta.py\\x00120000 blob 2b\\tb.py\\x00")
    ({'a.py': '1a'}, [Member(path='b.py', content=None, reason='link', value=None)])
    """
    names = MemberNames(lambda path: True, whole_paths=True)
    Meter().count_members(listing.count(b"\0"))
    ids, members = dict[str, str](), list[Member]()
    for mode, id_, name in _entries(listing):
        if not (checked := names.check(name)):
            continue
        path, fault = checked
        fault = fault or _kind_fault(mode)
        members.append(Member(path, None, fault))
        if not fault:
            ids[path] = id_
    kept = names.below_top(members)
    return {each.path: ids[each.path] for each in kept if not each.reason}, [
        each for each in kept if each.reason
    ]


def _entries(listing: bytes) -> Iterator[tuple[int, str, str]]:
    for record in listing.split(b"\0")[:-1]:
        about, _, name = record.partition(b"\t")
        mode, _, id_ = about.decode().split()
        yield int(mode, 8), id_, name.decode("utf-8", "surrogateescape")


def _kind_fault(mode: int) -> str | None:
    """Why an entry is no file; git takes all modes but a few for that of a submodule."""
    return {REGULAR: None, LINK: "link"}.get(mode & FORMAT, "submodule")


def _blobs(git: Git, ids: Mapping[str, str]) -> tuple[dict[str, Blob], list[Member]]:
    """The blobs that are here and small, by their paths, and what else the files are."""
    known = dict[str, tuple[str, int]]()
    if ids:
        with git.answer("cat-file", "--batch-check", lines=sorted(set(ids.values()))) as answer:
            for id_, kind, *size in (line.decode().split() for line in answer):
                known[id_] = kind, int(size[0]) if size else BLOB_BYTES
    blobs, others = dict[str, Blob](), list[Member]()
    for path, id_ in ids.items():
        kind, bytes_ = known[id_]
        if kind not in ("blob", "missing"):
            others.append(Member(path, None, "special", kind))
        elif bytes_ >= BLOB_BYTES:
            others.append(Member(path, None, "too_large", f"{BLOB_BYTES} or more"))
        else:
            blobs[path] = Blob(id_, bytes_)
    return blobs, others


def _chosen(blobs: dict[str, Blob], max_bytes: int) -> tuple[dict[str, Blob], bool]:
    """The files that are kept: all but secrets, or of a large tree those of rows; whether all."""
    kept = {path: each for path, each in blobs.items() if wanted(path) or not is_secret(path)}
    if len(kept) <= MAX_FILES and sum(each.size for each in kept.values()) <= MAX_BYTES:
        return kept, True
    kept = {path: each for path, each in kept.items() if wanted(path)}
    if sum(each.size for each in kept.values()) > max_bytes:
        raise FetchError("too_big", f"over {max_bytes} bytes of files")
    return kept, False


def _contents(git: Git, ids: Collection[str]) -> dict[str, bytes]:
    contents = dict[str, bytes]()
    if ids:
        with git.answer("cat-file", "--batch", lines=sorted(ids)) as answer:
            while line := answer.readline():
                id_, _, size = line.decode().split()
                contents[id_] = answer.read(int(size))
                answer.read(1)
    return contents
