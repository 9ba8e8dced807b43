"""check: every fault by the name of its shard, and exit 5."""

import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from tests.conftest import write_files
from tests.inputs import project, rows


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """DATA with a crawl of one project, and a corpus of other files."""
    folder = tmp_path_factory.mktemp("whole")
    documented = {"repo": "r", "path": "d.py", "content": "def f():\n    'd'\n"}
    files = write_files(folder / "in.parquet", [*rows(30), documented | {"commit": "1.0"}])
    tree = project(folder / "tree")
    assert cli.main(["crawl", str(folder / "data"), f"dir:{tree}", "--workers=1"]) == 0
    assert cli.main(["corpus", str(folder / "data"), f"--files={files}", "--workers=1"]) == 0
    assert cli.main(["functions", str(folder / "data"), "--workers=1"]) == 0
    return folder / "data"


SHARD = "corpus/part-00000.parquet"


def flip(data):
    content = bytearray((data / SHARD).read_bytes())
    content[len(content) // 2] ^= 1
    (data / SHARD).write_bytes(content)


def rewrite(data, name, change):
    """A shard changed, with a manifest that agrees."""
    dataset, shard = name.rsplit("/", 1)
    pq.write_table(change(pq.read_table(data / name)), data / name)
    manifest = json.loads((data / dataset / "_manifest.json").read_text())
    table, content = pq.read_table(data / name), (data / name).read_bytes()
    entry = {
        "dataset": dataset,
        "name": shard,
        "unit": "00000",
        "rows": table.num_rows,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    manifest |= {"shards": [entry], "rows": table.num_rows, "bytes": len(content)}
    (data / dataset / "_manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (flip, f"{SHARD}: its sha256 is not the manifest's"),
        (lambda data: (data / SHARD).unlink(), f"{SHARD}: missing"),
        (
            lambda data: (data / "files" / "part-x.parquet").touch(),
            "files/part-x.parquet: no manif",
        ),
        (lambda data: (data / "corpus" / "_manifest.json").unlink(), f"{SHARD}: no manifest names"),
        (
            lambda data: (data / "corpus" / "_manifest.json").write_text("{"),
            "_manifest.json: not JSON",
        ),
        (
            lambda data: (data / "corpus" / "_manifest.json").write_text("{}"),
            "_manifest.json: not a m",
        ),
        (
            lambda data: rewrite(data, SHARD, lambda t: t.drop(["split"])),
            f"{SHARD}: its schema is not that of corpus",
        ),
        (lambda data: rewrite(data, SHARD, lambda t: t.slice(1)), "do not add up: 1 rows apart"),
        (
            lambda data: rewrite(
                data,
                "rejects/corpus/part-00000.parquet",
                lambda t: t.set_column(
                    t.schema.get_field_index("kept_sha256"),
                    "kept_sha256",
                    pa.array(["00"] * len(t)),
                ),
            ),
            "rows name a kept file that is not in corpus",
        ),
        (
            lambda data: rewrite(
                data, "rejects/functions/part-00000.parquet", lambda t: t.slice(2)
            ),
            "corpus, functions and rejects/functions do not add up: 2 files apart",
        ),
        (
            lambda data: rewrite(
                data,
                "functions/part-00000.parquet",
                lambda t: t.set_column(
                    t.schema.get_field_index("near_duplicate_of"),
                    "near_duplicate_of",
                    pa.array(["00"] * len(t)),
                ),
            ),
            "functions: 1 rows are duplicates of a function that is not there",
        ),
    ],
)
def test_a_fault_is_told(whole, tmp_path, quire, capsys, harm, line):
    data = tmp_path / "data"
    shutil.copytree(whole, data)
    harm(data)
    assert quire("check", data) == 5
    assert line in capsys.readouterr().err


def test_whole_data_is_ok_wherever_it_lies(whole, tmp_path, quire, capsys):
    shutil.copytree(whole, tmp_path / "copy")
    for data in (whole, tmp_path / "copy"):
        assert quire("check", data) == 0
        assert capsys.readouterr().out.startswith("ok, rows: repositories 1, files 3, ")


def test_a_broken_manifest_is_one_line_for_every_command(whole, tmp_path, quire, capsys):
    shutil.copytree(whole, tmp_path / "data")
    (tmp_path / "data" / "files" / "_manifest.json").write_text("nothing")
    for command in (["sql", "funnel"], ["corpus"], ["corpus", "--resume"]):
        assert quire(command[0], tmp_path / "data", *command[1:]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "files/_manifest.json: not JSON" in error
