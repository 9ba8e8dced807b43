"""parquet:GLOB reads rows that others wrote, with nulls, bytes that are no UTF-8 and so on."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import FILES
from tests.conftest import write_files
from tests.support.flipped_bit import flip_a_bit
from transforms.crawl.sources import parquet
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.storage import Storage

EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # of `git hash-object`


def read(place: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `files` and rejects."""
    fetched = parquet.read(str(place), Fetcher(ArchiveStore(Storage("unused"))))
    assert fetched.tables is not None
    tables = list(fetched.tables)
    assert all(table.schema.equals(FILES.schema) for table in tables)
    return [row for table in tables for row in table.to_pylist()], fetched.project.rejects


def test_rows(tmp_path: Path) -> None:
    full = {
        "repo": "r",
        "path": "p/a.py",
        "content": "é\r\n",
        "commit": "1",
        "licence_spdx": "MIT",
        "stars": 7,
        "size": 3,
        "git_sha1": "1" * 40,
        "repo_id": 12,
    }
    bare = {
        "repo": "r",
        "path": "b.py",
        "content": "",
        "commit": None,
        "licence_spdx": None,
        "stars": None,
        "size": None,
        "git_sha1": None,
        "repo_id": None,
    }
    rows, rejects = read(write_files(tmp_path / "x.parquet", [full, bare]))
    digest = [hashlib.sha256(str(row["content"]).encode()).hexdigest() for row in (full, bare)]
    others = {"encoding": "utf-8", "forks": None, "source_id": None, "source_cluster": None}
    common = [{"sha256": each, "raw_sha256": each, **others} for each in digest]
    own = {"licence_spdx": "NOASSERTION", "size": 0, "git_sha1": EMPTY_BLOB}
    assert rows == [full | common[0], bare | common[1] | own]
    assert rejects == []


def test_several_files_and_needed_columns_only(tmp_path: Path) -> None:
    for name in "ba":
        rows = [
            {"content": name, "extra": 1, "path": f"{name}{i}.py", "repo": "r"} for i in range(5)
        ]
        write_files(tmp_path / f"{name}.parquet", rows, row_group_size=2)
    found, rejects = read(tmp_path / "*.parquet")
    assert [row["path"] for row in found] == [f"{name}{i}.py" for name in "ab" for i in range(5)]
    assert rejects == []


