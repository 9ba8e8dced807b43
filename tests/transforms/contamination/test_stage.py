"""contamination as a command: hits, removed rows, the report, equal bytes, resuming, bad input."""

import gzip
import json
import random
import shutil
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from schemas import CORPUS, PROBLEMS
from tests.conftest import write_files
from tests.support.inputs import digests, source
from transforms.contamination.report.mutations import MUTATIONS, seeded
from transforms.contamination.units import CHECKED_DATASETS
from transforms.lib.eval_sets import humaneval, read_eval
from transforms.lib.skeleton.shards import UnitShards, write_manifest
from transforms.lib.skeleton.storage import Storage

HUMANEVAL = read_eval("humaneval", {}).tasks
LEAKED = (0, 77, 129)


def rows(count, leaks=LEAKED, seed=0):
    """Files of generated source, the first few of which hold a task of HumanEval verbatim."""
    texts = [source(seed * 10_000 + i) for i in range(count)]
    for place, number in enumerate(leaks):
        texts[place * 2] = seeded(
            texts[place * 2], HUMANEVAL[number].solutions[0], "\n", random.Random(1)
        )
    return [
        {"repo": f"project{i % 3}", "path": f"m{seed}_{i}.py", "content": text, "commit": "1.0"}
        for i, text in enumerate(texts)
    ]


def many_units(folder, units=4):
    """Writes Parquet files of one work unit each; returns their glob."""
    for unit in range(units):
        large = [
            {
                "repo": "large",
                "path": f"{unit}_{i}.py",
                "content": f"x = '{unit}{i}" + "a b " * 240_000 + "'",
                "commit": "1",
            }
            for i in range(18)
        ]
        write_files(folder / f"{unit}.parquet", rows(9, (unit, unit + 50), unit) + large, 1000)
    return folder / "*.parquet"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """DATA with a corpus of which three files hold a task, checked under --policy drop."""
    folder = tmp_path_factory.mktemp("checked")
    files = write_files(folder / "in.parquet", rows(12))
    data = folder / "data"
    assert cli.main(["corpus", str(data), f"--files={files}", "--dedup=exact", "--workers=1"]) == 0
    assert cli.main(["contamination", str(data), "--policy=drop", "--workers=1"]) == 0
    return data


def test_the_hits_are_the_leaks(checked, ask):
    query = "SELECT path, task_id, verdict, string_agg(channel, '' ORDER BY channel) FROM hits GROUP BY ALL ORDER BY 1"
    assert ask(checked, query) == [
        ("m0_0.py", "HumanEval/0", "hit", "ACDNSX"),
        ("m0_2.py", "HumanEval/77", "hit", "ACDNSX"),
        ("m0_4.py", "HumanEval/129", "hit", "ACDNSX"),
    ]
    assert ask(checked, 'SELECT DISTINCT dataset, repo, "commit" FROM hits ORDER BY 2') == [
        ("corpus", "project0", "1.0"),
        ("corpus", "project1", "1.0"),
        ("corpus", "project2", "1.0"),
    ]
    assert ask(
        checked, "SELECT count(*) FROM hits h JOIN corpus c USING (repo, path, sha256)"
    ) == ask(checked, "SELECT count(*) FROM hits")


def test_lines_and_excerpts_are_those_of_the_file(checked, ask):
    found = ask(
        checked,
        """SELECT h.function, string_split(content, chr(10))[line_start], text_excerpt, eval_excerpt
                FROM hits h JOIN corpus USING (path) WHERE channel = 'A' AND path = 'm0_0.py'""",
    )
    function, line, ours, theirs = found[0]
    assert function == "has_close_elements" and line.startswith("def has_close_elements(")
    assert ours.startswith(line) and theirs.startswith("def has_close_elements(")


