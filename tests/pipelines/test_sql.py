"""sql: the queries that ship, the formats, files of SQL and of answers, and no way to write."""

import csv
import io
import json
import resource
import shutil
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from pipelines import cli
from pipelines.running.shipped_queries import QUERIES, usage_of
from tests.conftest import write_files
from tests.support.inputs import project, rows
from transforms.lib.eval_sets import read_eval


@pytest.fixture(scope="module")
def datas(tmp_path_factory):
    """DATA with something in every dataset, and DATA with nothing in any."""
    folder = tmp_path_factory.mktemp("sql")
    documented = {"repo": "r", "path": "d.py", "content": "def f():\n    'd'\n", "commit": "1.0"}
    mail = documented | {"path": "mail.py", "content": "# By mia.keller@uni-bonn.de.\nX = 1\n"}
    leak = {
        "repo": "r",
        "path": "leak.py",
        "commit": "1",
        "content": read_eval("humaneval", {}).tasks[0].solutions[0],
    }
    files = write_files(folder / "in.parquet", [*rows(30), documented, mail, leak])
    empty = write_files(folder / "empty.parquet", rows(1))
    tree = project(folder / "tree")
    (tree / "bad.py").write_bytes(b"\xff\xff")
    for command in (
        ["crawl", "full", f"dir:{tree}"],
        ["corpus", "full", f"--files={files}"],
        ["contamination", "full", "--eval=humaneval"],
    ):
        assert cli.main([command[0], str(folder / command[1]), command[2], "--workers=1"]) == 0
    assert cli.main(["secrets", str(folder / "full"), "--workers=1"]) == 0
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
    assert cli.main(["strengthen", str(folder / "full"), "--workers=1"]) == 0
    assert cli.main(["verify", str(folder / "full"), "--workers=1"]) == 0
    assert cli.main(["feed", str(folder / "full"), "--workers=1"]) == 0
    assert cli.main(["crawl", str(folder / "empty"), f"dir:{empty}.no", "--workers=1"]) == 3
    return {name: folder / name for name in ("full", "empty")}


# Of the queries that take some.
ARGUMENTS = {"why": ["leak.py"], "representative": ["m0_1.py"], "weak": ["1.1"]}
WITHOUT_ANSWER = {"flaky"}  # nothing in DATA is


