"""Commits fetched from git's own server: what of a tree is kept, hostile trees, servers at fault."""

import base64
import hashlib
import json
import os
import random
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.faulty_server import Fault
from tests.support.git_server import COMMITTED, GitServer, Handler, Repository
from transforms.crawl.git.failures import failure
from transforms.crawl.git.git_command import Git
from transforms.crawl.git.snapshot import Snapshot, read_snapshot, snapshot
from transforms.crawl.git.tree import read_tree
from transforms.lib.archives import Member
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.git_ids import git_sha1
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.skeleton.storage import Storage

QUICK = Politeness(rate=1000, tries=2, backoff=0.01, max_wait=2, deadline=60)
FILE, RUNS, FOLDER, LINK, MODULE = 0o100644, 0o100755, 0o40000, 0o120000, 0o160000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "root") as running:
        yield running


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(ArchiveStore(Storage(str(tmp_path / "data"))), 1, QUICK)


def outcomes(found: Snapshot, fetcher: Fetcher) -> dict[str, str]:
    project = read_snapshot(found, fetcher)
    kept = {row["path"]: "kept" for row in project.files}
    return kept | {row["path"]: row["reason"] for row in project.rejects}


def in_tar(found: Snapshot, fetcher: Fetcher) -> list[str]:
    with fetcher.store.open(found.archive_sha256) as stream, tarfile.open(fileobj=stream) as tar:
        assert {member.mtime for member in tar} <= {COMMITTED}
        return tar.getnames()


def served(server: GitServer, entries: list[tuple[int, bytes, str]], name: str = "o/r") -> str:
    """The URL of a repository whose commit has a tree of these entries, however odd."""
    repository = server.repository(name)
    repository.commit(repository.tree(entries))
    return f"{server.url}/{name}"


def test_a_commit_and_its_blobs(server: GitServer, fetcher: Fetcher) -> None:
    """git's own ids, of commit, tree and every file."""
    files = {
        "a.py": b"x = 1\n",
        "d/b.py": b"\xef\xbb\xbfy\r\n",
        "tox.ini": b"[tox]\n",
        "c.txt": b"c",
        ".env": b"K",
    }
    repository = server.repository("o/r", files)
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert found.commit == repository.git("rev-parse", "main")
    assert found.tree == repository.git("rev-parse", "main^{tree}")
    assert (found.committed, found.ref) == (COMMITTED, "refs/heads/main")
    project = read_snapshot(found, fetcher)
    listed = repository.git("ls-tree", "-r", "--format=%(path) %(objectname)", "main")
    ids = dict(line.split(" ") for line in listed.splitlines())
    assert {row["path"]: row["git_sha1"] for row in project.files} == {
        path: id_ for path, id_ in ids.items() if path.endswith(".py")
    }
    assert [row["path"] for row in project.ci_configs] == ["tox.ini"]
    assert in_tar(found, fetcher) == ["a.py", "c.txt", "d/b.py", "tox.ini"]


def test_refs(server: GitServer, fetcher: Fetcher) -> None:
    repository = server.repository("o/r")
    ids = {name: repository.commit(repository.files({"a.py": name.encode()}), name) for name in (
        "refs/heads/main", "refs/heads/v1", "refs/tags/v1", "refs/heads/f/x", "refs/pull/1/head")}  # fmt: skip
    repository.git("tag", "-a", "-m", "x", "v2", ids["refs/heads/f/x"])
    tag = repository.git("rev-parse", "v2")
    wanted = {
        None: "refs/heads/main",
        "main": "refs/heads/main",
        "v1": "refs/tags/v1",
        "refs/heads/v1": "refs/heads/v1",
        "f/x": "refs/heads/f/x",
        "v2": "refs/heads/f/x",
        tag: "refs/heads/f/x",
        "refs/pull/1/head": "refs/pull/1/head",
        ids["refs/heads/v1"]: "refs/heads/v1",
    }
    for ref, name in wanted.items():
        assert snapshot(f"{server.url}/o/r", ref, fetcher).commit == ids[name], ref
    for ref in ("x", "v", "0" * 40):
        with pytest.raises(FetchError) as raised:
            snapshot(f"{server.url}/o/r", ref, fetcher)
        assert raised.value.status == "gone"


