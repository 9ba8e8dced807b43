"""`quire ci` as a user runs it: from crawled projects to problems, and every loss a row."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import cli
from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import digests
from tests.support.tested_projects import PROJECTS, indexed, write_projects

MADE = ("ci_problems/", "rejects/ci/")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory) -> Iterator[Path]:
    """DATA with the projects crawled, and one of which no archive is kept; the index is there."""
    folder = tmp_path_factory.mktemp("ci")
    sources = write_projects(folder / "projects")
    files = write_files(
        folder / "in.parquet", [{"repo": "bare", "path": "a.py", "content": "x = 1\n"}]
    )
    data = folder / "crawled"
    with indexed():
        crawl = ["crawl", str(data), *sources, f"parquet:{files}", "--workers=1"]
        assert cli.main(crawl) == 0
        yield data


@pytest.fixture(scope="module")
def tested(crawled, tmp_path_factory) -> Path:
    """A finished run."""
    data = tmp_path_factory.mktemp("tested") / "data"
    shutil.copytree(crawled, data)
    assert cli.main(["ci", str(data), "--workers=1"]) == 0
    return data


@pytest.fixture
def copy(tested, tmp_path) -> Path:
    return Path(shutil.copytree(tested, tmp_path / "data"))


def made(data: Path) -> dict[str, str]:
    """The digests of what is made of calls."""
    return {name: each for name, each in digests(data).items() if name.startswith(MADE)}


def test_recipes_and_environments_tell_how_each_project_was_tested(tested, ask: Ask) -> None:
    rows = ask(tested, "SELECT repo, source, rank, commands FROM recipes WHERE rank = 1 ORDER BY 1")
    assert [row[:3] for row in rows] == [("failing", "travis", 1), ("shapes", "tox", 1)]
    assert rows[0][3] == [["python", "-m", "pytest"]]
    unreadable = "SELECT repo, source FROM recipes WHERE rank IS NULL"
    assert ask(tested, unreadable) == [("untested", "travis")]
    columns = "state, passed, failed, chosen FROM environments WHERE repo = 'shapes'"
    assert ask(tested, f"SELECT {columns}") == [("green", 8, 0, True)]
    locked = "SELECT l.name FROM (SELECT unnest(lock) l FROM environments WHERE repo = 'shapes')"
    assert ("tiny",) in ask(tested, locked)
    states = "SELECT DISTINCT state FROM environments WHERE repo = 'failing'"
    assert ask(tested, states) == [("failed",)]


def test_calls_become_problems_that_stand_alone_or_are_lent_modules(tested, ask: Ask) -> None:
    rows = ask(
        tested,
        "SELECT qualname, level, n_tests, requires, environment IS NOT NULL, is_library "
        "FROM ci_problems ORDER BY 1",
    )
    assert rows == [
        ("Box.__init__", "standalone", 3, [], False, False),
        ("Box.area", "standalone", 3, [], False, False),
        ("clipped", "standalone", 4, [], False, False),
        ("hypotenuse", "standalone", 4, [], False, False),
        ("initials", "third_party", 3, ["tiny"], True, False),
        ("is_prime", "standalone", 8, [], False, False),
        ("spelled", "standalone", 3, [], False, True),
    ]
    [(environment, modules)] = ask(
        tested,
        "SELECT p.environment, e.modules_sha256 FROM ci_problems p JOIN environments e "
        "ON p.repo = e.repo AND p.attempt = e.attempt WHERE qualname = 'initials'",
    )
    assert environment == modules
    assert (tested / "archives" / environment[:2] / environment).exists()
    [(prompt, solution)] = ask(
        tested, "SELECT prompt, canonical_solution FROM ci_problems WHERE qualname = 'hypotenuse'"
    )
    names: dict = {}
    exec(prompt + solution, names)
    assert names["hypotenuse"](3, 4) == 5


def test_what_gave_no_problem_is_a_row_with_a_reason(tested, ask: Ask) -> None:
    projects = "SELECT repo, reason FROM rejects_ci WHERE path IS NULL ORDER BY ALL"
    assert ask(tested, projects) == [
        ("bare", "no_tree"),
        ("failing", "tests_fail"),
        ("untested", "no_recipe"),
        ("untested", "unreadable_configuration"),
    ]
    functions = (
        "SELECT value, reason FROM rejects_ci WHERE repo = 'shapes' AND path = 'shapes.py' "
        "AND sha256 IS NOT NULL ORDER BY ALL"
    )
    assert ask(tested, functions) == [
        ("answer", "constant_body"),
    ]
    assert ask(tested, "SELECT count(*) > 0 FROM rejects_ci WHERE reason = 'test_tool'") == [
        (True,)
    ]
    tests = "SELECT count(*) FROM rejects_ci WHERE reason = 'test_code' AND path = 'test_shapes.py'"
    assert ask(tested, tests) == [(5,)]


def test_problems_are_the_same_bytes_however_they_are_made_of_the_calls(copy, quire: Quire) -> None:
    expected = made(copy)
    calls = {path: path.stat().st_mtime_ns for path in (copy / "calls").iterdir()}
    assert quire("ci", copy, "--from-calls", "--workers=1") == 2
    assert quire("ci", copy, "--from-calls", "--overwrite", "--workers=2") == 0
    shards = {name: digest for name, digest in made(copy).items() if "_manifest" not in name}
    assert shards == {name: each for name, each in expected.items() if "_manifest" not in name}
    assert {path: path.stat().st_mtime_ns for path in (copy / "calls").iterdir()} == calls


def test_a_lost_shard_of_problems_is_made_anew_of_the_calls(copy, quire: Quire) -> None:
    expected = digests(copy)
    next((copy / "ci_problems").glob("part-*")).unlink()
    assert quire("check", copy) == 5
    assert quire("ci", copy, "--resume", "--workers=1") == 0
    assert digests(copy) == expected


def test_the_quota_of_a_repository_is_kept(copy, quire: Quire, ask: Ask) -> None:
    flags = ("--from-calls", "--overwrite", "--per-repository=2", "--of-libraries=0")
    assert quire("ci", copy, *flags, "--workers=1") == 0
    assert ask(copy, "SELECT count(*) FROM ci_problems WHERE NOT is_library") == [(2,)]
    assert ask(copy, "SELECT count(*) FROM rejects_ci WHERE reason = 'over_quota'") == [(4,)]


def test_a_killed_run_goes_on_and_tests_nothing_twice(
    crawled, tested, tmp_path, quire, ask
) -> None:
    data = Path(shutil.copytree(crawled, tmp_path / "data"))
    command = [sys.executable, "-m", "pipelines.cli", "ci", str(data), "--workers=1"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while not (marked := list(data.glob("_work/ci/traced-*.json"))):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in data.glob("environments/part-*")}
    assert quire("ci", data, "--workers=1") == 2
    assert quire("ci", data, "--resume", "--workers=1") == 0
    assert not (data / "_work").exists()
    for path, written in before.items():
        if f"traced-{path.stem[-5:]}.json" in [marker.name for marker in marked]:
            assert path.stat().st_mtime_ns == written
    problems = "SELECT * EXCLUDE environment FROM ci_problems ORDER BY problem_id"
    assert ask(data, problems) == ask(tested, problems)


def test_recipes_alone_run_nothing_and_are_no_obstacle(
    crawled, tmp_path, quire, ask, capfd
) -> None:
    data = Path(shutil.copytree(crawled, tmp_path / "data"))
    assert quire("ci", data, "--recipes-only", "--workers=1") == 0
    assert "nothing was run" in capfd.readouterr().err
    assert ask(data, "SELECT count(DISTINCT repo) FROM recipes") == [(3,)]
    assert not (data / "environments").exists()
    assert quire("ci", data, "--resume", "--workers=1") == 0
    assert ask(data, "SELECT count(*) > 0 FROM ci_problems") == [(True,)]


def test_what_cannot_be_run_is_one_line(crawled, tmp_path, quire, capfd) -> None:
    for flags, told in (
        ((tmp_path / "none",), "no `repositories` here; run `quire crawl"),
        ((crawled, "--from-calls"), "no `calls` here; run `quire ci"),
        ((crawled, "--recipes-only", "--from-calls"), "exclude one another"),
        ((crawled, "--pythons", tmp_path / "none"), "no such folder"),
        ((crawled, "--per-repository=-1"), "--per-repository: a number of problems"),
    ):
        assert quire("ci", *flags) == 2
        error = capfd.readouterr().err
        assert told in error and error.count("\n") == 1


def test_every_project_has_a_reject_or_calls(tested, ask: Ask) -> None:
    accounted = (
        "SELECT count(DISTINCT repo) FROM (SELECT repo FROM rejects_ci WHERE path IS NULL "
        "UNION ALL SELECT repo FROM calls)"
    )
    assert ask(tested, accounted) == [(len(PROJECTS) + 1,)]