@pytest.mark.parametrize("name", ["full", "empty"])
@pytest.mark.parametrize("query", QUERIES)
def test_queries_that_ship(datas, quire, capsys, name, query):
    arguments = ARGUMENTS.get(query, [])
    assert quire("sql", datas[name], query, "--format=json", *arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer or name == "empty" or query in WITHOUT_ANSWER


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_says_what_it_answers(query):
    call, meaning = usage_of(query)
    assert call.split()[0] == query and meaning[0].isupper() and meaning.endswith(".")
    assert len(call.split()) - 1 == len(ARGUMENTS.get(query, []))


def answers(quire, capsys, *question):
    """The rows of an answer."""
    capsys.readouterr()
    assert quire("sql", *question, "--format=json") == 0
    return json.loads(capsys.readouterr().out)


def test_why_tells_the_way_of_a_file(datas, quire, capsys):
    [dropped] = answers(quire, capsys, datas["full"], "why", "m0_1.py")
    assert dropped["stage"] == "corpus" and dropped["outcome"].startswith("dropped: ")
    [instead] = answers(quire, capsys, datas["full"], "representative", "m0_1.py")
    assert dropped["instead"] == f"{instead['representative']} {instead['its_commit']}"
    assert dropped["instead"] == "project2/m0_2.py 1.0"
    way = answers(quire, capsys, datas["full"], "why", "r/leak.py")
    steps = [(row["stage"], row["outcome"].split(":")[0]) for row in way]
    assert steps[:1] == [("corpus", "kept")] and ("contamination", "hit") in steps
    assert {row["detail"] for row in way if row["stage"] == "contamination"} == {
        "humaneval:HumanEval/0"
    }
    sha256 = answers(
        quire, capsys, datas["full"], "SELECT sha256 FROM corpus WHERE path = 'leak.py'"
    )[0]["sha256"]
    assert answers(quire, capsys, datas["full"], "why", sha256[:9].upper()) == way
    [nothing] = answers(quire, capsys, datas["full"], "why", "nix.py")
    assert nothing["outcome"] == "not there"


def test_weak_problems_are_those_below_the_share(datas, quire, capsys):
    weak = [answers(quire, capsys, datas["full"], "weak", share) for share in ("0", "1.1")]
    assert len(weak[0]) < len(weak[1]) and all(row["outcome"] != "kept" for row in weak[0])


def test_what_the_crawl_has_missed(datas, quire, capsys):
    missed = answers(quire, capsys, datas["full"], "missed")
    assert [(row["what"], row["count"]) for row in missed] == [("Python file", 1)]
    [source] = answers(quire, capsys, datas["empty"], "missed")
    assert source["what"] == "source" and source["example"].endswith("empty.parquet.no")


@pytest.mark.parametrize("form", ["json", "csv", "table", "parquet"])
def test_arguments_are_values(datas, quire, capsys, tmp_path, form):
    query = "SELECT $2 || $1 AS t FROM range($3::BIGINT)"
    out = [f"--out={tmp_path}/a.{form}"] if form == "parquet" else []
    flags = [f"--format={form}", *out]
    assert quire("sql", datas["full"], query, *flags, "'a", "; b", "2") == 0
    if out:
        assert pq.read_table(tmp_path / "a.parquet")["t"].to_pylist() == ["; b'a"] * 2
    else:
        assert capsys.readouterr().out.count("; b'a") == 2


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (["why"], "takes 1 argument, and 0 are given (why FILE: What every stage has made of"),
        (["funnel", "x"], "takes no arguments, and 1 are given (funnel: Where every file"),
        (["SELECT $1, $2", "x"], "takes 2 arguments, and 1 are given ($1 stands for the first)"),
        (["SELECT $name", "x"], "parameters are called $1, $2 …, not $name"),
        (["weak", "much"], "Could not convert string 'much' to DOUBLE"),
        (["funel"], "no query 'funel'; is it funnel?"),
        (["wy", "six.py"], "no query 'wy'; is it why?"),
    ],
)
def test_questions_that_are_not_understood(datas, quire, capsys, question, words):
    assert quire("sql", datas["full"], *question) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and words in error