def test_eval_tasks_say_what_was_found(checked, ask):
    assert ask(
        checked, "SELECT count(*), count(clean), sum(hits), count_if(clean) FROM eval_tasks"
    ) == [(164, 164, 3, 161)]
    assert ask(
        checked,
        """SELECT task_id, hits, reviews, hits_doc, hits_tests, hits_tree, hits_exact, names, clean
               FROM eval_tasks WHERE hits > 0 ORDER BY task_id""",
    ) == [
        ("HumanEval/0", 1, 0, 1, 0, 1, 1, 1, False),
        ("HumanEval/129", 1, 0, 1, 0, 1, 1, 1, False),
        ("HumanEval/77", 1, 0, 1, 0, 1, 1, 1, False),
    ]
    assert ask(checked, "SELECT DISTINCT code FROM eval_tasks ORDER BY 1") == [
        ("checked",),
        ("short",),
    ]


def test_removed_names_files_and_functions(checked, ask):
    found = ask(
        checked, "SELECT granularity, path, function, tasks FROM removed ORDER BY path, granularity"
    )
    assert found == [
        ("file", "m0_0.py", None, "humaneval:HumanEval/0"),
        ("function", "m0_0.py", "has_close_elements", "humaneval:HumanEval/0"),
        ("file", "m0_2.py", None, "humaneval:HumanEval/77"),
        ("function", "m0_2.py", "iscube", "humaneval:HumanEval/77"),
        ("file", "m0_4.py", None, "humaneval:HumanEval/129"),
        ("function", "m0_4.py", "minPath", "humaneval:HumanEval/129"),
    ]
    left = "SELECT count(*) FROM corpus ANTI JOIN (FROM removed WHERE granularity = 'file') USING (repo, path, sha256)"
    assert ask(checked, left) == [(9,)]


def test_the_report_is_for_people(checked, quire, capsys):
    report = (checked / "contamination.md").read_text()
    for line in (
        "# Contamination",
        "**3 texts hold 3 of the tasks.**",
        "## Hits, side by side",
        "| verbatim | 24 | 24 | 1.00 |",
        "humaneval: 161 clean",
        "humaneval: 3 found",
        "sha256",
        "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
    ):
        assert line in report
    assert report.count("<table>") == 3 == report.count("</table>")
    assert quire("check", checked) == 0
    capsys.readouterr()
    assert quire("sql", checked, "contamination", "--format=json") == 0
    assert [row["evidence"] for row in json.loads(capsys.readouterr().out)] == ["DCANSX"] * 3


def test_exit_codes(checked, tmp_path, quire):
    assert quire("contamination", checked, "--policy=drop", "--resume", "--fail-on-hit") == 4
    clean = write_files(tmp_path / "clean.parquet", rows(5, ()))
    assert (
        quire("contamination", tmp_path / "data", "--files", clean, "--fail-on-hit", "--workers=1")
        == 0
    )
    assert "**No text holds a task.**" in (tmp_path / "data" / "contamination.md").read_text()


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """The glob of several units, and the digests of what one worker makes of them."""
    folder = tmp_path_factory.mktemp("several")
    files = many_units(folder / "in")
    assert (
        cli.main(
            [
                "contamination",
                str(folder / "data"),
                f"--files={files}",
                "--policy=drop",
                "--workers=1",
            ]
        )
        == 0
    )
    return files, digests(folder / "data")


def test_two_workers_write_the_same_bytes(several, tmp_path, quire, ask):
    files, expected = several
    assert quire("contamination", tmp_path, "--files", files, "--policy=drop", "--workers=2") == 0
    assert digests(tmp_path) == expected
    assert sum(name.startswith("hits/part-") for name in expected) == 4
    assert ask(tmp_path, "SELECT count(DISTINCT task_id) FROM hits WHERE verdict = 'hit'") == [(8,)]


def test_kill_9_then_resume(several, tmp_path, quire):
    files, expected = several
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "contamination",
        str(tmp_path),
        "--files",
        str(files),
        "--policy=drop",
        "--workers=1",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while not list(tmp_path.glob("_work/contamination/done-*.json")):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "eval_tasks" / "_manifest.json").exists()
    done = {
        path: path.stat().st_mtime_ns for path in tmp_path.glob("_work/contamination/done-*.json")
    }
    assert quire("contamination", tmp_path, "--files", files, "--policy=drop") == 2, (
        "not restarted unasked"
    )
    assert (
        quire(
            "contamination", tmp_path, "--files", files, "--policy=drop", "--workers=1", "--resume"
        )
        == 0
    )
    assert digests(tmp_path) == expected
    assert done and not (tmp_path / "_work").exists()