def test_a_blob_or_a_tree_is_no_commit(server: GitServer, fetcher: Fetcher) -> None:
    repository = server.repository("o/r", {"a.py": b""})
    for id_ in (
        repository.git("rev-parse", "main^{tree}"),
        repository.git("rev-parse", "main:a.py"),
    ):
        with pytest.raises(FetchError, match="rejected"):
            snapshot(f"{server.url}/o/r", id_, fetcher)


def test_hostile_trees(server: GitServer, fetcher: Fetcher) -> None:
    """The reasons are those of archives; nothing but files is in the tar."""
    made = Repository(server.root / "o" / "r")
    small, big = made.blob(b"x = 1\n"), made.blob(b"#" * 1_500_000)
    edge, apple = made.blob(b"#" * 1_000_001), made.blob(b"\0\5\x16\7")
    inside = made.tree([(FILE, b"config", small), (FILE, b"x.py", small)])
    up = made.tree([(FILE, b"..", small), (FILE, b"x.py", small)])
    entries = [
        (FILE, b"../up.py", small), (FILE, b"/etc/root.py", small), (FILE, b"C:\\dos.py", small),
        (FILE, b"\xe9.py", small), (FILE, b"a\nb.py", small), (FILE, b"n" * 300 + b".py", small),
        (FILE, b"big.py", big), (FILE, b"edge.py", edge), (FILE, b"big.bin", big),
        (LINK, b"link.py", small), (LINK, b"link", small), (MODULE, b"mod.py", "1" * 40),
        (MODULE, b"mod", "1" * 40), (FOLDER, b".git", inside), (FOLDER, b"..", up),
        (RUNS, b"run.py", small), (0o100664, b"old.py", small), (0o10644, b"pipe.py", small),
        (FILE, b"twice.py", small), (FILE, b"twice.py", big), (FILE, b"._x.py", apple),
        (FOLDER, b"node_modules", inside),
        (FILE, b"-rf.py", small), (FILE, "é.py".encode(), small), (FILE, b"a.py", small),
        (FOLDER, b"a.py.d", inside),
    ]  # fmt: skip
    made.commit(made.tree(entries))
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert outcomes(found, fetcher) == {
        "../up.py": "path_traversal",
        "../x.py": "path_traversal",
        "/etc/root.py": "path_absolute",
        "C:\\dos.py": "path_absolute",
        "\\udce9.py": "path_not_utf8",
        "a\\nb.py": "path_control",
        "n" * 300 + ".py": "path_too_long",
        **dict.fromkeys(("big.py", "edge.py"), "too_large"),
        "link.py": "link",
        **dict.fromkeys(("mod.py", "pipe.py"), "submodule"),
        "twice.py": "duplicate_path",
        "._x.py": "apple_double",
        "node_modules": "tool_folder",
        **dict.fromkeys(("run.py", "old.py", "-rf.py", "é.py", "a.py", "a.py.d/x.py"), "kept"),
    }
    assert not [name for name in in_tar(found, fetcher) if ".." in name or name[0] == "/"]


def test_what_a_server_has_not_sent(tmp_path: Path) -> None:
    """Blobs that are not here count as large ones, and a tree in the place of a file is none."""
    made = Repository(tmp_path / "r")
    tree = made.tree([(FILE, b"lost.py", "2" * 40), (FILE, b"tree.py", made.tree([]))])
    made.commit(tree, "refs/quire/head")
    read = read_tree(Git(str(made.folder), time.monotonic() + 60, 1 << 20))
    assert read.left_out == (
        Member("lost.py", None, "too_large", "1048576 or more"),
        Member("tree.py", None, "special", "tree"),
    )


