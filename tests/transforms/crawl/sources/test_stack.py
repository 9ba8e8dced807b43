"""stack:GLOB: rows in each published layout through the command line, and the same for corpus."""

import pyarrow as pa
import pytest

from tests.support.published_rows import PUBLISHED, File, own, stack_v3, write
from transforms.crawl import project_tables
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.sources import stack
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher
from transforms.lib.skeleton.storage import Storage

TEXT = "def add(first, second):\n    return first + second\n"


def files(layout: str) -> list[File]:
    """Files of one layout: kept, of other languages, duplicates, and such as cannot be kept."""
    return [
        File(f"{layout}/a", "one.py", TEXT + f"# {layout}\n"),
        File(f"{layout}/a", "two.txt", "text"),
        File(f"{layout}/a", "same.py", "import os\nprint(os.getcwd(), 1, 2, 3)\n", "Apache-2.0", 9),
        File(f"{layout}/b", "gone.py", None, "GPL-3.0"),
        File(f"{layout}/b", "zero.py", "x = '\0'\n"),
        File(f"{layout}/b", "empty.py", ""),
        File(f"{layout}/b", "long.py", "#" * 1_000_000),
    ]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a file in each layout."""
    folder = tmp_path_factory.mktemp("published")
    for name, table in PUBLISHED.items():
        write(folder / f"{name}.parquet", table(files(name)), row_group_size=2)
    return folder


def test_rows_of_each_layout_become_files_and_rejects(tmp_path, published, quire, ask, capsys):
    data, in_place = tmp_path / "data", tmp_path / "in_place"
    sources = [f"stack:{published}/{name}.parquet" for name in PUBLISHED]
    assert quire("crawl", data, *sources, "--workers=1") == 0
    counts = "SELECT kind, status, python_files, kept_files FROM repositories"
    assert ask(data, counts) == [("stack", "ok", 6, 3)] * len(PUBLISHED)
    found = ask(data, "SELECT repo, path, content FROM files ORDER BY ALL")
    kept = ("one.py", "same.py", "empty.py")
    everything = [each for name in PUBLISHED for each in files(name)]
    assert found == sorted((f.repo, f.path, f.content) for f in everything if f.path in kept)
    wrong = "SELECT count(*) FROM files WHERE sha256 <> sha256(content) OR raw_sha256 <> sha256"
    assert ask(data, wrong) == [(0,)]
    rejects = ask(data, "SELECT repo, path, reason, value FROM rejects_crawl")
    assert sorted(rejects, key=str) == sorted(
        [
            row
            for name in PUBLISHED
            for row in [
                (f"{name}/b", "gone.py", "stub", "too large")
                if name == "stack_v3"
                else (f"{name}/b", "gone.py", "null_content", None),
                (f"{name}/b", "zero.py", "nul_byte", "5"),
                (f"{name}/b", "long.py", "too_large", "1000000"),
            ]
        ],
        key=str,
    )
    told = """SELECT repo, licence_spdx, stars, forks, repo_id, commit[:1], git_sha1[:1],
        source_id[:1], source_cluster FROM files WHERE path = 'same.py' ORDER BY repo"""
    computed = "d"  # git's id of the content, where the source gives none
    [(git_id,)] = set(
        ask(data, "SELECT git_sha1[:1] FROM files WHERE repo = 'codeparrot/a' AND path = 'same.py'")
    )
    computed = git_id
    assert ask(data, told) == [
        ("codeparrot/a", "Apache-2.0", None, None, None, None, computed, "5", None),
        # The metadata of a repository is that of its first file.
        ("stack_v1/a", "Apache-2.0", 9, 2, None, "c", "b", "b", None),
        ("stack_v2/a", "Apache-2.0", 9, 2, 77, "c", "b", "1", None),
        ("stack_v2_repositories/a", "Apache-2.0", 3, 2, 77, "c", "b", "1", None),
        ("stack_v3/a", "Apache-2.0", 3, 2, 77, "c", computed, "9", "4711"),
        ("starcoderdata/a", "NOASSERTION", 9, None, None, None, computed, "1", None),
    ]
    assert quire("check", data) == 0
    capsys.readouterr()

    # The corpus of these files, and of the same files read in place, is the same.
    assert quire("corpus", data, "--workers=1") == 0
    assert "layout" not in capsys.readouterr().err
    assert quire("corpus", in_place, "--files", published, "--workers=1") == 0
    told = "corpus: --files are read in the layout of CodeParrot (1 file), The Stack v1 (2 files), "
    assert told in capsys.readouterr().err
    for question in (
        "SELECT repo, path, sha256, exact_copies, near_copies, stars, split FROM corpus "
        "WHERE path <> 'zero.py' ORDER BY ALL",
        "SELECT repo, path, reason, kept_sha256 FROM rejects_corpus "
        "WHERE path NOT IN ('gone.py', 'long.py', 'zero.py') ORDER BY ALL",
    ):
        assert ask(in_place, question) == ask(data, question)
    own_count = "SELECT count(*) FROM signals WHERE path LIKE '%.py'"
    assert ask(in_place, own_count) == [(6 * len(PUBLISHED),)]


def test_rejects_are_written_as_they_come(tmp_path, monkeypatch):
    """A corpus may have more stubs than fit into memory; all are counted."""
    monkeypatch.setattr(project_tables, "REJECTS_AT_A_TIME", 10)
    rows = [File(f"r/{i}", "x.py", None) for i in range(1000)]
    rows += [File("r/last", "empty.py", "")]
    file = write(tmp_path / "x.parquet", stack_v3(rows), row_group_size=100)
    fetched = stack.read(str(file), Fetcher(ArchiveStore(Storage("unused"))))
    tables = list(project_tables.tables(f"stack:{file}", fetched, Exclusions()))
    rejects = [len(table) for dataset, table in tables if dataset == "rejects/crawl"]
    assert sum(rejects) == 1000 and len(rejects) > 1
    assert sum(len(table) for dataset, table in tables if dataset == "files") == 1
    assert (fetched.row["python_files"], fetched.row["kept_files"]) == (1001, 1)


def test_a_source_of_no_layout_or_without_content_is_a_row(tmp_path, quire, ask):
    write(tmp_path / "unknown.parquet", pa.table({"text": ["x"]}))
    table = PUBLISHED["stack_v2"]([File("a/b", "x.py", "x")])
    write(tmp_path / "ids.parquet", table.drop_columns(["content"]))
    write(tmp_path / "own.parquet", own([File("a/b", "x.py", "x")]))
    write(tmp_path / "v3.parquet", stack_v3([File("a/b", "y.py", "y")]))
    names = [f"stack:{tmp_path}/{name}.parquet" for name in ("unknown", "ids", "own")]
    names.append(f"parquet:{tmp_path}/v3.parquet")
    assert quire("crawl", tmp_path / "data", *names, "--workers=1") == 0
    found = "SELECT regexp_extract(source, '\\w+.parquet$'), status, reason FROM repositories ORDER BY 1"
    ids, own_row, unknown, v3 = ask(tmp_path / "data", found)
    assert own_row == ("own.parquet", "ok", None)
    assert [row[1] for row in (ids, unknown, v3)] == ["rejected"] * 3
    assert "without the files' content" in ids[2]
    assert "no column 'repo'" in unknown[2] and "The Stack v3" in unknown[2]
    assert f"name it as stack:{tmp_path}/v3.parquet" in v3[2]
