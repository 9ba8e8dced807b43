"""DATA as a folder or URL: names, whole writes, and errors that name the file."""

import os

import pytest

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage


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


def test_what_is_no_json_is_a_usage_error(data):
    data.put("m.json", b"\xff{")
    with pytest.raises(UsageError, match="m.json: not JSON"):
        data.read_json("m.json")