def test_a_folder_that_all_files_share_is_part_of_their_paths(
    server: GitServer, fetcher: Fetcher
) -> None:
    server.repository("o/r", {"src/a.py": b"", "src/pkg/b.py": b""})
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert outcomes(found, fetcher) == {"src/a.py": "kept", "src/pkg/b.py": "kept"}


def test_an_empty_tree_and_an_empty_repository(server: GitServer, fetcher: Fetcher) -> None:
    found = snapshot(served(server, []), None, fetcher)
    assert outcomes(found, fetcher) == {}
    server.repository("o/empty")
    with pytest.raises(FetchError, match="empty: no commit"):
        snapshot(f"{server.url}/o/empty", None, fetcher)


def test_a_tree_that_lists_itself_many_times(server: GitServer, fetcher: Fetcher) -> None:
    """A pack of some kilobytes with a billion files."""
    made = server.repository("o/bomb")
    tree = made.tree([(FILE, b"a.py", made.blob(b""))])
    for _ in range(9):
        tree = made.tree([(FOLDER, b"%d" % i, tree) for i in range(10)])
    made.commit(tree)
    bounded = replace(fetcher, politeness=replace(QUICK, max_bytes=20 << 20))
    begin = time.monotonic()
    with pytest.raises(FetchError, match="too_big"):
        snapshot(f"{server.url}/o/bomb", None, bounded)
    assert time.monotonic() - begin < 30


