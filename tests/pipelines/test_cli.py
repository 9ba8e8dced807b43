"""The command line: help, usage errors in one line, files of arguments, Beam's flags, versions."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from pipelines import COMMANDS
from tests.conftest import write_files
from tests.support.inputs import project

ROW = {"repo": "r", "path": "p", "content": "x = 1\n"}


NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in NAMES)])
def test_help_has_examples(quire, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        quire(*arguments)
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "examples:\n  quire " in text
    assert len(arguments) > 1 or set(NAMES) <= set(text.split("\noptions:")[0].split())


def test_version_is_that_of_the_distribution(quire, capsys):
    with pytest.raises(SystemExit) as ended:
        quire("--version")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"quire {version('quire')}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["bake", "DATA"], "'bake'"),
        (["corpus"], "DATA"),
        (["crawl", "DATA"], "SOURCE"),
        (["crawl", "DATA", "flask"], "'flask' is no source"),
        (["corpus", "DATA", "--nope"], "'--nope'"),
        (["check", "DATA", "--nope=1"], "'--nope=1'"),
        (["corpus", "DATA", "--over"], "'--over'"),
        (["corpus", "DATA", "--dedup=some"], "--dedup"),
        (["corpus", "DATA", "--workers=0"], "--workers"),
        (["corpus", "DATA", "--limit=-1"], "--limit"),
        (["corpus", "DATA", "--direct_num_workers=two"], "--direct_num_workers"),
        (["corpus", "DATA", "@nowhere"], "'nowhere'"),
        (["corpus", "DATA", "@binary"], "UTF-8"),
        (["corpus", "DATA", "--files=x.parquet", "--runner=Walker"], "x.parquet"),
        (["corpus", "binary/DATA", "--files=p.parquet"], "binary/DATA"),
        (["sql", "DATA", "SELECT 1"], "no committed dataset"),
        (["check", "DATA"], "no datasets"),
    ],
)
def test_usage_is_one_line_and_writes_nothing(
    tmp_path, monkeypatch, quire, capfd, arguments, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    write_files(tmp_path / "p.parquet", [ROW])
    assert quire(*arguments) == 2
    out, error = capfd.readouterr()
    assert out == "" and error.count("\n") == 1
    assert error.startswith("quire: ") and words in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["binary", "p.parquet"]


def test_unknown_runner(tmp_path, quire, capfd):
    write_files(tmp_path / "p.parquet", [ROW])
    run = ["corpus", tmp_path / "data", "--files", tmp_path / "p.parquet"]
    assert quire(*run, "--runner=Walker") == 2
    assert capfd.readouterr().err.startswith("quire: --runner=Walker: ")
    assert quire(*run, "--runner", "DirectRunner", "--job_name=x") == 0


def test_files_of_arguments(tmp_path, quire, capsys):
    tree = project(tmp_path / "tree#1")
    (tmp_path / "more").write_text("# only the first\n--limit=2   # two\n\n--dry-run\n")
    (tmp_path / "sources").write_text(f"dir:{tree}\n  dir:b # not a\ndir:c\n@{tmp_path}/more\n")
    assert quire("crawl", tmp_path / "data", f"@{tmp_path}/sources") == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [f"  dir:{tree}", "  dir:b"]


def test_sources_may_follow_flags(tmp_path, quire, capsys):
    for command in ("build", "crawl"):
        assert quire(command, tmp_path, "dir:a", "--dry-run", "dir:b", "--job_name=x", "dir:c") == 0
        assert capsys.readouterr().out.splitlines()[1:4] == ["  dir:a", "  dir:b", "  dir:c"]
    assert quire("build", tmp_path, "--dry-run", "dir:b") == 0
    assert capsys.readouterr().out.splitlines()[1] == "  dir:b"


def test_a_reader_may_leave(tmp_path):
    """`quire sql … | head`: no traceback, whatever was still to be printed."""
    command = f"{sys.executable} -m pipelines.cli --help | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("usage: quire") and done.stderr == ""


NO_FOLDERS = {
    "p.parquet": "DATA is a folder",
    "dangling": "DATA is a folder",
    "https://example.org/data": "not a URL that quire can read or write",
    "hf://datasets/x/y": "not a URL that quire can read or write",
    "s3://": "names no bucket",
}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["crawl", "", "dir:x"], "empty"),
        (["crawl", "DATA", ""], "empty"),
        (["corpus", "DATA", "--files", ""], "empty"),
        (["corpus", "DATA", "--files="], "--files= is empty"),
        (["contamination", "DATA", "--eval="], "--eval= is empty"),
        (["contamination", "DATA", "--files=p.parquet", "--eval=humaneval="], "needs a path"),
        (["sql", "DATA", ""], "empty"),
        (["sql", "DATA", "funnel", "--out="], "--out= is empty"),
        (["sample", "", "--out=x", "--model=m"], "empty"),
        (["evaluate", ""], "empty"),
        (["check", "d\udcff"], "not UTF-8"),
        (["sql", "DATA", "SELECT '\udcff'"], "not UTF-8"),
        *(
            ([name, place, *more], words)
            for place, words in NO_FOLDERS.items()
            for name, *more in (["crawl", "dir:x"], ["check"], ["sql", "funnel"], ["functions"])
        ),
    ],
)
def test_what_cannot_be_meant(tmp_path, monkeypatch, quire, capfd, arguments, words):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)  # as where it is not installed
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "p.parquet", [ROW])
    (tmp_path / "dangling").symlink_to("nowhere")
    assert quire(*arguments) == 2
    out, error = capfd.readouterr()
    assert out == "" and error.count("\n") == 1 and words in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "p.parquet"]
