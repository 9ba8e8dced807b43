"""`quire corpus` as a command: equal bytes, the funnel, resuming, refusals, bad and no input."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from tests.conftest import write_files
from tests.support.inputs import digests, many_units, project, rows, source


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """The glob of several units, and the digests of what one worker makes of them."""
    folder = tmp_path_factory.mktemp("several")
    files = many_units(folder / "in")
    assert cli.main(["corpus", str(folder / "data"), f"--files={files}", "--workers=1"]) == 0
    return files, digests(folder / "data")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """DATA with the committed crawl of a folder, a missing folder and an excluded one."""
    folder = tmp_path_factory.mktemp("crawled")
    data, tree = folder / "data", project(folder / "tree")
    (tree / "latin.py").write_bytes(b"name = 'caf\xe9'\n")
    (folder / "excluded").write_text("gone\n")
    sources = [f"dir:{tree}", f"dir:{folder / 'missing'}", f"dir:{project(folder / 'gone')}"]
    assert (
        cli.main(["crawl", str(data), *sources, f"--exclude={folder / 'excluded'}", "--workers=1"])
        == 0
    )
    return data


@pytest.fixture
def small(tmp_path):
    return write_files(tmp_path / "small.parquet", rows(30))


@pytest.mark.parametrize("workers", [1, 2])
def test_same_bytes(several, tmp_path, quire, workers):
    files, expected = several
    data = tmp_path / "another" / "place"
    assert quire("corpus", data, "--files", files, f"--workers={workers}") == 0
    assert digests(data) == expected
    assert sum(name.startswith("signals/part-") for name in expected) == 4


ROWS = """SELECT repo, path, {} FROM signals {} SELECT repo, path, sha256 FROM (
    SELECT repo, path, sha256 FROM corpus UNION ALL SELECT repo, path, sha256 FROM rejects_corpus)
"""


def test_every_file_is_kept_or_a_reject(several, tmp_path, quire, ask):
    assert quire("corpus", tmp_path, "--files", several[0], "--dedup=exact", "--workers=1") == 0
    assert ask(tmp_path, "SELECT count(*) FROM signals") == [(4 * 57,)]
    assert ask(tmp_path, ROWS.format("lower(hex(sha256))", "EXCEPT ALL")) == []
    assert ask(tmp_path, "SELECT reason, count(*) FROM rejects GROUP BY 1 ORDER BY 1") == [
        ("exact_duplicate", 4 * 40 - 5 * 17),
        ("long_line_max", 4 * 17),
    ]
    assert ask(tmp_path, "SELECT count(*) FROM corpus") == [(5 * 17,)]


def test_the_crawl_adds_up_with_sources_that_failed(crawled, quire, ask):
    assert quire("corpus", crawled, "--workers=1") == 0
    assert ask(crawled, "SELECT sum(python_files), sum(kept_files) FROM repositories") == [(4, 3)]
    assert ask(crawled, "SELECT count(*) FROM files") == [(3,)]
    assert ask(crawled, "SELECT path FROM rejects_crawl WHERE path IS NOT NULL") == [("latin.py",)]
    assert ask(crawled, "SELECT reason FROM rejects_crawl WHERE path IS NULL ORDER BY 1") == [
        ("excluded",),
        ("not_found",),
    ]
    assert ask(crawled, "SELECT count(*) FROM signals") == [(3,)]
    assert quire("check", crawled) == 0


def _truncated(path):
    content = write_files(path, rows(30)).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _torn(path):
    """A footer as it should be over a damaged column."""
    write_files(path, [{"repo": "r", "path": "p", "content": source(i, 99)} for i in range(50)])
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(2)
    content = bytearray(path.read_bytes())
    middle = chunk.dictionary_page_offset + chunk.total_compressed_size // 3
    content[middle : middle + 400] = b"Z" * 400
    path.write_bytes(content)


def _table(**columns):
    full = {"repo": ["r"], "path": ["p"], "content": ["x = 1\n"]} | columns
    table = {name: value for name, value in full.items() if value is not None}
    return lambda path: pq.write_table(pa.table(table), path)


def _twice(name):
    table = pa.table({"repo": ["r"], "path": ["p"], "content": ["x = 1\n"], "stars": [1]})
    return lambda path: pq.write_table(table.append_column(name, table[name]), path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_truncated, ["not a readable Parquet file"]),
        (_torn, ["row group 0 cannot be read"]),
        (lambda path: path.write_text("no Parquet at all"), ["not a readable Parquet file"]),
        (lambda path: path.write_bytes(b""), ["not a readable Parquet file"]),
        (_table(content=None), ["no column 'content'"]),
        (_table(repo=None), ["no column 'repo'"]),
        (_table(content=[1]), ["column 'content' is int64, not string"]),
        (_table(path=[["p"]]), ["column 'path' is list", "not string"]),
        (_twice("content"), ["2 columns are called 'content'"]),
        (_twice("stars"), ["2 columns are called 'stars'"]),
    ],
)
def test_bad_input_is_one_line(crawled, tmp_path, quire, capfd, make, words):
    path = tmp_path / "bad.parquet"
    make(path)
    before = crawl_digests(crawled)
    assert quire("corpus", crawled, "--files", path, "--workers=1", "--overwrite") == 2
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert all(word in error for word in [str(path), *words]), error
    assert "while running" not in error
    assert crawl_digests(crawled) == before


def crawl_digests(data):
    """sha256 of each file that the crawl committed, by name."""
    wanted = ("repositories/", "files/", "ci_configs/", "rejects/crawl/")
    return {name: value for name, value in digests(data).items() if name.startswith(wanted)}


def test_no_match_and_no_crawl(tmp_path, quire, capfd):
    assert quire("corpus", tmp_path, "--files", tmp_path / "*.parquet") == 2
    assert quire("corpus", tmp_path) == 2
    first, second = capfd.readouterr().err.splitlines()
    assert f"{tmp_path}/*.parquet: no such file" in first
    assert "no `files` here" in second


def test_column_types_that_can_be_converted(tmp_path, quire, ask):
    text = pa.array(["x = 1\n"])
    _table(
        repo=pa.array(["r"]).dictionary_encode(),
        path=pa.array(["p"], pa.large_string()),
        content=text.cast(pa.large_string()),
        stars=[3.0],
        commit=pa.nulls(1),
        unread=[[1, 2]],
    )(tmp_path / "x.parquet")
    assert quire("corpus", tmp_path, "--files", tmp_path / "x.parquet", "--workers=1") == 0
    assert ask(tmp_path, 'SELECT repo, path, content, stars, "commit" FROM corpus') == [
        ("r", "p", "x = 1\n", 3, None)
    ]


def _raw(*values):
    """Strings of any bytes, as careless writers store them."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), binary.buffers())


