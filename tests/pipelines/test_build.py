"""build from folders: every stage, the funnel, what to try next, and going on."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from pipelines.build import _for_stage, built_in
from tests.support.every_dataset import FED, LEFT_OUT, from_project_to_feed, write_project
from tests.support.inputs import digests, project
from tests.support.tested_projects import indexed


@pytest.fixture
def trees(tmp_path):
    return [
        f"dir:{project(tmp_path / name, files)}"
        for name, files in [("one", "abc"), ("two", "bcde"), ("three", "xyz")]
    ]


def test_from_sources_to_answers(tmp_path, trees, quire, ask, capsys):
    data = tmp_path / "data"
    assert quire("build", data, *trees[:2], "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [f"  {tree}" for tree in trees[:2]]
    assert not data.exists()
    assert quire("build", data, *trees[:2], "--workers=1") == 0
    out, error = capsys.readouterr()
    assert "kept in corpus" in out
    assert f"next: open {data}/report.html\n      quire sql {data} rejects | licenses" in error
    assert f"quire check {data}" in error
    assert "kept in corpus" in (data / "report.html").read_text()
    assert ask(data, "SELECT count(*) FROM corpus") == [(5,)]
    assert ask(data, "SELECT count(*) FROM rejects_functions") == [(5,)]
    assert quire("build", data, *trees, "--workers=1") == 2
    assert quire("build", data, *trees, "--workers=1", "--resume") == 0, "the corpus is renewed"
    assert ask(data, "SELECT count(*) FROM corpus") == [(8,)]
    assert quire("check", data) == 0


def test_a_page_that_cannot_be_written_is_no_fault_of_the_build(tmp_path, trees, quire, capsys):
    data = tmp_path / "data"
    (data / "report.html" / "somebody's").mkdir(parents=True)
    assert quire("build", data, trees[0], "--workers=1") == 0
    error = capsys.readouterr().err
    assert "build: no report.html (" in error and "next: quire sql" in error
    assert quire("check", data) == 0


def test_resume_begins_what_is_not_begun(tmp_path, trees, quire, ask):
    assert quire("crawl", tmp_path / "data", *trees, "--workers=1") == 0
    assert quire("build", tmp_path / "data", *trees, "--workers=1", "--resume") == 0
    assert ask(tmp_path / "data", "SELECT count(*) FROM corpus") == [(8,)]


def test_a_corpus_of_other_files_is_not_replaced_by_the_built_in_list(tmp_path, quire, capsys):
    data, files = tmp_path / "data", tmp_path / "in.parquet"
    pq.write_table(pa.table({"repo": ["r"], "path": ["a.py"], "content": ["a = 1\n"]}), files)
    assert quire("corpus", data, f"--files={files}", "--workers=1") == 0
    before = digests(data)
    capsys.readouterr()
    assert quire("build", data, "--resume", "--workers=1") == 2
    assert "its corpus is not of a crawl" in capsys.readouterr().err
    assert digests(data) == before


def test_no_source_gives_a_row(tmp_path, quire):
    assert quire("build", tmp_path / "data", f"dir:{tmp_path}/none", "--workers=1") == 3


def test_the_built_in_list_is_pinned():
    sources = built_in()
    assert 20 <= len(sources) <= 30
    assert all(source.startswith("pypi:") and "==" in source for source in sources)


def test_a_project_becomes_a_feed(tmp_path, quire, ask):
    """Every stage that there is, from a folder to examples and tokens."""
    write_project(tmp_path / "project")
    with indexed():
        assert quire(*from_project_to_feed(tmp_path / "data"), "--workers=1") == 0
    assert quire("check", tmp_path / "data") == 0
    data = tmp_path / "data"
    sources = [(row[0], row[3]) for row in ask(data, FED)]
    assert {path for source, path in sources if source == "corpus"} == {
        *("contacts.py", "copied.py", "double.py", "once.py", "parts.py"),
        *("test_parts.py", "twice.py"),
    }
    assert sources.count(("functions", "parts.py")) == sources.count(("problems", "parts.py")) == 2
    assert ("problems", "double.py") in sources
    assert [row for row in ask(data, LEFT_OUT) if row[0] == "contaminated"] == [
        ("contaminated", source, "leak.py") for source in ("corpus", "functions", "problems")
    ]
    assert ask(data, "SELECT sum(documents) FROM tokens") == [(len(sources),)]


def test_opt_outs_reach_every_stage_that_obeys_them(tmp_path):
    options = cli.parse(["build", str(tmp_path), "--opt-out=list.txt"])
    found = {_for_stage(options, stage, []).opt_out for stage in ("crawl", "corpus", "feed")}
    assert found == {"list.txt"}
