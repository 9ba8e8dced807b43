"""croissant.json: mlcroissant finds no error in it, and reads the rows back by it."""

import hashlib
import json
import math

import mlcroissant
import pytest

from pipelines import cli
from schemas import by_name
from tests.support.written_datasets import any_rows, put_dataset
from transforms.report.configs import LOADED

# What mlcroissant calls of rdflib and pandas.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("croissant") / "data"
    for name in LOADED:
        put_dataset(folder, name, any_rows(by_name(name)), any_rows(by_name(name))[:1])
    put_dataset(folder, "runs", [any_rows(by_name("runs"))[0] | {"settings": "{}"}])
    return folder


@pytest.fixture(scope="module")
def described(data):
    assert cli.main(["report", str(data), "--card"]) == 0
    return mlcroissant.Dataset(str(data / "croissant.json"))


def plain(value):
    """A value of a record as one of a row: bytes are text, NaN is null, names are of columns."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def as_recorded(row: dict, name: str) -> dict:
    """A row as mlcroissant tells it: of a null for structs it makes their parts null."""
    kinds = {field.name: field.type for field in by_name(name).schema}

    def told(column, value):
        kind = kinds[column]
        parts = getattr(kind, "value_type", kind)
        if value is None and hasattr(parts, "names"):
            empty = dict.fromkeys(parts.names)
            return empty if parts is kind else [empty]
        return value

    return {column: told(column, value) for column, value in row.items()}


@pytest.mark.parametrize("name", LOADED)
def test_rows_are_read_back(described, name: str) -> None:
    records = [plain(record) for record in described.records(name.replace("/", "_"))]
    full, empty = any_rows(by_name(name))
    assert records == [as_recorded(row, name) for row in (full, empty, full)]


def test_what_it_says(data, described) -> None:
    said = json.loads((data / "croissant.json").read_text())
    assert said["license"] == ["https://spdx.org/licenses/MIT.html"]
    assert said["dateModified"] == "2026-11-30"
    files = {part["name"]: part for part in said["distribution"]}
    manifest = (data / "exports/text/_manifest.json").read_bytes()
    assert files["exports/text/_manifest.json"]["sha256"] == hashlib.sha256(manifest).hexdigest()
    (records,) = (r for r in said["recordSet"] if r["name"] == "corpus")
    descriptions = {field["name"]: field["description"] for field in records["field"]}
    meanings = by_name("corpus").columns
    assert descriptions == {f"corpus/{name}": text for name, text in meanings.items()}
    assert not described.metadata.issues.errors