@pytest.fixture
def standard_input(monkeypatch):
    """Have a command read this content from standard input."""

    def given(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return given


def test_queries_of_standard_input(datas, quire, capsys, standard_input):
    standard_input(b"-- two\nSELECT ';' AS a; SELECT 2 AS b -- the end")
    assert quire("sql", datas["full"]) == 0
    assert capsys.readouterr().out.splitlines() == ["a", ";", "", "b", "2"]
    standard_input(b"funnel;\n")
    assert quire("sql", datas["full"], "--format=json") == 0
    assert json.loads(capsys.readouterr().out)[0]["stage"] == "crawl"


@pytest.mark.parametrize(
    ("content", "flags", "words"),
    [
        (b"", [], "none on standard input"),
        (b"-- nothing", [], "none on standard input"),
        (b"SELECT 1; SELECT 2", ["--out=x.csv"], "2 statements; --out takes the answer to one"),
        (b"SELECT 1; COPY (SELECT 1) TO 'x.csv'", [], "only SELECT is allowed"),
        (b"SELEKT 1", [], "syntax error"),
        (b"\xff", [], "standard input: not UTF-8"),
        (b"why 'six", [], "No closing quotation"),
    ],
)
def test_standard_input_that_is_no_query(
    datas, quire, capsys, tmp_path, monkeypatch, standard_input, content, flags, words
):
    monkeypatch.chdir(tmp_path)
    standard_input(content)
    assert quire("sql", datas["full"], *flags) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and words in error and not list(tmp_path.iterdir())


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
        ("nix", "no query 'nix'; there are canonical, checkers, ci, contamination, duplicates,"),
        ("SELEKT 1", "syntax error"),
        ("SELECT nix FROM corpus", "nix"),
        ("SELECT * FROM nix", "nix"),
        (" ", "no query"),
        ("-- nothing", "SELECT"),
        ("COPY corpus TO 'x.csv'", "SELECT"),
        ("SELECT 1; SELECT 2", "2 statements; ask one at a time"),
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


TYPED = {
    "1.10::DECIMAL(38, 20)": "1.10000000000000000000",
    "123456789012345678901234567890.12::DECIMAL(38, 2)": "123456789012345678901234567890.12",
    "170141183460469231731687303715884105727::HUGEINT": "170141183460469231731687303715884105727",
    "340282366920938463463374607431768211455::UHUGEINT": "340282366920938463463374607431768211455",
    "'nan'::DOUBLE": "null",
    "'-infinity'::FLOAT": "null",
    "0.1::DOUBLE": "0.1",
    "true": "true",
    "NULL": "null",
    "'ab'::BLOB": '"6162"',
    "'2024-01-02 03:04:05.123456789'::TIMESTAMP_NS": '"2024-01-02 03:04:05.123456789"',
    "'infinity'::TIMESTAMP": '"infinity"',
    "DATE '29000-01-01'": '"29000-01-01"',
    "INTERVAL '1 month 3 days 0.000001 seconds'": '"1 month 3 days 00:00:00.000001"',
    "[1.50::DECIMAL(5, 2), NULL]": "[1.50, null]",
    "['nan'::DOUBLE, 2]": "[null, 2.0]",
    "{'a': INTERVAL 1 month, 'b \"q\"': 'x'::BLOB}": '{"a": "1 month", "b \\"q\\"": "78"}',
    "MAP {[1, 2]: 0.10::DECIMAL(3, 2)}": '{"[1, 2]": 0.10}',
    "[MAP {'k': TIME '01:02:03.000004'}]": '[{"k": "01:02:03.000004"}]',
    "[1, 2]::INTEGER[2]": "[1, 2]",
    "union_value(x := 1)": '"1"',
    "'5f0a1c1e-0000-4000-8000-000000000000'::UUID": '"5f0a1c1e-0000-4000-8000-000000000000"',
    "'a'::ENUM('a', 'b')": '"a"',
}


@pytest.mark.parametrize(("value", "text"), TYPED.items())
def test_values_keep_their_digits(datas, quire, capsys, value, text):
    assert quire("sql", datas["full"], f"SELECT {value} AS v", "--format=json") == 0
    out = capsys.readouterr().out
    assert out == f'[\n {{"v": {text}}}\n]\n'
    json.loads(out, parse_constant=pytest.fail)
    for form in ("csv", "table"):
        assert quire("sql", datas["full"], f"SELECT {value} AS v", f"--format={form}") == 0
        shown = capsys.readouterr().out.replace(",", "")
        if not set(text) & set('"[{') and text not in ("null", "true"):
            assert text in shown or form == "table"


@pytest.mark.parametrize("query", ["SELECT 1 WHERE false", "FROM range(2500)"])
def test_json_of_any_number_of_rows(datas, quire, capsys, query):
    assert quire("sql", datas["full"], query, "--format=json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["range"] for row in rows if "range" in row] == list(range(len(rows)))
    assert len(rows) in (0, 2500)


def test_columns_of_one_name_are_all_there(datas, quire, capsys, tmp_path):
    query = "SELECT 1 AS a, 2 AS a, 3 AS a_1"
    assert quire("sql", datas["full"], query, "--format=json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert list(row.values()) == [1, 2, 3]
    assert quire("sql", datas["full"], query) == 0
    assert capsys.readouterr().out.split() == ["a,a,a_1", "1,2,3"]
    assert quire("sql", datas["full"], query, f"--out={tmp_path}/a.parquet") == 0
    assert list(pq.read_table(tmp_path / "a.parquet").to_pylist()[0].values()) == [1, 2, 3]


def test_a_wide_answer_is_a_block_for_each_row(datas, quire, capsys):
    assert quire("sql", datas["full"], "FROM corpus LIMIT 2", "--format=table") == 0
    lines = capsys.readouterr().out.splitlines()
    [sha256] = [line for line in lines if "sha256" in line][:1]
    assert len(sha256.split("│")[2].strip()) > 20, "not cut into columns of a character"
    assert sum("row 2 of 2" in line for line in lines) == 1
    assert quire("sql", datas["full"], "SELECT repeat('x', 1000000) AS x", "--format=table") == 0
    assert "1,000,000inall" in "".join(capsys.readouterr().out.replace("│", "").split())


@pytest.mark.parametrize("columns", ["repo, path", "*"])
def test_an_answer_without_rows_says_so(datas, quire, capsys, columns):
    query = f"SELECT {columns} FROM corpus WHERE false"
    assert quire("sql", datas["full"], query, "--format=table") == 0
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines) > 1, lines[-1]) == (True, "no rows")


@pytest.mark.parametrize("ending", ["parquet", "csv", "json", "jsonl", "txt"])
def test_answers_are_written_whole_or_not_at_all(datas, quire, capsys, tmp_path, ending):
    file = tmp_path / f"an=swer [1].{ending}"
    ask = ["sql", datas["full"], "SELECT 'é' AS t, 1 AS n FROM range(3)", "--out", file]
    assert quire(*ask) == 0 and capsys.readouterr().out == ""
    written = file.read_bytes()
    if ending == "parquet":
        assert pq.read_table(io.BytesIO(written)).to_pylist() == [{"t": "é", "n": 1}] * 3
    elif ending == "json":
        assert json.loads(written) == [{"t": "é", "n": 1}] * 3
    elif ending == "jsonl":
        assert [*map(json.loads, written.splitlines())] == [{"t": "é", "n": 1}] * 3
    else:
        assert written.decode() == "t,n\r\n" + "é,1\r\n" * 3
    file.write_bytes(b"mine")
    assert quire(*ask) == 2 and "--overwrite" in capsys.readouterr().err
    broken = [*ask[:2], "SELECT error('no') FROM range(3)", "--out", file, "--overwrite"]
    assert quire(*broken) == 2 and file.read_bytes() == b"mine"
    assert quire(*ask, "--overwrite") == 0 and file.read_bytes() == written
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--format=parquet"], "needs --out"),
        (["--out=nowhere/x.csv"], "no such folder"),
        (["--out=.", "--overwrite"], "no file"),
        (["--out=/dev/null", "--overwrite"], "no file"),
        (["--out=s3://bucket/x.csv"], "a URL"),
    ],
)
def test_places_where_no_answer_can_be_written(datas, quire, capsys, flags, words):
    assert quire("sql", datas["full"], "SELECT 1", *flags) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and words in error


