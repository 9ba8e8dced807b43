"""What all stages wrote, described and loaded by others: `datasets`, mlcroissant, marimo."""

import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import mlcroissant
import pyarrow.parquet as pq
import pytest
import yaml

from pipelines import cli
from schemas import by_name
from tests.support.every_dataset import every_dataset
from transforms.report.configs import LOADED

# What mlcroissant calls of rdflib and pandas.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = every_dataset(tmp_path_factory)
    folder = Path(shutil.copytree(whole, tmp_path_factory.mktemp("every") / "data"))
    assert cli.main(["report", str(folder), "--card", "--notebook"]) == 0
    return folder


def committed(data: Path, name: str) -> list[dict]:
    """The rows of all shards of a dataset."""
    shards = sorted((data / name).glob("part-*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def test_the_card_names_all_that_is_loaded(data: Path) -> None:
    head = yaml.safe_load((data / "README.md").read_text().split("---\n")[1])
    names = [config["config_name"] for config in head["configs"]]
    assert names == [name.replace("/", "_") for name in LOADED]


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", LOADED)
def test_datasets_loads_each(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, streaming: bool
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    where = {"cache_dir": str(tmp_path), "streaming": streaming}
    loaded = datasets.load_dataset(str(data), name.replace("/", "_"), **where)
    rows = [row for split in loaded.values() for row in split]
    assert rows == committed(data, name) and rows
    assert list(loaded) == ["train"]


def test_the_first_is_loaded_without_a_name(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    rows = datasets.load_dataset(str(data), split="train", cache_dir=str(tmp_path))
    assert rows.column_names == by_name("examples").schema.names


def test_mlcroissant_reads_each(data: Path) -> None:
    program = str(Path(sys.executable).parent / "mlcroissant")
    command = [program, "validate", "--jsonld", str(data / "croissant.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "error(s)" not in done.stderr, done.stderr
    described = mlcroissant.Dataset(str(data / "croissant.json"))
    for name in LOADED:
        config = name.replace("/", "_")
        records = list(described.records(config))
        assert len(records) == len(committed(data, name))
        columns = {key.rpartition("/")[2] for key in records[0]}
        assert columns == set(by_name(name).schema.names)


def test_the_notebook_runs(data: Path) -> None:
    done = subprocess.run([sys.executable, data / "notebook.py"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
