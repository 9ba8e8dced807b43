"""Names on the command line: files that are there, folders, globs, URLs."""

import sys

import pytest

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.input_names import is_parquet, matching_files


@pytest.mark.parametrize("name", ["set[1]", "what?", "a*b", "two words", "ü", "#1%20"])
@pytest.mark.parametrize("relative", [False, True])
def test_a_file_that_is_there_is_no_glob(tmp_path, monkeypatch, name, relative):
    (tmp_path / name).mkdir()
    file = tmp_path / name / f"{name}.parquet"
    file.touch()
    monkeypatch.chdir(tmp_path)
    named = f"{name}/{name}.parquet" if relative else str(file)
    assert matching_files(named) == [str(file)]
    assert matching_files(name if relative else str(file.parent), is_parquet) == [str(file)]


def tree(folder):
    for name in ("a.parquet", "b.parquet", "c.txt", "sub/d.parquet", ".git/e.parquet"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize("scheme", ["", "file://"])
@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("*.parquet", ["a.parquet", "b.parquet"]),
        ("[ab].parquet", ["a.parquet", "b.parquet"]),
        ("a.parquet", ["a.parquet"]),
        ("*/*.parquet", ["sub/d.parquet"]),
        ("s*/d.parquet", ["sub/d.parquet"]),
        ("**/d.parquet", ["sub/d.parquet"]),
        ("sub", ["sub/d.parquet"]),
    ],
)
def test_globs_and_folders(tmp_path, scheme, glob, names):
    tree(tmp_path)
    found = matching_files(f"{scheme}{tmp_path}/{glob}", is_parquet)
    assert found == [f"{scheme}{tmp_path}/{name}" for name in names]


def test_a_folder_is_all_below_it_but_hidden_files(tmp_path):
    tree(tmp_path)
    names = ["a.parquet", "b.parquet", "sub/d.parquet"]
    assert matching_files(str(tmp_path), is_parquet) == [f"{tmp_path}/{name}" for name in names]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://x.invalid/a.parquet", "install fsspec and aiohttp"),
        ("hf://datasets/a/b/*.parquet", "install fsspec and huggingface_hub"),
        ("ftp://x.invalid/a.parquet", "install fsspec"),
        ("nonsense://a/b", "install fsspec"),
    ],
)
def test_addresses_without_a_reader_say_what_to_do(url, words, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)  # as where it is not installed
    with pytest.raises(UsageError, match=words) as error:
        matching_files(url)
    assert "\n" not in str(error.value)
