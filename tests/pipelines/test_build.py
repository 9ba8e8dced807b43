"""build from folders: every stage, the funnel, what to try next, and going on."""

import pytest

from pipelines.build import built_in
from tests.support.inputs import project


@pytest.fixture
def trees(tmp_path):
    return [
        f"dir:{project(tmp_path / name, files)}"
        for name, files in [("one", "abc"), ("two", "bcde"), ("three", "xyz")]
    ]


def test_from_sources_to_answers(tmp_path, trees, quire, ask, capsys):
    data = tmp_path / "data"
    assert quire("build", data, *trees[:2], "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[:2] == trees[:2] and not data.exists()
    assert quire("build", data, *trees[:2], "--workers=1") == 0
    out, error = capsys.readouterr()
    assert "kept in corpus" in out
    assert f"next: quire sql {data} rejects | licenses" in error and f"quire check {data}" in error
    assert ask(data, "SELECT count(*) FROM corpus") == [(5,)]
    assert ask(data, "SELECT count(*) FROM rejects_functions") == [(5,)]
    assert quire("build", data, *trees, "--workers=1") == 2
    assert quire("build", data, *trees, "--workers=1", "--resume") == 0, "the corpus is renewed"
    assert ask(data, "SELECT count(*) FROM corpus") == [(8,)]
    assert quire("check", data) == 0


def test_resume_begins_what_is_not_begun(tmp_path, trees, quire, ask):
    assert quire("crawl", tmp_path / "data", *trees, "--workers=1") == 0
    assert quire("build", tmp_path / "data", *trees, "--workers=1", "--resume") == 0
    assert ask(tmp_path / "data", "SELECT count(*) FROM corpus") == [(8,)]


def test_no_source_gives_a_row(tmp_path, quire):
    assert quire("build", tmp_path / "data", f"dir:{tmp_path}/none", "--workers=1") == 3


def test_the_built_in_list_is_pinned():
    sources = built_in()
    assert 20 <= len(sources) <= 30
    assert all(source.startswith("pypi:") and "==" in source for source in sources)
