"""Projects as the crawl kept them: what is read of an archive, and what cannot be had."""

import gzip
import io
import tarfile
from datetime import date
from pathlib import Path

import pytest

from transforms.ci.kept_project import NoTree, read_kept_project
from transforms.ci.units import ProjectUnit
from transforms.lib.archives import pack
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.storage import Storage

NEWEST = 1_583_020_800  # 1 March 2020


@pytest.fixture
def store(tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(Storage(str(tmp_path)))


def archive(files: dict[str, bytes], changed: int = NEWEST) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(f"top-1.0/{path}")
            info.size, info.mtime = len(content), changed
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(sink.getvalue(), mtime=0)


def unit(sha256: str | None, commit: str | None = "1.0") -> ProjectUnit:
    return ProjectUnit(0, "top", commit, sha256, "MIT")


def test_a_project_is_its_texts_its_modules_and_a_tar(store) -> None:
    files = {
        "tox.ini": b"[testenv]\n",
        "run.sh": b"#!/bin/sh\n",
        "a/__init__.py": b"x = 1\n",
        "latin.py": b"x = '\xe9'\n",
        "data.bin": b"\0" * 10,
        "large.bin": b"\0" * 2_000_000,
        "large.py": b"#" * 2_000_000,
        "id_rsa": b"a key",
    }
    kept = read_kept_project(store, unit(store.put(archive(files))))
    assert kept.modules == {"a/__init__.py": "x = 1\n"}
    assert sorted(kept.project.tree.texts) == ["run.sh", "tox.ini"]
    assert kept.project.tree.exists("data.bin")
    assert (kept.project.version, kept.project.committed) == ("1.0", date(2020, 3, 1))
    with tarfile.open(fileobj=io.BytesIO(kept.project.tar)) as tar:
        assert {member.name: oct(member.mode) for member in tar} == {
            "a/__init__.py": "0o644",
            "data.bin": "0o644",
            "large.bin": "0o644",
            "large.py": "0o644",
            "latin.py": "0o644",
            "run.sh": "0o755",
            "tox.ini": "0o644",
        }


@pytest.mark.parametrize("commit", ["a" * 40, "0" * 20 + "c6affa6d" + "0" * 12, None])
def test_a_commit_is_no_version_and_no_time_is_no_day(store, commit) -> None:
    kept = read_kept_project(store, unit(store.put(archive({"a.py": b""}, 0)), commit))
    assert kept.project.version is None and kept.project.committed is None


@pytest.mark.parametrize("changed", [-1, 1 << 33, 10**11])
def test_a_time_may_be_anything(store, changed: int) -> None:
    kept = read_kept_project(store, unit(store.put(archive({"a.py": b""}, changed))))
    assert kept.modules == {"a.py": ""}


def test_what_cannot_be_had_says_why(store, monkeypatch) -> None:
    with pytest.raises(NoTree, match="keeps no archive"):
        read_kept_project(store, unit(None))
    with pytest.raises(NoTree, match="archive " + "0" * 64):
        read_kept_project(store, unit("0" * 64))
    with pytest.raises(NoTree, match="archive_"):
        read_kept_project(store, unit(store.put(b"no archive at all")))
    monkeypatch.setattr(pack, "MAX_FILES", 1)
    with pytest.raises(NoTree, match="over 1 files"):
        read_kept_project(store, unit(store.put(archive({"a.py": b"", "b.py": b""}))))
