"""A committed shard that is gone, cut or changed: each stage names it, and --resume makes it anew."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas import DATASETS, RUNS, by_name
from tests.conftest import Quire
from tests.support.every_dataset import commands, every_dataset
from tests.support.inputs import digests
from tests.support.tested_projects import indexed

TIMED = ("repositories", "environments", "verdicts", "scores")  # datasets with times in them
READERS = {
    "repositories": ["ci"],
    "files": ["corpus"],
    "corpus": ["secrets", "functions", "contests", "contamination", "feed"],
    "secrets": ["functions", "feed"],
    "functions": ["contamination", "feed"],
    "contest_problems": ["verify"],
    "ci_problems": ["verify"],
    "problems": ["contamination", "feed"],
    "removed": ["feed"],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with indexed():  # for `ci`, which tests a project again
        yield every_dataset(tmp_path_factory)


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    """A copy of DATA, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "data"))


def command_of(stage: str, data: Path, whole: Path) -> list[str]:
    """The command that made the datasets of a stage, on a copy of DATA."""
    return next(command for command in commands(data, whole.parent) if command[0] == stage)


def gone(shard: Path) -> None:
    shard.unlink()


def cut(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-9])


def flipped(shard: Path) -> None:
    content = bytearray(shard.read_bytes())
    content[len(content) // 3] ^= 8
    shard.write_bytes(content)


# A row of `runs` cannot be made anew: tests/pipelines/running/test_run_log.py
NAMES = [dataset.name for dataset in DATASETS if dataset != RUNS]
HARMS = list(zip(NAMES, itertools.cycle([gone, cut, flipped]), strict=False))


@pytest.mark.parametrize(("dataset", "harm"), HARMS, ids=[name for name, _ in HARMS])
def test_resume_makes_a_shard_anew(
    whole: Path,
    data: Path,
    quire: Quire,
    capsys: pytest.CaptureFixture[str],
    dataset: str,
    harm: Callable[[Path], None],
) -> None:
    shard = sorted((data / dataset).glob("part-*"))[0]
    harm(shard)
    command = command_of(by_name(dataset).stage, data, whole)
    assert quire("check", data) == 5
    said = capsys.readouterr().err
    assert said.startswith(f"{dataset}/{shard.name}: ") and f"`quire {command[0]} " in said
    assert said.count("\n") == 1 and "--resume" in said
    assert quire(*command, "--workers=1", "--resume") == 0
    assert quire("check", data) == 0
    assert not (data / "_work").exists()
    before, after = digests(whole), digests(data)
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert all(name.startswith(TIMED) for name in changed - {"contamination.md"})
    stamps = {path: path.stat().st_mtime_ns for path in data.rglob("part-*")}
    assert quire(*command, "--workers=1", "--resume") == 0
    assert {path: path.stat().st_mtime_ns for path in data.rglob("part-*")} == stamps


@pytest.mark.parametrize("harm", [gone, cut, flipped])
@pytest.mark.parametrize(("dataset", "readers"), READERS.items(), ids=READERS)
def test_a_stage_that_reads_a_harmed_shard_names_it_and_the_command(
    whole: Path,
    data: Path,
    quire: Quire,
    capfd: pytest.CaptureFixture[str],
    dataset: str,
    readers: list[str],
    harm: Callable[[Path], None],
) -> None:
    shard = sorted((data / dataset).glob("part-*"))[0]
    harm(shard)
    kept = digests(data)
    for stage in readers:
        assert quire(*command_of(stage, data, whole), "--workers=1", "--overwrite") == 2
        said = capfd.readouterr().err
        assert said.startswith(f"quire: {shard}: ") and said.count("\n") == 1
        assert f"; `quire {by_name(dataset).stage} {data}" in said
    assert {name: digest for name, digest in digests(data).items() if name in kept} == kept


def test_a_crawl_whose_list_of_sources_is_gone_asks_for_them(
    whole: Path, data: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    (shard,) = (data / "repositories").glob("part-*")
    shard.unlink()
    assert quire("crawl", data, "--resume") == 2
    said = capsys.readouterr().err
    assert f"repositories/{shard.name}: gone or damaged" in said and said.count("\n") == 1
    assert quire(*command_of("crawl", data, whole), "--resume", "--workers=1") == 0
    assert quire("check", data) == 0
    assert digests(data).keys() == digests(whole).keys()
