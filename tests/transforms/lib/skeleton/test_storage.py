"""Storage below a folder or a URL: names, whole writes, and errors that name the file."""

import os
import sys

import pytest

from pipelines import cli
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage, absolute, open_input, read_file


@pytest.fixture(params=["", "file://"])
def data(request, tmp_path):
    return Storage(f"{request.param}{tmp_path}/data")


def test_round_trip(data):
    assert data.list("a") == [] and not data.exists("a/b") and data.read_json("a/b") is None
    data.put("a/b", b"one")
    data.put("a/b", b"two")
    data.put_json("a/c/d", {"y": 1, "x": [None]})
    assert data.read("a/b") == b"two" and data.exists("a/b") and not data.exists("a")
    assert data.read("a/c/d") == b'{\n "x": [\n  null\n ],\n "y": 1\n}\n'
    assert data.list("a") == ["b"]
    assert data.list("a", recursive=True) == ["b", "c/d"]
    assert data.path("a/b") == f"{data.root}/a/b"
    assert os.path.isfile(data.path("a/b").removeprefix("file://"))
    data.delete("a/b")
    data.delete("a/b")
    data.delete_folder("a")
    data.delete_folder("a")
    assert data.list("", recursive=True) == []
    with pytest.raises(FileNotFoundError):
        data.read("a/b")


def test_a_relative_root_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = Storage("here")
    data.put("a", b"1")
    monkeypatch.chdir("/")
    assert data.read("a") == b"1" and data == Storage(f"{tmp_path}/here")


def test_a_failed_write_names_the_file_and_leaves_nothing(tmp_path):
    data = Storage(str(tmp_path))
    data.put("a/b", b"old")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "full").mkdir()
    with pytest.raises(OSError, match="c/full"):
        data.put("c/full", b"a folder is there")
    assert data.list("", recursive=True) == ["a/b"]


def test_a_file_is_read_by_its_path_or_url(data, tmp_path, monkeypatch):
    data.put("a/b", b"1\n2\n")
    (tmp_path / "here").write_bytes(b"3")
    monkeypatch.chdir(tmp_path)
    assert read_file(data.path("a/b")) == b"1\n2\n" and read_file("here") == b"3"
    with open_input(data.path("a/b")) as lines:
        assert list(lines) == [b"1\n", b"2\n"]
    assert absolute("here") == f"{tmp_path}/here" and absolute("s3://b/c") == "s3://b/c"
    with pytest.raises(FileNotFoundError):
        read_file(data.path("none"))
    with pytest.raises(UsageError, match="data/none: "):
        open_input(data.path("none"))


def test_a_url_of_an_unknown_kind_is_a_usage_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)  # as where it is not installed
    with pytest.raises(UsageError, match="^ftp://h/data: not a URL that quire can read or write"):
        Storage("ftp://h/data").read_json("a")
    with pytest.raises(UsageError, match="^ftp://h"):
        open_input("ftp://h/x")


def test_what_is_not_json_is_a_usage_error(data):
    data.put("m.json", b"\xff{")
    with pytest.raises(UsageError, match="m.json: not JSON"):
        data.read_json("m.json")


def test_a_durable_file_is_on_the_disk_before_it_appears(tmp_path, monkeypatch):
    data, calls = Storage(str(tmp_path)), []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def called(*arguments, name=name, real=real):
            target = arguments[0]
            kind = (
                "folder" if name == "fsync" and os.path.isdir(f"/proc/self/fd/{target}") else "file"
            )
            calls.append((name, kind))
            return real(*arguments)

        monkeypatch.setattr(os, name, called)
    data.put("a/b", b"1")
    assert calls == [("fsync", "file"), ("replace", "file"), ("fsync", "folder")]
    calls.clear()
    data.put("a/c", b"1", durable=False)
    assert calls == [("replace", "file")]
    calls.clear()
    data.to_disk(["a/b", "a/c"])
    assert sorted(calls) == [("fsync", "file"), ("fsync", "file"), ("fsync", "folder")]


def test_scratch_of_killed_processes_is_removed_and_nothing_else(tmp_path):
    data = Storage(str(tmp_path))
    scratch = f"{'0' * 32}.tmp"
    kept = ["x.tmp", "sub/x", f"sub/{scratch}.txt"]
    for name in (f"a.{scratch}", f"sub/b.{scratch}", *kept):
        data.put(name, b"")
    data.remove_scratch("")
    assert data.list("", recursive=True) == sorted([f"sub/b.{scratch}", *kept])
    data.remove_scratch("", recursive=True)
    assert data.list("", recursive=True) == sorted(kept)
    data.remove_scratch("none")


def test_files_are_moved_over_others_and_those_that_are_gone_are_skipped(data):
    data.put("a/x", b"new")
    data.put("b/x", b"old")
    data.move([("a/x", "b/x"), ("a/y", "b/y")])
    assert data.list("", recursive=True) == ["b/x"] and data.read("b/x") == b"new"
    assert (data.size("b/x"), data.size("b"), data.sizes("b")) == (3, None, {"x": 3})


@pytest.mark.parametrize("command", ["check", "corpus", "sql"])
def test_a_fault_of_another_library_is_one_line(command, monkeypatch, capsys):
    def unreachable(*_, **__):
        raise LookupError("no such host")  # of a type that is no OSError, as httpx's are

    monkeypatch.setattr("huggingface_hub.HfFileSystem.info", unreachable)
    monkeypatch.setattr("huggingface_hub.HfFileSystem.find", unreachable)
    monkeypatch.setattr("huggingface_hub.HfFileSystem.ls", unreachable)
    question = ["SELECT 1"] if command == "sql" else []
    assert cli.main([command, "hf://datasets/a/b", *question]) in (1, 2)
    [line] = capsys.readouterr().err.splitlines()
    assert "LookupError: no such host" in line