def raw(values: list[bytes | None]) -> pa.Array:
    """A string column of any bytes, which nobody has checked to be UTF-8."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(binary), binary.buffers())


@pytest.mark.parametrize("large", [False, True], ids=["string", "large_string"])
@pytest.mark.parametrize(
    ("repo", "path", "content", "reject"),
    [
        (b"r", b"a.py", b"#" * 999_999, None),
        (b"r", b"a.py", b"#" * 1_000_000, ("a.py", "too_large", "1000000")),
        (b"r", b"a.py", None, ("a.py", "null_content", None)),
        (b"r", b"a.py", b"x\xff", ("a.py", "not_utf8", "at byte 1")),
        (b"r", b"a.py", b"\xed\xa0\x80", ("a.py", "not_utf8", "at byte 0")),
        (b"r", b"a.py", b"x\0", ("a.py", "nul_byte", "1")),
        (b"r", None, b"x", (None, "null_path", None)),
        (b"\xff", b"\xff.py", b"x", None),  # names can be escaped
        (None, b"a.py", b"x", ("a.py", "null_repo", None)),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_each_row_is_a_file_or_a_reject(tmp_path, large, repo, path, content, reject) -> None:
    columns = {"repo": [repo, b"r"], "path": [path, b"ok.py"], "content": [content, b"ok"]}
    table = pa.table({name: raw(values) for name, values in columns.items()})
    if large:
        table = table.cast(pa.schema([(name, pa.large_string()) for name in columns]))
    pq.write_table(table, tmp_path / "x.parquet")
    rows, rejects = read(tmp_path / "x.parquet")
    assert len(rows) + len(rejects) == 2 and rows[-1]["path"] == "ok.py"
    found = [(row["path"], row["reason"], row["value"]) for row in rejects]
    assert found == ([reject] if reject else [])
    if not reject:
        names = [ascii(name)[2:-1] for name in (repo, path)]
        assert [rows[0]["repo"], rows[0]["path"]] == names


def test_other_endings_are_left_out(tmp_path: Path) -> None:
    paths = ["a.py", "a.pyi", "a.PY", "py", "a.py.txt", ".py"]
    rows = [{"repo": "r", "path": path, "content": "x"} for path in paths]
    found, rejects = read(write_files(tmp_path / "x.parquet", rows))
    assert [row["path"] for row in found] == ["a.py", ".py"] and rejects == []


def test_no_rows(tmp_path: Path) -> None:
    schema = pa.schema([(name, pa.string()) for name in ("repo", "path", "content")])
    pq.write_table(schema.empty_table(), tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet") == ([], [])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"repo": "r", "path": "a.py"}], "rejected: .*x.parquet: no column 'content'"),
        ([{"repo": "r", "path": "a.py", "content": 1}], "rejected: .*column 'content' is int64"),
        ([{"repo": "r", "path": b"a.py", "content": "x"}], "rejected: .*column 'path' is binary"),
        (b"PAR1 and nothing more", "rejected: .*x.parquet: not a readable Parquet"),
        (None, "not_found: .*x.parquet: no such file"),
    ],
    ids=["missing column", "wrong type", "binary path", "no Parquet", "no file"],
)
def test_unreadable(tmp_path: Path, rows: Any, message: str) -> None:
    file = tmp_path / "x.parquet"
    if isinstance(rows, bytes):
        file.write_bytes(rows)
    elif rows:
        write_files(file, rows)
    with pytest.raises(FetchError, match=message) as error:
        read(file)
    assert "\n" not in str(error.value)


def test_a_damaged_source_is_one_row_and_the_rest_is_committed(tmp_path, quire, ask):
    """Whole row groups of it stay; a source with a column twice is another's row."""
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "a.py").write_text("x = 1\n")
    rows = [{"repo": "r", "path": f"{i}.py", "content": f"x = {i}"} for i in range(30)]
    pq.write_table(
        pa.Table.from_pylist(rows),
        tmp_path / "cut.parquet",
        row_group_size=10,
        write_page_checksum=True,
        use_dictionary=False,
        compression="none",
    )
    flip_a_bit(tmp_path / "cut.parquet", group=1)
    table = pa.Table.from_pylist(rows)
    pq.write_table(table.append_column("content", table["content"]), tmp_path / "twice.parquet")
    data = tmp_path / "data"
    sources = [f"dir:{tmp_path}/sound"]
    sources += [f"parquet:{tmp_path}/{name}.parquet" for name in ("cut", "twice", "none")]
    assert quire("crawl", data, *sources, "--workers=1") == 0
    found = "SELECT regexp_extract(source, '\\w+$|\\w+.parquet'), status, kept_files FROM repositories ORDER BY 1"
    assert ask(data, found) == [
        ("cut.parquet", "damaged", 20),
        ("none.parquet", "not_found", 0),
        ("sound", "ok", 1),
        ("twice.parquet", "rejected", 0),
    ]
    reason = "SELECT value FROM rejects_crawl WHERE reason = 'damaged'"
    [(value,)] = ask(data, reason)
    assert "cut.parquet: row group 1 cannot be read" in value
    assert "10 of its 10 rows are left out" in value
    assert quire("check", data) == 0
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert ask(data, "SELECT count(*) FROM files") == [(21,)]


def test_a_huge_value_in_many_rows_is_too_large_in_each(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays([0] * 300 + [1], ["x" * 1_000_000, "y"])
    names = [f"{i}.py" for i in range(301)]
    table = pa.table({"repo": ["r"] * 301, "path": names, "content": column})
    pq.write_table(table, tmp_path / "x.parquet")
    rows, rejects = read(tmp_path / "x.parquet")
    assert [row["content"] for row in rows] == ["y"]
    assert [row["reason"] for row in rejects] == ["too_large"] * 300
