"""The tree of a fetched commit: its files that are kept, and what is left out and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.crawl.git.command import Git
from transforms.crawl.git.remote import BLOB_BYTES, HEAD
from transforms.crawl.project import wanted
from transforms.lib.archives import Member
from transforms.lib.archives.pack import MAX_BYTES, MAX_FILES, is_secret, tar_of
from transforms.lib.archives.rules import ArchiveError, MemberNames, Meter, without_apple_double
from transforms.lib.network.fetch import FetchError

MAX_LISTING_BYTES = 64 << 20  # a small pack may hold a tree that lists any number of files
FORMAT, REGULAR, LINK, SUBMODULE = 0o170000, 0o100000, 0o120000, 0o160000
MISSING = f"{BLOB_BYTES} or more"


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
    with git.run("rev-list", "--no-walk", "--format=%H %T %ct", HEAD) as answer:
        _, line = answer.read().decode("ascii", "replace").splitlines()[:2]
        commit, tree, *made = line.split()
    committed = int(made[0]) if made and made[0].isdigit() else 0
    with git.run("ls-tree", "-r", "-z", "--full-tree", HEAD) as answer:
        listing = answer.read(MAX_LISTING_BYTES + 1)
    if len(listing) > MAX_LISTING_BYTES:
        raise FetchError("too_big", "its list of files")
    try:
        ids, left = files_of(listing)
    except ArchiveError as error:
        raise FetchError("too_big", f"{error.reason} {error.value}") from error
    sizes = _sizes(git, ids.values())
    left += [Member(path, None, "too_large", MISSING) for path in ids if ids[path] not in sizes]
    chosen, whole = _chosen({path: id_ for path, id_ in ids.items() if id_ in sizes}, sizes, git)
    contents = _contents(git, set(chosen.values()))
    members = [without_apple_double(Member(path, contents[id_])) for path, id_ in chosen.items()]
    left += [each for each in members if each.content is None]
    files = {each.path: each.content for each in members if each.content is not None}
    shown = sorted(
        (each for each in left if wanted(each.path) or each.reason == "tool_folder"),
        key=lambda each: (each.path, each.reason or ""),
    )
    return Tree(commit, tree, committed, tar_of(files, committed), whole, tuple(shown))


def files_of(listing: bytes) -> tuple[dict[str, str], list[Member]]:
    """The ids of the files that `ls-tree -r -z` lists, by path, and what is no file to be read.

    >>> files_of(b"100644 blob 1a\\ta.py\\x00120000 blob 2b\\tb.py\\x00")
    ({'a.py': '1a'}, [Member(path='b.py', content=None, reason='link', value=None)])
    """
    names, meter = MemberNames(lambda path: True, whole_paths=True), Meter()
    ids, members = dict[str, str](), list[Member]()
    for mode, id_, name in _entries(listing):
        meter.count_members()
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
    kinds = {REGULAR: None, LINK: "link", SUBMODULE: "submodule"}
    return kinds.get(mode & FORMAT, "special")


def _sizes(git: Git, ids: Iterable[str]) -> dict[str, int]:
    """The sizes of the blobs that are here and smaller than those that are left at the server."""
    sizes = dict[str, int]()
    lines = "\n".join(sorted(set(ids))).encode() + b"\n"
    with git.run("cat-file", "--batch-check", lines=lines) as answer:
        for line in answer:
            id_, kind, *size = line.decode().split()
            if kind == "blob" and int(size[0]) < BLOB_BYTES:
                sizes[id_] = int(size[0])
    return sizes


def _chosen(ids: dict[str, str], sizes: dict[str, int], git: Git) -> tuple[dict[str, str], bool]:
    """The files that are kept: all but secrets, or of a large tree those of rows; whether all."""
    kept = {path: id_ for path, id_ in ids.items() if wanted(path) or not is_secret(path)}
    if len(kept) <= MAX_FILES and sum(sizes[id_] for id_ in kept.values()) <= MAX_BYTES:
        return kept, True
    kept = {path: id_ for path, id_ in kept.items() if wanted(path)}
    if sum(sizes[id_] for id_ in kept.values()) > git.max_bytes:
        raise FetchError("too_big", f"over {git.max_bytes} bytes of files")
    return kept, False


def _contents(git: Git, ids: Iterable[str]) -> dict[str, bytes]:
    contents = dict[str, bytes]()
    with git.run("cat-file", "--batch", lines="\n".join(sorted(ids)).encode() + b"\n") as answer:
        while line := answer.readline():
            id_, _, size = line.decode().split()
            contents[id_] = answer.read(int(size))
            answer.read(1)
    return contents