def test_unreadable_rows_are_rejects(tmp_path, quire, ask):
    _table(
        repo=_raw(b"r", b"\xfe", b"r", None),
        path=_raw(b"1", b"2", b"3", b"4"),
        content=_raw(None, b"\xff = 1", b"x = 1\n", b"x = 1\n"),
    )(tmp_path / "x.parquet")
    assert quire("corpus", tmp_path, "--files", tmp_path / "x.parquet", "--workers=1") == 0
    assert ask(tmp_path, "SELECT repo, path, reason FROM rejects ORDER BY path") == [
        ("r", "1", "null_content"),
        ("\\xfe", "2", "not_utf8"),
        (None, "4", "null_repo"),
    ]
    assert ask(tmp_path, "SELECT path FROM corpus") == [("3",)]


@pytest.mark.parametrize("groups", [0, 1])
def test_no_rows_make_an_empty_valid_corpus(tmp_path, quire, ask, groups):
    schema = pa.schema([(name, pa.string()) for name in ("repo", "path", "content")])
    with pq.ParquetWriter(tmp_path / "none.parquet", schema) as writer:
        for _ in range(groups):
            writer.write_table(schema.empty_table())
    data = tmp_path / "data"
    assert quire("corpus", data, "--files", tmp_path / "none.parquet") == 0
    assert quire("check", data) == 0
    assert quire("sql", data, "funnel") == 0
    for dataset in ("signals", "corpus", "clusters", "rejects/corpus"):
        shards = sorted((data / dataset).glob("part-*"))
        assert [pq.read_table(shard).num_rows for shard in shards] == [0]
    assert "content" in pq.read_schema(data / "corpus" / "part-empty.parquet").names


def test_run_again(tmp_path, small, quire, capfd):
    """Refused without a flag; --resume changes nothing; other settings are refused; --overwrite."""
    data = tmp_path / "data"
    run = ["corpus", data, "--files", small, "--workers=1"]
    assert quire(*run) == 0
    expected = digests(data)
    times = {path: path.stat().st_mtime_ns for path in data.rglob("part-*")}
    assert quire(*run) == 2
    assert quire(*run, "--resume") == 0
    assert {path: path.stat().st_mtime_ns for path in data.rglob("part-*")} == times
    assert quire(*run, "--resume", "--dedup=exact") == 2
    write_files(tmp_path / "other.parquet", rows(31))
    assert quire("corpus", data, "--files", tmp_path / "other.parquet", "--resume") == 2
    assert digests(data) == expected
    assert quire(*run, "--overwrite", "--dedup=exact") == 0
    assert digests(data) != expected
    assert quire(*run, "--overwrite") == 0
    assert digests(data) == expected
    refusals = [line for line in capfd.readouterr().err.splitlines() if "ran here" in line]
    assert len(refusals) == 2
    assert all("with other inputs or settings" in line and str(data) in line for line in refusals)


def test_limit_and_dry_run(several, tmp_path, quire, ask, capsys):
    data = tmp_path / "data"
    run = ["corpus", data, "--files", several[0], "--limit=1", "--workers=1"]
    assert quire(*run, "--dry-run") == 0
    assert not data.exists()
    assert capsys.readouterr().out.startswith("corpus: 1 units, --dedup near")
    assert quire(*run) == 0
    assert ask(data, "SELECT count(*), count(DISTINCT unit) FROM signals") == [(57, 1)]


def test_data_may_be_a_url(tmp_path, small, quire, ask, capsys):
    """Without rename, as on an object store: the manifest comes last, and Arrow reads for DuckDB."""
    local, url = tmp_path / "local", f"file://{tmp_path}/remote"
    assert quire("corpus", local, "--files", small, "--workers=1") == 0
    assert quire("corpus", url, "--files", f"file://{tmp_path}/sm*.parquet", "--workers=1") == 0
    assert digests(tmp_path / "remote") == digests(local)
    assert quire("check", url) == 0
    capsys.readouterr()
    assert quire("sql", url, "SELECT count(*) AS n FROM corpus", "--format=json") == 0
    kept = ask(local, "SELECT count(*) FROM corpus")[0][0]
    assert json.loads(capsys.readouterr().out) == [{"n": kept}]