def test_a_disk_that_is_full(datas, quire, capsys, tmp_path):
    """A limit on the size of files stands for it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        for form in ("csv", "parquet"):
            query = "SELECT hash(range), hash(range + 1) FROM range(200_000)"
            assert quire("sql", datas["full"], query, f"--out={tmp_path}/x.{form}") == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    error = capsys.readouterr().err
    assert error.count("\n") == 2 and f"{tmp_path}/x.csv" in error
    assert list(tmp_path.iterdir()) == []


def test_files_of_sql(datas, quire, capsys, tmp_path):
    for content in (
        b"SELECT 'a;' AS v; -- x;",
        b"\xef\xbb\xbfSELECT\n'a;' AS v\n/* ; */ ; -- \xc3\xa9\n",
    ):
        (tmp_path / "q.sql").write_bytes(content)
        assert quire("sql", datas["full"], f"@{tmp_path}/q.sql") == 0
        assert capsys.readouterr().out.split() == ["v", "a;"]
    (tmp_path / "q.sql").write_bytes(b"SELECT '\xff'")
    for place, words in (("q.sql", "not UTF-8"), ("nix.sql", "No such file"), ("", "directory")):
        assert quire("sql", datas["full"], f"@{tmp_path}/{place}") == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and words in error


def test_a_column_that_an_older_quire_did_not_write(datas, quire, capsys, tmp_path):
    data = shutil.copytree(datas["full"], tmp_path / "data")
    for shard in (data / "signals").glob("part-*"):
        pq.write_table(pq.read_table(shard).drop_columns(["lines"]), shard)
    assert quire("sql", data, "SELECT count(size) FROM signals") == 0
    capsys.readouterr()
    assert quire("sql", data, "SELECT lines FROM signals") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"`quire corpus {data} --overwrite`" in error


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_interrupted_answers_leave_nothing(datas, tmp_path, ending):
    command = [sys.executable, "-m", "pipelines.cli", "sql", str(datas["full"])]
    query = "SELECT * FROM range(1_000_000_000_000)"
    out = ["--out", f"{tmp_path}/x.{ending}"]
    running = subprocess.Popen([*command, query, *out], stderr=subprocess.PIPE)
    while not list(tmp_path.iterdir()):
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=60)
    assert running.returncode == 130 and error.startswith(b"quire: interrupted")
    assert list(tmp_path.iterdir()) == []