def test_functions_are_checked_by_themselves(tmp_path, quire, ask):
    """Hits have lines of the file, and a feed finds the rows to leave out by sha256."""
    before = "".join(f"x{number} = {number}\n" for number in range(99))
    row = {
        "repo": "r",
        "path": "a.py",
        "commit": "1",
        "content": before + HUMANEVAL[0].solutions[0],
    }
    files = write_files(tmp_path / "a.parquet", [row])
    assert quire("corpus", tmp_path, "--files", files, "--workers=1") == 0
    assert quire("functions", tmp_path, "--workers=1") == 0
    assert quire("contamination", tmp_path, "--policy=drop", "--workers=1") == 0
    removed = "SELECT granularity, path, function, tasks FROM removed WHERE dataset = 'functions'"
    assert ask(tmp_path, removed) == [
        ("function", "a.py", "has_close_elements", "humaneval:HumanEval/0")
    ]
    left = "SELECT count(*) FROM functions ANTI JOIN removed ON removed.sha256 = sha256(prompt || body)"
    assert ask(tmp_path, left) == [(0,)]
    lines = "SELECT min(line_start), max(line_end) FROM hits WHERE dataset = 'functions' AND channel = 'A'"
    assert ask(tmp_path, lines) == [(103, 118)]


def test_problems_are_checked(tmp_path, quire, ask):
    """The dataset `problems` is checked, as verify writes it."""
    rows = [
        {
            "prompt": "def g():\n",
            "canonical_solution": "    pass\n",
            "test": HUMANEVAL[0].tests,
            "entry_point": "g",
        },
        {"prompt": "Add."},
    ]
    shards = UnitShards(Storage(str(tmp_path)), "verify", "00000", "x")
    shards.write("problems", pa.Table.from_pylist(rows, schema=PROBLEMS.schema))
    write_manifest(Storage(str(tmp_path)), "problems", "x", shards.commit()["shards"])
    assert [table.dataset for table in CHECKED_DATASETS] == ["corpus", "functions", "problems"]
    assert quire("contamination", tmp_path, "--policy=drop", "--workers=1") == 0
    assert ask(tmp_path, "SELECT granularity, path, function, tasks FROM removed") == [
        ("problem", "part-00000.parquet#1", "g", "humaneval:HumanEval/0")
    ]
    assert ask(tmp_path, "SELECT DISTINCT channel FROM hits ORDER BY 1") == [("T",), ("X",)]


