"""The version of a file: it changes with the content, and with nothing else."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.lib.errors import UsageError
from transforms.lib.skeleton import versions
from transforms.lib.skeleton.units import plan_units
from transforms.lib.skeleton.versions import file_version, file_versions, folder_version


def equal_footers(folder: Path, word: str) -> Path:
    """A Parquet file whose footer does not depend on the word."""
    rows = [
        {"repo": "r", "path": f"{i}.py", "content": f"x = '{w}'\n"}
        for i, w in enumerate(["aaaa", word, "zzzz"])
    ]
    folder.mkdir(exist_ok=True)
    file = folder / "in.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file, compression="none", use_dictionary=False)
    return file


def test_other_content_with_an_equal_footer_is_another_input(tmp_path: Path) -> None:
    files = [equal_footers(tmp_path / word, word) for word in ("good", "evil")]
    assert pq.read_metadata(files[0]).equals(pq.read_metadata(files[1]))
    good, evil = (plan_units([str(file)])[1] for file in files)
    os.utime(files[0], (1, 1))
    moved = files[0].rename(tmp_path / "moved.parquet")
    assert plan_units([str(moved)])[1] == good != evil


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_version_is_that_of_the_content(tmp_path: Path, scheme: str) -> None:
    for name, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).write_bytes(content)
    a, b, c = file_versions([f"{scheme}{tmp_path}/{name}" for name in "abc"])
    assert a == b != c and file_versions([]) == []
    with pytest.raises(UsageError, match="cannot be read"):
        file_version(f"{scheme}{tmp_path}/none")


def test_what_is_too_large_to_digest_is_told_by_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "DIGESTED_BYTES", 1)
    file = tmp_path / "a"
    file.write_bytes(b"12")
    before = file_version(str(file))
    os.utime(file, ns=(5, 7))
    assert file_version(str(file)) != before
    assert file_version(str(file)) == "2 7"


def test_a_folder_has_the_version_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("1")
    (tmp_path / "broken").symlink_to("nowhere")
    before = folder_version(str(tmp_path))
    (tmp_path / "pkg" / "__pycache__").mkdir()
    (tmp_path / "pkg" / "__pycache__" / "a.pyc").write_text("x")
    assert folder_version(str(tmp_path)) == before
    (tmp_path / "pkg" / "a.py").write_text("2")
    assert folder_version(str(tmp_path)) != before