def test_a_large_tree_keeps_what_rows_are_made_of(
    server: GitServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.crawl.git.tree.MAX_BYTES", 1000)
    server.repository("o/r", {"a.py": b"#" * 600, "data.csv": b"x" * 600})
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert in_tar(found, fetcher) == ["a.py"] and "archive_sha256" not in found.row
    server.repository("o/s", {"a.py": b"#" * 600, "b.py": b"x" * 601})
    small = replace(fetcher, politeness=replace(QUICK, max_bytes=1200))
    with pytest.raises(FetchError, match="too_big"):
        snapshot(f"{server.url}/o/s", None, small)


def test_what_was_fetched_is_not_fetched_again(server: GitServer, fetcher: Fetcher) -> None:
    repository = server.repository("o/r", {"a.py": b"", "l.py": b"#" * 1_100_000})
    first = snapshot(f"{server.url}/o/r", "main", fetcher)
    sent = len(server.asked)
    assert snapshot(f"{server.url}/o/r/", first.commit, fetcher) == replace(first, ref=None)
    assert len(server.asked) == sent
    assert snapshot(f"{server.url}/o/r", None, fetcher) == first
    assert len(server.asked) == sent + 3  # which commit is it?
    assert outcomes(first, fetcher) == {"a.py": "kept", "l.py": "too_large"}
    repository.commit(repository.files({"b.py": b""}))
    assert outcomes(snapshot(f"{server.url}/o/r", "main", fetcher), fetcher) == {"b.py": "kept"}
    for state in Path(fetcher.store.data.root).glob("archives/git/*.json"):
        state.write_text(random.Random(1).choice(["{", "[]", '{"archive_sha256": 1}']))
    assert (
        snapshot(f"{server.url}/o/r", first.commit, fetcher).archive_sha256 == first.archive_sha256
    )


def test_bytes_on_the_wire(server: GitServer, fetcher: Fetcher) -> None:
    """Neither large files nor history is transferred."""
    made, noise, parent = server.repository("o/r"), random.Random(7), None
    files = {f"pkg/m{i}.py": noise.randbytes(60).hex().encode() * 10 for i in range(100)}
    for commit in range(3):
        files |= {"big.bin": noise.randbytes(1 << 20), "pkg/m0.py": b"x = %d\n" % commit}
        parent = made.commit(made.files(files), parent=parent)
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert len(read_snapshot(found, fetcher).files) == 100
    assert server.sent < 30_000 and len(server.asked) == 5


def test_a_server_without_filter(server: GitServer, fetcher: Fetcher) -> None:
    """All of a commit is transferred then, up to the limit; the rows are the same."""
    made = server.repository(
        "o/r", {"a.py": b"", "l.py": b"#" * 1_100_000, "noise": os.urandom(2 << 20)}
    )
    rows = outcomes(snapshot(f"{server.url}/o/r", None, fetcher), fetcher)
    made.git("config", "uploadpack.allowFilter", "false")
    other = Fetcher(ArchiveStore(Storage(fetcher.store.data.root + "-2")), 1, QUICK)
    assert outcomes(snapshot(f"{server.url}/o/r", None, other), other) == rows
    assert server.sent > 2 << 20
    small = Fetcher(
        ArchiveStore(Storage(fetcher.store.data.root + "-3")), 1, replace(QUICK, max_bytes=1 << 20)
    )
    with pytest.raises(FetchError, match="too_big"):
        snapshot(f"{server.url}/o/r", None, small)


def test_an_old_server_that_gives_no_commit_by_its_id(server: GitServer, fetcher: Fetcher) -> None:
    made = server.repository("o/r", {"a.py": b""})
    old = made.git("rev-parse", "main")
    made.commit(made.files({"b.py": b""}), "refs/heads/other")
    made.git("config", "uploadpack.allowAnySHA1InWant", "false")
    made.git("config", "protocol.version", "0")
    server.without_versions = True
    assert snapshot(f"{server.url}/o/r", old, fetcher).commit == old
    made.commit(made.files({"c.py": b""}))
    with pytest.raises(FetchError, match="gone"):
        snapshot(f"{server.url}/o/r", "3" * 40, fetcher)
    assert outcomes(snapshot(f"{server.url}/o/r", "other", fetcher), fetcher) == {"b.py": "kept"}


def test_a_full_disk_is_no_fault_of_the_source() -> None:
    said = (
        "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output"
    )
    assert failure(said, 128).status == "unreadable"  # --resume tries it again


def then(server: GitServer, number: int, happens: Callable[[], object]) -> None:
    """Something happens just before the request of this number."""
    seen = []

    def begins(path: str) -> None:
        seen.append(path)
        if len(seen) == number:
            happens()

    server.begins = begins


@pytest.mark.parametrize("number", [2, 4, 5])
def test_a_repository_that_goes_meanwhile(server: GitServer, fetcher: Fetcher, number: int) -> None:
    made = server.repository("o/r", {"a.py": b""})
    then(server, number, lambda: made.folder.rename(server.root / "aside"))
    with pytest.raises(FetchError) as raised:
        snapshot(f"{server.url}/o/r", None, fetcher)
    assert (raised.value.status, raised.value.http_status) == ("gone", 404)


def test_a_branch_that_moves_meanwhile(server: GitServer, fetcher: Fetcher) -> None:
    """What was there is gone from the server, and the next try finds what is there now."""
    made = server.repository("o/r", {"a.py": b""})

    def forced() -> None:
        made.commit(made.files({"b.py": b""}))
        made.git("reflog", "expire", "--expire=now", "--all")
        made.git("gc", "--prune=now", "--quiet")

    gone = made.git("rev-parse", "main")
    then(server, 4, forced)
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert outcomes(found, fetcher) == {"b.py": "kept"}
    with pytest.raises(FetchError, match="gone"):
        snapshot(f"{server.url}/o/r", gone, fetcher)


LISTS, GIVES = "/o/r/info/refs", "/o/r/git-upload-pack"
PACK = {"Content-Type": "application/x-git-upload-pack-result"}


def half(handler: Handler) -> None:
    handler.send(200, PACK, b"0011packfile\n0025\1PACK\0\0\0\2\0\0\0\3" + b"x" * 9, length=9999)


def drip(handler: Handler) -> None:
    """A pack that comes byte by byte."""
    handler.send(200, PACK, b"000dpackfile\nff00\1PACK", length=99999)
    for _ in range(50):
        handler.wfile.write(b"\0")
        time.sleep(0.1)


def other_pack(handler: Handler) -> None:
    """A whole pack, of nothing."""
    pack = b"PACK\0\0\0\2\0\0\0\0"
    pack += hashlib.sha1(pack).digest()
    handler.send(200, PACK, b"000dpackfile\n%04x\1%s0000" % (len(pack) + 5, pack))


def endless(handler: Handler) -> None:
    """A file that never ends: a pack with one, in zlib's blocks of bytes as they are."""
    handler.send(200, PACK, b"000dpackfile\n", length=1 << 40)
    part = b"PACK\0\0\0\2\0\0\0\1\xb0\xff\xff\xff\x7f\x78\x01"
    while True:
        handler.wfile.write(b"%04x\1%s" % (len(part) + 5, part))
        part = b"\x00\x00\xf0\xff\x0f" + os.urandom(0xF000)


def bomb(handler: Handler) -> None:
    """A pack of some kilobytes: a file of 16 MB, and another that repeats it to 16 GB."""

    def entry(kind: int, content: bytes, size: int, before: bytes = b"") -> bytes:
        head, size = bytearray([kind << 4 | size & 15]), size >> 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7F)
            size >>= 7
        return bytes(head) + before + zlib.compress(content)

    base = bytes(0xFFFFFF)
    id_ = bytes.fromhex(git_sha1(base))
    delta = _varint(len(base)) + _varint(1000 * len(base)) + b"\xf0\xff\xff\xff" * 1000
    pack = b"PACK\0\0\0\2\0\0\0\2" + entry(3, base, len(base)) + entry(7, delta, len(delta), id_)
    pack += hashlib.sha1(pack).digest()
    parts = (pack[begin : begin + 60_000] for begin in range(0, len(pack), 60_000))
    lines = b"".join(b"%04x\1%s" % (len(part) + 5, part) for part in parts)
    handler.send(200, PACK, b"000dpackfile\n" + lines + b"0000")


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(found) + bytes([number])


