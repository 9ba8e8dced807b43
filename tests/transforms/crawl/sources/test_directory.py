"""dir:PATH reads real trees, with links, pipes, odd names and files without permission."""

import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources import directory
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives import members
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.storage import Storage


def read(root: Path) -> FetchedProject:
    with tempfile.TemporaryDirectory() as kept:
        return directory.read(str(root), Fetcher(ArchiveStore(Storage(kept))))


def outcomes(root: Path) -> dict[str, str]:
    project = read(root).project
    kept = {row["path"]: "kept" for row in project.files}
    return kept | {row["path"]: row["reason"] for row in project.rejects}


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x = 1\n")


def test_tree(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.py", "a.py", "notes.txt", ".git/x.py", ".tox/py/y.py", "tox.ini")
    fetched = read(tmp_path)
    assert [row["path"] for row in fetched.project.files] == ["a.py", "b.py", "a/z.py"]
    assert [row["path"] for row in fetched.project.ci_configs] == ["tox.ini"]
    assert named(fetched) == {"url": str(tmp_path), "repo": tmp_path.name, "commit": None}
    (tmp_path / "PKG-INFO").write_text("Name: p\nVersion: 3\n")
    assert named(read(tmp_path)) == {"url": str(tmp_path), "repo": "p", "commit": "3"}


def named(fetched: FetchedProject) -> dict[str, object]:
    return {name: fetched.row[name] for name in ("url", "repo", "commit")}


def test_the_tree_is_kept_as_a_tar_without_links_and_secrets(tmp_path: Path) -> None:
    write(
        tmp_path / "p", "b.py", "a/data.json", "fixtures/key.pem", "key.pem", ".env", ".git/config"
    )
    (tmp_path / "p" / "link").symlink_to("b.py")
    store = ArchiveStore(Storage(str(tmp_path / "data")))
    rows = [directory.read(str(tmp_path / "p"), Fetcher(store)).row for _ in range(2)]
    assert rows[0]["archive_sha256"] == rows[1]["archive_sha256"]
    with store.open(str(rows[0]["archive_sha256"])) as file:
        with tarfile.open(fileobj=file) as tar:
            assert tar.getnames() == ["a/data.json", "b.py", "fixtures/key.pem"]
        assert file.seek(0, os.SEEK_END) == rows[0]["archive_bytes"]


def test_a_tree_that_is_too_large_is_read_and_not_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("transforms.lib.archives.pack.MAX_BYTES", 10)
    write(tmp_path, "a.py", "b.py")
    fetched = read(tmp_path)
    assert len(fetched.project.files) == 2 and "archive_sha256" not in fetched.row


def test_links_are_not_followed(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    write(root, "a.py")
    write(other, "secret.py")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(other)
    (root / "l.py").symlink_to(other / "secret.py")
    (root / "self.py").symlink_to("self.py")
    (root / "dangling.py").symlink_to("nowhere")
    links = dict.fromkeys(["l.py", "self.py", "dangling.py"], "link")
    assert outcomes(root) == {"a.py": "kept"} | links


def test_folders_and_pipes_are_no_files(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "d.py/in.py")
    os.mkfifo(tmp_path / "f.py")  # reading it would wait for ever
    assert outcomes(tmp_path) == {"a.py": "kept", "d.py/in.py": "kept", "f.py": "special"}


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        (b"\xe9.py", "\\udce9.py", "path_not_utf8"),
        (b"a\nb.py", "a\\nb.py", "path_control"),
        ("a\u202eb.py".encode(), "a\\u202eb.py", "path_control"),
        ("é.py".encode(), "é.py", "kept"),
        (b"a\\..\\b.py", "a\\..\\b.py", "path_traversal"),
    ],
)
def test_names(tmp_path: Path, name: bytes, path: str, reason: str) -> None:
    with open(os.fsencode(tmp_path) + b"/" + name, "wb"):
        pass
    assert outcomes(tmp_path) == {path: reason}


def test_sizes(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "edge.py").write_bytes(b"#" * 999_999)
    (tmp_path / "over.py").write_bytes(b"#" * 1_000_000)
    assert outcomes(tmp_path) == {"edge.py": "kept", "over.py": "too_large"}
    monkeypatch.setattr("transforms.lib.archives.folder.MAX_TOTAL_BYTES", 999_998)
    with pytest.raises(FetchError, match="too_big"):
        read(tmp_path)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder, in a process without permission for the files of others, even for the superuser."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "a.py").touch()
        (root / "shut").mkdir()
        yield root
        os.seteuid(os.getuid())


