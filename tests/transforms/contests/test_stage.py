"""contests as a command: every format, sums, equal bytes, resuming, refusals, bad inputs."""

import json
import tarfile
from pathlib import Path

import pytest

from pipelines import cli
from tests.conftest import write_files
from tests.support.inputs import digests
from transforms.contests.units import is_source
from transforms.lib.skeleton.shards import UnitShards

STATEMENTS = Path(__file__).parent / "formats/fixtures.jsonl"
FIXTURES = {row["id"]: row for row in map(json.loads, STATEMENTS.read_text().splitlines())}
DOCTEST = '''"""Sums."""


def twice(n):
    """Return n doubled.

    >>> twice(2)
    4
    >>> twice(5)
    10
    """
    return n + n


def drawn(n):
    """
    >>> drawn(unknown)
    """
    return n
'''
EXERCISE = {
    ".meta/config.json": '{"files": {"solution": ["leap.py"], "test": ["leap_test.py"],'
    ' "example": [".meta/example.py"]}}',
    ".meta/example.py": "def leap(year):\n    return year % 4 == 0 and year % 100 != 0\n",
    ".docs/instructions.md": "# Instructions\n\nTell whether a year is a leap year.\n",
    "leap_test.py": "import unittest\nfrom leap import leap\n\n\nclass LeapTest(unittest.TestCase):\n"
    "    def test_one(self):\n        self.assertIs(leap(1996), True)\n\n"
    "    def test_two(self):\n        self.assertIs(leap(1997), False)\n",
}


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A source of each kind of input: trees, JSON lines, Parquet."""
    folder = tmp_path_factory.mktemp("sources")
    for name, fixture in FIXTURES.items():
        if "statement_html" in fixture:
            put(folder / f"leet/{name}/README.md", f"# 1. {name}\n\n{fixture['statement_html']}")
            put(folder / f"leet/{name}/Solution.py", fixture["solution"])
    put(folder / "leet/none/README.md", "# 2. None\n\nNo solution.")
    for name, text in EXERCISE.items():
        put(folder / "ex/exercises/practice/leap" / name, text)
    rows = [FIXTURES["apps-call"], FIXTURES["apps-stdin"], {"question": "", "solutions": ""}]
    put(folder / "apps.jsonl", "\n".join([*map(json.dumps, rows), "{broken", ""]))
    write_files(
        folder / "code.parquet",
        [
            {"repo": "one", "path": "a.py", "content": DOCTEST, "licence_spdx": "MIT"},
            {"repo": "two", "path": "b.py", "content": "def no(: pass  # >>> "},
        ],
    )
    return [
        f"leetcode:{folder}/leet",
        f"exercism:{folder}/ex",
        f"apps:{folder}/*.jsonl",
        f"doctest:{folder}/code.parquet",
    ]


@pytest.fixture(scope="module")
def extracted(sources, tmp_path_factory):
    """DATA with the problems of all sources, made by one worker."""
    data = tmp_path_factory.mktemp("extracted") / "data"
    assert cli.main(["contests", str(data), *sources, "--workers=1"]) == 0
    return data


@pytest.mark.parametrize("workers", [1, 2])
def test_same_bytes(sources, extracted, tmp_path, quire, workers):
    data = tmp_path / "another" / "place"
    assert quire("contests", data, *sources, f"--workers={workers}") == 0
    assert digests(data) == digests(extracted)


def test_every_problem_that_is_seen_is_a_row_or_a_reject(extracted, quire, ask, capsys):
    assert quire("check", extracted) == 0
    found = ask(
        extracted, "SELECT source, sum(problems), sum(kept) FROM contest_sources GROUP BY 1"
    )
    trees = sum("statement_html" in fixture for fixture in FIXTURES.values())
    assert dict((source, seen) for source, seen, _ in found) == {
        "leetcode": trees + 1,
        "exercism": 1,
        "apps": 4,
        "doctest": 3,
    }
    assert ask(extracted, "SELECT reason, path FROM rejects_contests ORDER BY 1, 2") == [
        ("bad_json", "apps.jsonl:4"),
        ("missing_field", "apps.jsonl:3"),
        ("no_python_solution", "none"),
        ("no_tests", "a.py"),
        ("not_python3", "b.py"),
    ]


def test_what_may_be_passed_on(extracted, ask):
    free = ask(extracted, "SELECT DISTINCT source FROM contest_problems WHERE redistributable")
    assert free == [("doctest",)], "only where a licence says so"


def test_the_queries_that_ship(extracted, quire, capsys):
    for name, word in (
        ("problems", "leetcode"),
        ("checkers", "in any order"),
        ("rejects", "bad_json"),
        ("funnel", "contests"),
    ):
        assert quire("sql", extracted, name) == 0
        assert word in capsys.readouterr().out


def test_resume_redoes_what_is_not_done(sources, extracted, tmp_path, quire, monkeypatch):
    commit, done = UnitShards.commit, []

    def breaks_off(self, phase="done"):
        if len(done) == 2:
            raise OSError("no space left")
        done.append(self.unit)
        return commit(self, phase)

    with monkeypatch.context() as patch:
        patch.setattr(UnitShards, "commit", breaks_off)
        assert quire("contests", tmp_path, *sources, "--workers=1") == 1
    assert quire("contests", tmp_path, *sources, "--workers=1") == 2, "neither --resume nor anew"
    redone = []
    monkeypatch.setattr(
        UnitShards,
        "commit",
        lambda self, phase="done": redone.append(self.unit) or commit(self, phase),
    )
    assert quire("contests", tmp_path, "--resume", "--workers=1") == 0, "it knows its sources"
    assert redone and not set(redone) & set(done)
    assert digests(tmp_path) == digests(extracted)
    assert quire("contests", tmp_path, "--resume") == 0, "finished"
    assert quire("contests", tmp_path, *sources[:1], "--resume") == 2, "other sources"


def test_the_corpus_is_a_source_of_build(tmp_path, quire, ask):
    put(tmp_path / "tree/sums.py", DOCTEST)
    data, tree = tmp_path / "data", f"dir:{tmp_path}/tree"
    assert quire("build", data, tree, "doctest:", "--dedup=exact", "--workers=1") == 0
    assert ask(data, "SELECT source, entry_point, n_tests FROM contest_problems") == [
        ("doctest", "twice", 2),
    ]
    assert quire("build", tmp_path / "other", tree, "--dedup=exact", "--workers=1") == 0
    assert not (tmp_path / "other/contest_problems").exists(), "only when asked for"


BAD = [
    ([], "no SOURCE is named"),
    (["nothing:x"], "'nothing:x' is no source; a source begins with one of leetcode:"),
    (["apps:\x07"], "a source is printable text"),
    (["apps:none.jsonl"], "none.jsonl"),
    (["apps:"], "apps: names no path"),
    (["doctest:"], "run `quire corpus` first, or give doctest:PATH"),
    (["exercism:good.jsonl"], "good.jsonl: a file of records; exercism: reads trees"),
    (["taco:t.tar.gz"], "t.tar.gz: an archive; taco: reads JSONL and Parquet"),
    (["leetcode:empty"], "empty: nothing in it that leetcode: reads"),
    (["codecontests:good.jsonl"], "good.jsonl: line 1: no field 'name'"),
    (["apps:text.txt"], "text.txt: line 1: no JSON object"),
    (["apps:broken.jsonl"], "broken.jsonl: line 1: "),
    (["apps:files.parquet"], "files.parquet: no column 'question'"),
    (["apps:half.parquet"], "half.parquet"),
    (["exercism:half.tar.gz"], "half.tar.gz"),
]


@pytest.mark.parametrize(("named", "line"), BAD, ids=lambda value: str(value)[:30])
def test_bad_input_is_one_line(named, line, tmp_path, quire, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "good.jsonl", json.dumps(FIXTURES["apps-call"]))
    put(tmp_path / "text.txt", "hello\n")
    put(tmp_path / "broken.jsonl", '{"question": \n')
    put(tmp_path / "empty/readme.txt", "")
    whole = write_files(tmp_path / "files.parquet", [{"repo": "r", "path": "p", "content": "c"}])
    (tmp_path / "half.parquet").write_bytes(whole.read_bytes()[:-4])
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "text.txt", "text.txt")
    (tmp_path / "half.tar.gz").write_bytes((tmp_path / "t.tar.gz").read_bytes()[:40])
    assert quire("contests", tmp_path / "data", *named, "--workers=1") == 2
    error = capsys.readouterr().err.strip()
    assert line in error and "\n" not in error and error.startswith("quire: ")


def test_files_of_one_name_are_told_apart(tmp_path, quire, ask):
    problem = json.dumps(FIXTURES["apps-call"])
    for name, more in (("old", ""), ("new", "\n{}")):
        put(tmp_path / name / "apps.jsonl", problem + more)
    data = tmp_path / "data"
    assert quire("contests", data, f"apps:{tmp_path}/*/apps.jsonl", "--workers=1") == 0
    assert ask(data, "SELECT path FROM contest_problems ORDER BY 1") == [
        ("new/apps.jsonl:1",),
        ("old/apps.jsonl:1",),
    ]
    assert quire("check", data) == 0, "no two problems have one id"


def test_no_problem_at_all_is_an_empty_dataset(tmp_path, quire, ask):
    put(tmp_path / "a.py", "x = 1\n")
    assert quire("contests", tmp_path / "data", f"doctest:{tmp_path}/a.py") == 2
    put(tmp_path / "tree/a.py", "x = 1\n")
    assert quire("contests", tmp_path / "data", f"doctest:{tmp_path}/tree") == 0
    assert ask(tmp_path / "data", "SELECT count(*) FROM contest_problems") == [(0,)]
    assert is_source("apps:x") and not is_source("pypi:x")