def answers(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Fault:
    return lambda handler: handler.send(status, headers, body)


# What a server does at the first request, or at the fetch itself: for ever, but for once.
FAULTS: dict[str, tuple[str, Fault, str, int | None]] = {
    "not there": (LISTS, answers(404), "gone", 404),
    "gone": (LISTS, answers(410), "gone", 410),
    "private": (LISTS, answers(401), "blocked", 401),
    "forbidden": (LISTS, answers(403), "blocked", 403),
    "by law": (LISTS, answers(451), "blocked", 451),
    "busy": (LISTS, answers(429), "deferred", 429),
    "busy for an hour": (LISTS, answers(429, {"Retry-After": "3600"}), "deferred", 429),
    "broken": (LISTS, answers(500), "server_error", 500),
    "a web page": (LISTS, answers(200, {"Content-Type": "text/html"}), "rejected", 200),
    "to this machine": (
        LISTS,
        answers(302, {"Location": "http://169.254.169.254/x"}),
        "private_address",
        None,
    ),
    "for ever": (LISTS, answers(302, {"Location": LISTS}), "bad_redirect", 302),
    "busy later": (GIVES, answers(429), "deferred", 429),
    "broken later": (GIVES, answers(503), "server_error", 503),
    "private later": (GIVES, answers(401), "blocked", None),
    "moved later": (
        GIVES,
        answers(302, {"Location": "http://169.254.169.254/"}),
        "bad_redirect",
        302,
    ),
    "half a pack": (GIVES, half, "truncated", None),
    "no pack": (GIVES, answers(200, PACK), "truncated", None),
    "another pack": (GIVES, other_pack, "wrong_hash", None),
    "drips": (GIVES, drip, "timeout", None),
    "a bomb": (GIVES, bomb, "too_big", None),
    "too much": (GIVES, endless, "too_big", None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_servers_at_fault(server: GitServer, fetcher: Fetcher, name: str) -> None:
    path, fault, status, http_status = FAULTS[name]
    commit = server.repository("o/r", {"a.py": b""}).git("rev-parse", "main")
    server.fault(path, fault, forever=True)
    deadline = 2 if name == "drips" else 60
    polite = replace(QUICK, deadline=deadline, max_bytes=5 << 20)
    with pytest.raises(FetchError) as raised:
        snapshot(f"{server.url}/o/r", commit, replace(fetcher, politeness=polite))
    assert (raised.value.status, raised.value.http_status) == (status, http_status)
    assert "\n" not in raised.value.reason and len(raised.value.reason) < 250


def test_a_fault_that_passes(server: GitServer, fetcher: Fetcher) -> None:
    server.repository("o/r", {"a.py": b""})
    for path, fault in ((LISTS, answers(503)), (GIVES, answers(502)), (GIVES, half)):
        server.fault(path, fault)
        assert snapshot(
            f"{server.url}/o/r",
            None,
            replace(fetcher, store=ArchiveStore(Storage(f"{fetcher.store.data.root}-{fault}"))),
        ).commit


def test_a_branch_of_any_name(server: GitServer, fetcher: Fetcher) -> None:
    """What a server calls its branch is foreign text, and becomes a column."""
    commit = server.repository("o/r", {"a.py": b""}).git("rev-parse", "main")
    line = f"{commit} HEAD symref-target:refs/heads/".encode() + b"\x1b[2J\xff\n"
    server.fault(GIVES, answers(200, PACK, b"%04x%s0000" % (len(line) + 4, line)))
    found = snapshot(f"{server.url}/o/r", None, fetcher)
    assert (found.commit, found.ref) == (commit, "refs/heads/\\x1b[2J\\udcff")


def test_a_renamed_repository(server: GitServer, fetcher: Fetcher) -> None:
    """Where a redirect leads is asked by ourselves, and git follows none."""
    server.repository("new/r", {"a.py": b""})
    there = f"{server.url}/new/r/info/refs?service=git-upload-pack"
    server.fault("/old/r/info/refs", answers(301, {"Location": there}), forever=True)
    found = snapshot(f"{server.url}/old/r", None, fetcher)
    assert found.url == f"{server.url}/new/r" and outcomes(found, fetcher) == {"a.py": "kept"}


def test_a_password_is_for_one_server(server: GitServer, fetcher: Fetcher, tmp_path: Path) -> None:
    server.repository("o/r", {"a.py": b""})
    server.password = "Basic " + base64.b64encode(b"x-access-token:t0k/en").decode()
    with pytest.raises(FetchError, match="blocked"):
        snapshot(f"{server.url}/o/r", None, replace(fetcher, _auth={}))
    found = snapshot(f"{server.url}/o/r", None, replace(fetcher, _auth={}), "t0k/en")
    assert set(server.seen[1:]) == {server.password}
    with GitServer(tmp_path / "root") as other:
        there = f"{other.url}/o/r/info/refs?service=git-upload-pack"
        server.fault(LISTS, answers(302, {"Location": there}), forever=True)
        other_fetcher = Fetcher(ArchiveStore(Storage(str(tmp_path / "data-2"))), 1, QUICK)
        assert snapshot(f"{server.url}/o/r", None, other_fetcher, "t0k/en").commit == found.commit
        assert set(other.seen) == {None}
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("data*/**/*") if path.is_file())
    assert json.dumps(found.url).encode() in kept and b"t0k" not in kept


def test_requests_are_paced(
    server: GitServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git's own requests count as all others do."""
    server.repository("o/r", {"a.py": b""})
    paced: list[int] = []
    monkeypatch.setattr(Fetcher, "pace", lambda self, url, requests=1: paced.append(requests))
    snapshot(f"{server.url}/o/r", None, fetcher)
    assert sum(paced) == len(server.asked)
    shut = replace(fetcher, politeness=replace(QUICK, tries=1, breaker=2))
    server.fault(LISTS, answers(503), forever=True)
    for _ in range(3):
        with pytest.raises(FetchError) as raised:
            snapshot(f"{server.url}/o/r", "x", shut)
    assert "left alone" in raised.value.reason