def test_any_file_with_text(tmp_path, quire, ask):
    """JSON Lines and Parquet that quire did not write: other columns, nulls, and no Unicode."""
    leak, half = HUMANEVAL[5], "\ud800"
    lines = [
        {"answer": leak.solutions[0]},
        {"answer": None, "question": leak.doc, "repo": "r", "path": "p"},
        {"answer": f"x = '{half}'"},
        {"answer": None},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    strange = {"repo": [["list"]], "line_start": ["one"], "commit": [7]}
    pq.write_table(
        pa.table({"question": [leak.tests], "answer": pa.nulls(1)} | strange),
        tmp_path / "b.parquet",
    )
    run = ["contamination", tmp_path / "data", "--column", "question,answer", "--workers=1"]
    assert quire(*run, "--files", tmp_path / "[ab].*") == 3, "a text was not checked"
    data = tmp_path / "data"
    assert ask(data, "SELECT DISTINCT repo, path, task_id, verdict FROM hits ORDER BY path") == [
        (None, "a.jsonl#1", "HumanEval/5", "hit"),
        (None, "b.parquet#1", "HumanEval/5", "hit"),
        ("r", "p", "HumanEval/5", "hit"),
    ]
    assert ask(data, "SELECT path, reason FROM rejects_contamination ORDER BY path") == [
        ("a.jsonl#3", "not_utf8"),
        ("a.jsonl#4", "null_content"),
    ]
    report = (data / "contamination.md").read_text()
    assert report.count("<table>") == 3, "places without a project too"
    assert "Checked: 5 texts" in report and "2 of the texts could not be" in report


def test_files_by_their_urls(tmp_path, quire, ask):
    """Files are read by URL, as those of a bucket would be."""
    leak = json.dumps({"content": HUMANEVAL[9].solutions[0]}) + "\n"
    (tmp_path / "in.jsonl").write_text(leak)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(leak.encode()))
    shutil.copy(humaneval.installed_file(), tmp_path / "eval.jsonl.gz")
    url = tmp_path.as_uri()
    run = [
        "contamination",
        tmp_path / "data",
        "--files",
        f"{url}/in.*",
        "--eval",
        f"humaneval={url}/eval.jsonl.gz",
    ]
    assert quire(*run, "--workers=1") == 0
    assert ask(
        tmp_path / "data",
        "SELECT DISTINCT path, task_id FROM hits WHERE verdict = 'hit' ORDER BY 1",
    ) == [("in.jsonl#1", "HumanEval/9"), ("in.jsonl.gz#1", "HumanEval/9")]


def test_a_set_of_ones_own(tmp_path, quire, ask):
    task = HUMANEVAL[7]
    own = {"name": 1, "question": task.doc, "code": task.solutions[0]}
    (tmp_path / "own.jsonl").write_text(json.dumps(own))
    files = write_files(tmp_path / "in.parquet", rows(5, (7,)))
    fields = "task_id=name,doc=question,solutions=code"
    run = [
        "contamination",
        tmp_path / "data",
        "--files",
        files,
        "--workers=1",
        "--eval",
        f"own={tmp_path}/own.jsonl",
    ]
    assert quire(*run, "--fields", fields) == 0
    assert ask(tmp_path / "data", "SELECT suite, task_id, tests, name FROM eval_tasks") == [
        ("own", "1", "empty", "empty")
    ]
    assert ask(tmp_path / "data", "SELECT DISTINCT task_id, verdict FROM hits") == [("1", "hit")]


