"""`runs` outlives kills and old versions; what is damaged is told and stands in nobody's way."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines import cli
from pipelines.running import run_log
from schemas import RUNS
from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import rows
from transforms.lib.skeleton.storage import Storage

RUN = "SELECT run, stage FROM runs ORDER BY run"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA with a corpus and the row of its run."""
    folder = tmp_path_factory.mktemp("made")
    files = write_files(folder / "in.parquet", rows(10))
    assert cli.main(["corpus", f"{folder}/data", f"--files={files}", "--workers=1"]) == 0
    return folder / "data"


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "data"))


def record(data: Path) -> None:
    """Add a row, as a run does after its commit."""
    run_log.append_run(Storage(str(data)), {"stage": "corpus"})


def gone(shard: Path) -> None:
    shard.unlink()


def cut(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-9])


def flipped(shard: Path) -> None:
    content = bytearray(shard.read_bytes())
    content[len(content) // 3] ^= 8
    shard.write_bytes(content)


def no_manifest(shard: Path) -> None:
    (shard.parent / "_manifest.json").write_text("[]")


@pytest.mark.parametrize("harm", [gone, cut, flipped, no_manifest])
def test_damaged_rows_are_told_and_nothing_else_fails(
    data: Path,
    quire: Quire,
    ask: Ask,
    capfd: pytest.CaptureFixture[str],
    harm: Callable[[Path], None],
) -> None:
    (shard,) = (data / "runs").glob("part-*")
    harm(shard)
    advice = f"delete the folder {data}/runs: the next run of a stage begins it anew"
    assert quire("check", data) == 5
    said = capfd.readouterr().err
    assert said.startswith(("runs/", f"{data}/runs/")) and said.count("\n") == 1
    assert advice in said
    record(data)
    said = capfd.readouterr().err
    assert said.startswith(f"corpus: this run is not recorded: {data}/runs/") and advice in said
    assert said.count("\n") == 1
    shutil.rmtree(data / "runs")
    record(data)
    assert quire("check", data) == 0 and ask(data, RUN) == [(1, "corpus")]


def test_a_stage_commits_although_earlier_rows_are_damaged(
    made: Path, data: Path, quire: Quire, ask: Ask
) -> None:
    (shard,) = (data / "runs").glob("part-*")
    cut(shard)
    files = f"--files={made.parent}/in.parquet"
    assert quire("corpus", data, files, "--workers=1", "--overwrite", "--dedup=exact") == 0
    assert ask(data, "SELECT count(*) > 0 FROM corpus") == [(True,)]


def test_what_killed_runs_left_goes(made: Path, data: Path, quire: Quire, ask: Ask) -> None:
    (shard,) = (data / "runs").glob("part-*")
    shutil.copy(shard, shard.with_name("part-00002.parquet"))
    (data / "runs" / ("x." + "0" * 32 + ".tmp")).write_bytes(b"half")
    assert ask(data, RUN) == [(1, "corpus")]
    assert quire("check", data) == 5
    files = f"--files={made.parent}/in.parquet"
    assert quire("corpus", data, files, "--workers=1", "--resume") == 0, "nothing is left to do"
    assert sorted(path.name for path in (data / "runs").iterdir()) == ["_manifest.json", shard.name]
    assert quire("check", data) == 0


def test_rows_of_an_older_version_get_the_columns_of_this_one(
    data: Path, quire: Quire, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    (shard,) = (data / "runs").glob("part-*")
    older = pq.read_table(shard).drop_columns(["peak_memory"])
    pq.write_table(older.append_column("forgotten", older["stage"]), shard)
    manifest = json.loads((data / "runs" / "_manifest.json").read_text())
    content = shard.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    manifest["shards"][0] |= {"bytes": len(content), "sha256": digest}
    manifest["bytes"] = len(content)
    (data / "runs" / "_manifest.json").write_text(json.dumps(manifest))
    assert quire("check", data) == 5
    assert "the next run of a stage writes it with them" in capsys.readouterr().err
    record(data)
    assert quire("check", data) == 0
    assert ask(data, "SELECT run, peak_memory, units FROM runs") == [(1, None, 1), (2, None, None)]
    assert ask(data, "SELECT count(*) FROM (DESCRIBE runs)") == [(len(RUNS.schema),)]


def test_many_runs_stay_one_small_shard(tmp_path: Path, ask: Ask) -> None:
    data = Storage(str(tmp_path))
    for _ in range(30):
        run_log.append_run(data, {"stage": "corpus", "settings": '{"files": "x"}'})
    assert ask(tmp_path, "SELECT count(*), max(run) FROM runs") == [(30, 30)]
    (shard,) = (tmp_path / "runs").glob("part-*")
    assert shard.name == "part-00030.parquet" and shard.stat().st_size < 20_000
