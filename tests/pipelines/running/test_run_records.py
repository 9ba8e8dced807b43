"""What a run says of itself in `runs`: what it was asked, read, wrote, dropped and cost."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines import STAGES
from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import documented, many_units, project, rows
from transforms.lib import VERSION

WRITTEN = """
FROM (SELECT unnest(written, recursive := true) FROM runs WHERE run = 1)
SELECT dataset, "rows", bytes ORDER BY dataset
"""
COMMITTED = """
FROM datasets SELECT name, row_count, bytes WHERE stage = 'corpus' ORDER BY name
"""
REJECTS = 'FROM (SELECT unnest(rejects, recursive := true) FROM runs) SELECT reason, "rows"'
REASONS = "SELECT reason, count(*) FROM rejects_corpus GROUP BY 1 ORDER BY 2 DESC, 1"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write_files(tmp_path / "in.parquet", rows(30))


def test_a_run_is_a_row(tmp_path: Path, files: Path, quire: Quire, ask: Ask) -> None:
    data = tmp_path / "data"
    assert quire("corpus", data, f"--files={files}", "--workers=1", "--rounds=7") == 0
    assert ask(data, WRITTEN) == ask(data, COMMITTED)
    assert ask(data, REJECTS) == ask(data, REASONS) != []
    [(stage, config, version, runner, workers)] = ask(
        data, "SELECT stage, config, version, runner, workers FROM runs"
    )
    manifest = json.loads((data / "corpus" / "_manifest.json").read_text())
    assert (stage, config, version) == ("corpus", manifest["config"], VERSION)
    assert (runner, workers) == ("FnApiRunner", 1)
    counted = "SELECT units, resumed_units, rows_read, bytes_read FROM runs"
    assert ask(data, counted) == [(1, 0, 30, files.stat().st_size)]
    [(text, versions)] = ask(data, "SELECT settings, versions FROM runs")
    given = json.loads(text)
    assert (given["files"], given["rounds"], given["workers"]) == (str(files), 7, 1)
    assert list(given) == sorted(given) and "limit" not in given
    assert f"pyarrow=={pq.core.pa.__version__}" in versions
    sane = "SELECT 0 < cpu_seconds, wall_seconds < 240, peak_memory > 10e6 FROM runs"
    assert ask(data, sane) == [(True, True, True)]


def test_only_what_commits_is_a_row(tmp_path: Path, files: Path, quire: Quire, ask: Ask) -> None:
    data = tmp_path / "data"
    run = ("corpus", data, f"--files={files}", "--workers=1")
    assert quire(*run, "--dry-run") == 0 and not data.exists()
    for flags, code in (([], 0), ([], 2), (["--resume"], 0), (["--overwrite"], 0)):
        assert quire(*run, *flags) == code
    assert ask(data, "SELECT run, settings LIKE '%overwrite%' FROM runs") == [(1, False), (2, True)]
    assert ask(data, "SELECT row_count, shards FROM datasets WHERE name = 'runs'") == [(2, 1)]
    assert quire("check", data) == 0


def test_a_run_without_units_is_a_row(tmp_path: Path, quire: Quire, ask: Ask) -> None:
    files = write_files(tmp_path / "in.parquet", rows(3))
    empty = pq.read_table(files).slice(0, 0)
    pq.write_table(empty, files)
    assert quire("corpus", tmp_path / "data", f"--files={files}") == 0
    said = "SELECT units, rows_read, runner, workers, rejects FROM runs"
    assert ask(tmp_path / "data", said) == [(0, None, None, None, [])]


def test_each_stage_of_a_build_has_its_own_share(tmp_path: Path, quire: Quire, ask: Ask) -> None:
    tree, data = project(tmp_path / "tree"), tmp_path / "data"
    for number, row in enumerate(documented(rows(6))):
        (tree / f"documented{number}.py").write_text(row["content"])
    assert quire("build", data, f"dir:{tree}", "--workers=1", "--dedup=exact") == 0
    found = ask(data, "SELECT stage, settings, cpu_seconds, wall_seconds FROM runs ORDER BY run")
    assert [row[0] for row in found] == [s for s in STAGES if s in {row[0] for row in found}]
    assert {"crawl", "corpus", "functions", "feed"} <= {row[0] for row in found}
    settings = {row[0]: json.loads(row[1]) for row in found}
    assert settings["corpus"]["dedup"] == "exact" and "dedup" not in settings["crawl"]
    assert settings["crawl"]["source"] == [f"dir:{tree}"] and "source" not in settings["corpus"]
    begins = [at for (at,) in ask(data, "SELECT epoch(started_at) FROM runs ORDER BY run")]
    ends = [begin + row[3] for begin, row in zip(begins, found, strict=True)]
    assert all(end <= begin + 0.01 for end, begin in zip(ends, begins[1:], strict=False))


def test_all_processes_of_a_run_count(tmp_path: Path, ask: Ask) -> None:
    """Compared with what the kernel says of the command when it has ended."""
    data, files = tmp_path / "data", many_units(tmp_path / "in", 2)
    command = [sys.executable, "-m", "pipelines.cli", "corpus", str(data), f"--files={files}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "--workers=2"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    [(spent, workers)] = ask(data, "SELECT cpu_seconds, workers FROM runs")
    assert workers == 2
    assert 0.7 * whole < spent < whole + 0.1, "but for the catalogue, which comes after the row"