def lock(path: Path) -> None:
    path.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_unreadable_file_is_a_reject(nobody: Path) -> None:
    lock(nobody / "a.py")
    rejects = read(nobody).project.rejects
    assert [(row["path"], row["reason"], row["value"]) for row in rejects] == [
        ("a.py", "unreadable", "Permission denied")
    ]


def test_a_closed_folder_is_one_reject(nobody: Path) -> None:
    write(nobody, "open/b.py")
    (nobody / "open" / "shut").mkdir()
    (nobody / "open" / "shut").chmod(0)
    lock(nobody / "shut")
    found = read(nobody).project
    assert [row["path"] for row in found.files] == ["a.py", "open/b.py"]
    assert [(row["path"], row["reason"], row["value"]) for row in found.rejects] == [
        ("open/shut", "unreadable", "Permission denied"),
        ("shut", "unreadable", "Permission denied"),
    ]


def test_a_closed_root_fails_the_source(nobody: Path) -> None:
    lock(nobody)
    with pytest.raises(FetchError, match="unreadable: .*Permission denied"):
        read(nobody)


def test_files_that_vanish_or_change_meanwhile(tmp_path: Path, monkeypatch) -> None:
    """What `os.walk` has listed may be another thing, or nothing, when it is opened."""
    write(tmp_path, "a.py", "b.py", "c.py", "d.py")
    lstat = os.lstat

    def changed(path: str, **options: int) -> os.stat_result:
        seen = lstat(path, **options)
        if path.endswith(("b.py", "c.py", "d.py")):
            os.unlink(path)
        if path.endswith("c.py"):
            os.symlink("a.py", path)
        if path.endswith("d.py"):
            os.mkfifo(path)
        return seen

    monkeypatch.setattr("transforms.lib.archives.folder.os.lstat", changed)
    found = outcomes(tmp_path)
    assert found.pop("a.py") == "kept" and found.pop("d.py") in ("kept", "unreadable")
    assert found == {"b.py": "unreadable", "c.py": "unreadable"}


TREES = {
    "venv": (["venv/pyvenv.cfg", "venv/lib/x.py", "venv/Scripts/y.py"], ["venv"]),
    "nested": (["docs/env/pyvenv.cfg", "docs/env/x.py", "docs/conf.py"], ["docs/env"]),
    "conda": (["env/conda-meta/history", "env/lib/python3.9/os.py"], ["env"]),
    "old virtualenv": (["e/bin/activate_this.py", "e/x.py"], ["e"]),
    "installed": (["e/lib/python3.11/site-packages/q.py", "e/bin/x.py"], ["e"]),
    "installed, Windows": (["e/Lib/site-packages/q.py", "e/Scripts/x.py"], ["e"]),
    "by name": (
        [".tox/py/x.py", ".nox/x.py", ".venv/x.py", "web/node_modules/gyp/x.py", ".eggs/q/x.py"],
        [".eggs", ".nox", ".tox", ".venv", "web/node_modules"],
    ),
    "built": (["build/lib/p/x.py", "build/lib.linux-x86_64-3.11/x.py", "build/tool.py"],
        ["build/lib", "build/lib.linux-x86_64-3.11"],
    ),
    "histories": ([".git/x.py", ".hg/x.py", "p/__pycache__/x.py"], []),
    "no environment": (["venv/x.py", "env/y.py", "lib/python/z.py", "src/build/lib/x.py"], None),
    "the project is one": (
        ["pyvenv.cfg", "bin/x.py", "lib/python3.11/site-packages/q.py", "lib/own.py"],
        ["bin", "lib/python3.11"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("archived", [False, True], ids=["folder", "archive"])
@pytest.mark.parametrize(("names", "left"), TREES.values(), ids=TREES)
def test_folders_that_tools_leave(
    tmp_path: Path, names: list[str], left: list[str] | None, archived: bool
) -> None:
    """They are left out of a folder as of an archive, with a reject each but for histories."""
    root = tmp_path / "project"
    write(root, "own.py", *names)
    if archived:
        with tarfile.open(tmp_path / "p.tar", "w") as tar:
            tar.add(root, "project")
        with open(tmp_path / "p.tar", "rb") as stream:
            project = read_project(members(stream, wanted))
    else:
        project = read(root).project
    kept = {row["path"] for row in project.files}
    own = {"own.py", "docs/conf.py", "build/tool.py", "lib/own.py"}
    python = {name for name in names if name.endswith(".py")} | {"own.py"}
    assert kept == (python if left is None else python & own)
    assert [row["path"] for row in project.rejects] == (left or [])
    assert {row["reason"] for row in project.rejects} <= {"tool_folder"}


def test_no_folder(tmp_path: Path) -> None:
    write(tmp_path, "file")
    for name in ("missing", "file"):
        with pytest.raises(FetchError, match="not_found"):
            read(tmp_path / name)
