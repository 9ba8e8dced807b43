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
    ],
)
def test_archive(tmp_path, fetcher, file, files, repo, commit) -> None:
    path = packed(tmp_path / file, files)
    fetched = archive.read(str(path), fetcher)
    row = fetched.row
    assert (row["repo"], row["commit"], row["url"]) == (repo, commit, str(path))
    assert [file["content"] for file in fetched.project.files] == [CODE.decode()]
    with fetcher.store.open(row["archive_sha256"]) as kept:
        assert kept.read() == path.read_bytes()
    assert row["archive_bytes"] == path.stat().st_size


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
        (lambda path: None, "gone"),
        (lambda path: path.mkdir(), "gone"),
        (lambda path: os.mkfifo(path), "gone"),  # must not wait for a writer
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
