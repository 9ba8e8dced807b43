"""archive:PATH reads real archives on disk, through the store."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from transforms.crawl.sources import archive
from transforms.lib.archives import ArchiveError
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.skeleton.storage import Storage

CODE = b"x = 1\n"
INFO = b"Name: Nice-Name\nVersion: 2.0\n"
PYPROJECT = b'[project]\nname = "declared"\nversion = "4.5"\n'
SETUP_CFG = b"[metadata]\nname = configured\nversion = attr: x.__version__\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(
        ArchiveStore(Storage(str(tmp_path / "data"))), politeness=Politeness(max_bytes=50_000)
    )


def packed(path: Path, files: dict[str, bytes]) -> Path:
    if path.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(path, "w") as zipped:
            for name, content in files.items():
                zipped.writestr(name, content)
        return path
    with tarfile.open(
        path, f"w:{path.suffix[1:].removeprefix('t')}" if path.suffix != ".tar" else "w"
    ) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("file", "files", "repo", "commit"),
    [
        ("x-1.tar.gz", {"x-1/a.py": CODE, "x-1/PKG-INFO": INFO}, "Nice-Name", "2.0"),
        ("x.whl", {"x/a.py": CODE, "x-1.dist-info/METADATA": INFO}, "Nice-Name", "2.0"),
        ("tool-1.2.3.tar.gz", {"tool-1.2.3/a.py": CODE}, "tool", "1.2.3"),
        ("tool-v1.2rc1.tar.bz2", {"t/a.py": CODE}, "tool", "1.2rc1"),
        ("tool-1.2.tar.xz", {"t/a.py": CODE}, "tool", "1.2"),
        ("tool-1.2.txz", {"t/a.py": CODE}, "tool", "1.2"),
        ("tool-1.2.tar", {"t/a.py": CODE}, "tool", "1.2"),
        ("my-tool.zip", {"t/a.py": CODE}, "my-tool", None),
        ("tool-0123abc.zip", {"t/a.py": CODE}, "tool", "0123abc"),
        ("v1.2.3.tar.gz", {"widget-1.2.3/a.py": CODE}, "widget", "1.2.3"),
        ("main.tar.gz", {"widget-main/a.py": CODE}, "widget", None),
        ("refs-heads-feature-x.zip", {"widget-feature-x/a.py": CODE}, "widget", None),
        ("feature-x.zip", {"widget-feature-x/a.py": CODE}, "widget", None),
        ("release-2.0.zip", {"widget-release-2.0/a.py": CODE}, "widget", "2.0"),
        ("v2.0.zip", {"widget/a.py": CODE}, "widget", "2.0"),
        ("main (1).zip", {"widget-main/a.py": CODE}, "widget", None),
        ("0123abc.zip", {"acme-widget-0123abc/a.py": CODE}, "acme-widget", "0123abc"),
        (
            "acme-widget-v1.2-0-g0123abc.tar.gz",
            {"acme-widget-0123abc/a.py": CODE},
            "acme-widget",
            "1.2",
        ),
        ("download.zip", {"python-3d-tools-main/a.py": CODE}, "python-3d-tools", None),
        ("x.zip", {"x-main/pyproject.toml": PYPROJECT, "x-main/a.py": CODE}, "declared", "4.5"),
        ("x.zip", {"x/setup.cfg": SETUP_CFG, "x/a.py": CODE}, "configured", None),
        ("x.zip", {"x/pyproject.toml": b"[project]\nname=", "x/a.py": CODE}, "x", None),
        (
            "x.zip",
            {"pyproject.toml": PYPROJECT, "setup.cfg": SETUP_CFG, "a.py": CODE},
            "declared",
            "4.5",
        ),
        ("main.zip", {"a.py": CODE, "p/b.py": CODE}, "main", None),
    ],
)
def test_archive(tmp_path, fetcher, file, files, repo, commit) -> None:
    path = packed(tmp_path / file, files)
    fetched = archive.read(str(path), fetcher)
    row = fetched.row
    assert (row["repo"], row["commit"], row["url"]) == (repo, commit, str(path))
    assert {file["content"] for file in fetched.project.files} == {CODE.decode()}
    assert archive.name_of(str(path))[0].project == repo
    with fetcher.store.open(row["archive_sha256"]) as kept:
        assert kept.read() == path.read_bytes()
    assert row["archive_bytes"] == path.stat().st_size


def test_a_commit_that_a_forge_names(tmp_path: Path, fetcher: Fetcher) -> None:
    """It is the commit where no version is; the folder counts, whatever the file is called."""
    for file, top, repo, commit in (
        ("x.zip", "widget", "widget", COMMIT),
        ("x.zip", "widget-1.0", "widget", "1.0"),
        ("x.zip", "acme-widget-0123456", "acme-widget", COMMIT),
    ):
        path = packed(tmp_path / file, {f"{top}/a.py": CODE})
        with zipfile.ZipFile(path, "a") as zipped:
            zipped.comment = COMMIT.encode()
        row = archive.read(str(path), fetcher).row
        assert (row["repo"], row["commit"]) == (repo, commit)


def test_the_kind_is_that_of_the_bytes_not_of_the_name(
    tmp_path: Path, fetcher: Fetcher, monkeypatch
) -> None:
    packed(tmp_path / "a.zip", {"t/a.py": CODE}).rename(tmp_path / "tool-1.0.tar.gz")
    monkeypatch.chdir(tmp_path)
    fetched = archive.read("tool-1.0.tar.gz", fetcher)
    assert [row["path"] for row in fetched.project.files] == ["a.py"]


def test_stored_archives_are_read_again_without_the_file(tmp_path: Path, fetcher: Fetcher) -> None:
    path = packed(tmp_path / "t-1.tar.gz", {"t/a.py": CODE, "t/tox.ini": b"[tox]\n"})
    sha256 = archive.read(str(path), fetcher).row["archive_sha256"]
    path.unlink()
    again = archive.read_stored(sha256, fetcher, {})
    assert [row["path"] for row in again.project.ci_configs] == ["tox.ini"]


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda path: None, "not_found"),
        (lambda path: path.mkdir(), "unreadable"),
        (lambda path: os.mkfifo(path), "unreadable"),  # must not wait for a writer
        (lambda path: path.write_bytes(bytes(50_001)), "too_big"),
    ],
    ids=["missing", "folder", "pipe", "large"],
)
def test_no_such_archive(tmp_path: Path, fetcher: Fetcher, make, status: str) -> None:
    make(tmp_path / "a.tar.gz")
    with pytest.raises(FetchError) as error:
        archive.read(str(tmp_path / "a.tar.gz"), fetcher)
    assert error.value.status == status and "a.tar.gz" in error.value.reason


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04nothing", b"\x1f\x8b\x08nothing"])
def test_no_archive(tmp_path: Path, fetcher: Fetcher, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(ArchiveError):
        archive.read(str(tmp_path / "a.tar.gz"), fetcher)