def test_nothing_to_check_is_a_valid_answer(tmp_path, quire, ask):
    pq.write_table(CORPUS.schema.empty_table(), tmp_path / "none.parquet")
    assert quire("contamination", tmp_path / "data", "--files", tmp_path / "none.parquet") == 0
    assert ask(tmp_path / "data", "SELECT count(*), count_if(clean) FROM eval_tasks") == [
        (164, 164)
    ]
    assert quire("check", tmp_path / "data") == 0
    assert "Checked: nothing" in (tmp_path / "data" / "contamination.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["no `corpus` here", "--files"]),
        (["--files", "none*"], ["none*: no such file"]),
        (["--files", "fold*"], ["fold*: a folder without a file of a kind that is read"]),
        (
            ["--files", "x.parquet", "--column", "text"],
            ["x.parquet", "no column 'text'", "content"],
        ),
        (["--files", "n.parquet"], ["n.parquet", "'content' is int64"]),
        (["--files", "bad.parquet"], ["bad.parquet", "not a readable Parquet"]),
        (["--files", "cut.jsonl"], ["cut.jsonl", "line 2", "not JSON"]),
        (["--files", "other.jsonl"], ["other.jsonl", "line 1", "no field 'content'"]),
        (["--files", "x.parquet", "--eval", "mbpp"], ["--eval mbpp", "needs a path"]),
        (["--files", "x.parquet", "--eval", "mbpp=none.jsonl"], ["none.jsonl"]),
        (["--files", "x.parquet", "--eval", "a=cut.jsonl"], ["cut.jsonl", "line 1", "'task_id'"]),
        (["--files", "x.parquet", "--eval", "a=x", "--eval", "a=y"], ["--eval", "twice"]),
        (["--files", "x.parquet", "--fields", "nonsense"], ["--fields nonsense"]),
        (["--files", "x.parquet", "--policy", "keep"], ["--policy"]),
        (
            ["--files", "x.parquet", "--stoplist", "cut.jsonl"],
            ["cut.jsonl", "not a readable stoplist"],
        ),
        (["--files", "x.parquet", "--stoplist", "n.parquet"], ["n.parquet", "not a stoplist"]),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, quire, capfd, arguments, words):
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "x.parquet", rows(2, ()))
    pq.write_table(pa.table({"content": [1]}), "n.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    (tmp_path / "cut.jsonl").write_text('{"content": "a"}\n{"content": "b')
    (tmp_path / "folder").mkdir()
    (tmp_path / "other.jsonl").write_text('{"text": "a"}\n')
    assert quire("contamination", "data", *arguments, "--workers=1") == 2
    error = capfd.readouterr().err
    assert error.startswith("quire: ") and error.count("\n") == 1
    assert all(word in error for word in words), error
    assert not (tmp_path / "data" / "hits").exists()


def test_run_again(tmp_path, quire):
    files = write_files(tmp_path / "in.parquet", rows(4, ()))
    run = ["contamination", tmp_path / "data", "--files", files, "--workers=1"]
    assert quire(*run, "--dry-run") == 0 and not (tmp_path / "data").exists()
    assert quire(*run) == 0
    expected = digests(tmp_path / "data")
    assert quire(*run) == 2
    assert quire(*run, "--resume") == 0
    assert quire(*run, "--resume", "--policy=drop") == 2, "other settings"
    assert digests(tmp_path / "data") == expected


def test_every_mutation_is_in_the_report(checked):
    report = (checked / "contamination.md").read_text()
    assert all(f"| {name} |" in report for name, _, _ in MUTATIONS)


def test_a_repository_that_defines_most_names_has_a_verdict(tmp_path, quire, ask):
    """Solutions written anew, one a file: no text holds a task, the repository holds the set."""
    own = [
        {
            "repo": "answers",
            "path": f"{i}.py",
            "commit": "1",
            "content": f"def {t.entry_point}(*a):\n    return {i}\n",
        }
        for i, t in enumerate(HUMANEVAL)
    ]
    some = [row | {"repo": "a few"} for row in own[:9]]
    files = write_files(tmp_path / "in.parquet", own + some)
    run = ["contamination", tmp_path / "data", "--files", files, "--workers=1", "--policy=drop"]
    assert quire(*run, "--fail-on-hit") == 4
    found = ask(tmp_path / "data", "SELECT repo, path, suite, score, channel, verdict FROM hits")
    assert found == [("answers", None, "humaneval", 1.0, "R", "hit")]
    assert ask(tmp_path / "data", "SELECT granularity, repo, path FROM removed") == [
        ("repository", "answers", None)
    ]
    assert ask(tmp_path / "data", "SELECT count_if(clean) FROM eval_tasks") == [(164,)]
    assert "| answers |" in (tmp_path / "data" / "contamination.md").read_text()


def test_texts_of_any_size_are_checked(tmp_path, quire, ask):
    """A text over 16 MB is scanned in pieces, and a hit stands once in `hits`."""
    texts = ["x = 1\n" * 2_700_000 + HUMANEVAL[0].solutions[0], "x = 1\n" * 2_700_000]
    lines = [json.dumps({"content": text}) for text in texts]
    (tmp_path / "big.jsonl").write_text("\n".join(lines))
    run = ["contamination", tmp_path / "data", "--files", tmp_path / "big.jsonl", "--workers=1"]
    assert quire(*run, "--fail-on-hit") == 4
    query = "SELECT channel, line_start > 2700000, count(*) FROM hits GROUP BY ALL ORDER BY 1"
    assert ask(tmp_path / "data", query) == [(channel, True, 1) for channel in "ACDNSX"]
    assert ask(tmp_path / "data", "SELECT count(*) FROM rejects_contamination") == [(0,)]
