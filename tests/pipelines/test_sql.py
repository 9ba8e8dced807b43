"""sql: the queries that ship, three formats, and no way to write."""

import csv
import io
import json

import pytest

from pipelines import cli
from pipelines.sql import QUERIES
from tests.conftest import write_files
from tests.support.inputs import project, rows
from transforms.lib.eval_sets import read_eval


@pytest.fixture(scope="module")
def datas(tmp_path_factory):
    """DATA with something in every dataset, and DATA with nothing in any."""
    folder = tmp_path_factory.mktemp("sql")
    documented = {"repo": "r", "path": "d.py", "content": "def f():\n    'd'\n", "commit": "1.0"}
    leak = {
        "repo": "r",
        "path": "leak.py",
        "commit": "1",
        "content": read_eval("humaneval", {}).tasks[0].solutions[0],
    }
    files = write_files(folder / "in.parquet", [*rows(30), documented, leak])
    empty = write_files(folder / "empty.parquet", rows(1))
    tree = project(folder / "tree")
    (tree / "bad.py").write_bytes(b"\xff\xff")
    for command in (
        ["crawl", "full", f"dir:{tree}"],
        ["corpus", "full", f"--files={files}"],
        ["contamination", "full", "--eval=humaneval"],
    ):
        assert cli.main([command[0], str(folder / command[1]), command[2], "--workers=1"]) == 0
    assert cli.main(["functions", str(folder / "full"), "--workers=1"]) == 0
    several = {
        "question": "Return any of them.",
        "solutions": ["def f(a): return a[0]"],
        "input_output": {"fn_name": "f", "inputs": [["ab"]], "outputs": ["a"]},
    }
    one = {
        "question": "Double it.",
        "solutions": ["def g(a): return 2 * a"],
        "input_output": {"fn_name": "g", "inputs": [[1], [2]], "outputs": [2, 4]},
    }
    lines = folder / "apps.jsonl"
    lines.write_text("\n".join(map(json.dumps, (several, one, one | {"solutions": []}))))
    assert cli.main(["contests", str(folder / "full"), f"apps:{lines}", "--workers=1"]) == 0
    assert cli.main(["verify", str(folder / "full"), "--workers=1"]) == 0
    assert cli.main(["crawl", str(folder / "empty"), f"dir:{empty}.no", "--workers=1"]) == 3
    return {name: folder / name for name in ("full", "empty")}


@pytest.mark.parametrize("name", ["full", "empty"])
@pytest.mark.parametrize("query", QUERIES)
def test_queries_that_ship(datas, quire, capsys, name, query):
    assert quire("sql", datas[name], query, "--format=json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer or name == "empty"


def test_the_funnel_adds_up(datas, quire, capsys):
    assert quire("sql", datas["full"], "funnel", "--format=json") == 0
    steps = json.loads(capsys.readouterr().out)
    for stage in ("crawl", "corpus", "functions", "contests", "verify"):
        first, *drops, kept = [row["files"] for row in steps if row["stage"] == stage]
        assert first + sum(drops) == kept > 0 and all(drop < 0 for drop in drops) and drops


def test_formats(datas, quire, capsys):
    query = "SELECT 1500 AS n, '[b]:smile:' AS t, 'ab'::BLOB AS b, 0.5 AS d, NULL AS x"
    assert quire("sql", datas["full"], query, "--format=json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {"n": 1500, "t": "[b]:smile:", "b": "6162", "d": 0.5, "x": None}
    ]
    assert quire("sql", datas["full"], query) == 0, "csv where there is no terminal"
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["n", "t", "b", "d", "x"],
        ["1500", "[b]:smile:", "6162", "0.5", ""],
    ]
    assert quire("sql", datas["full"], query, "--format=table") == 0
    table = capsys.readouterr().out
    assert all(cell in table for cell in ("1,500", "[b]:smile:", "6162", "0.50"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("nix", "no query 'nix'; there are checkers, contamination, duplicates, functions,"),
        ("SELEKT 1", "syntax error"),
        ("SELECT nix FROM corpus", "nix"),
        ("SELECT * FROM nix", "nix"),
        (" ", "no query"),
        ("-- nothing", "SELECT"),
        ("COPY corpus TO 'x.csv'", "SELECT"),
        ("SELECT 1; COPY (SELECT 1) TO 'x.csv'", "SELECT"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'", "SELECT"),
        ("CREATE TABLE x AS SELECT 1", "SELECT"),
        ("ATTACH 'x.duckdb'", "SELECT"),
        ("EXPORT DATABASE 'x'", "SELECT"),
        ("INSTALL httpfs", "SELECT"),
        ("SET threads = 1", "SELECT"),
        ("SELECT * FROM query('COPY (SELECT 1) TO ''x.csv''')", "SELECT"),
    ],
)
def test_what_is_no_question_is_one_line(datas, tmp_path, monkeypatch, quire, capsys, query, words):
    monkeypatch.chdir(tmp_path)
    assert quire("sql", datas["full"], query) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and words in error
    assert list(tmp_path.iterdir()) == []
