"""Rows by their keys: the first of each, and nothing is read behind the last one."""

import pyarrow as pa

from schemas import CORPUS
from tests.support.reported import file_row
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage
from transforms.report.found_rows import found_rows

FIRST = [file_row("a", f"{number}.py", f"x = {number}\n") for number in range(9)]
SECOND = [FIRST[3] | {"repo": "b"}, file_row("b", "y.py", "y\n")]


def put(data, rows, unit):
    shards = UnitShards(data, "corpus", unit, "made")
    full = [dict.fromkeys(CORPUS.schema.names) | row for row in rows]
    shards.write("corpus", pa.Table.from_pylist(full, schema=CORPUS.schema))
    return shards.commit()["shards"]


def test_rows_are_found_and_further_shards_are_not_opened(tmp_path):
    data = Storage(str(tmp_path))
    commit(data, "corpus", ["corpus"], "made", [*put(data, FIRST, "0"), *put(data, SECOND, "1")])
    third, last = FIRST[3]["sha256"], SECOND[1]["sha256"]
    rows = list(found_rows(data, "corpus", "sha256", [last, third, "none"], ["repo", "content"]))
    assert [(row["repo"], row["content"]) for row in rows] == [("a", "x = 3\n"), ("b", "y\n")]
    (tmp_path / "corpus" / "part-1.parquet").unlink()
    assert len(list(found_rows(data, "corpus", "sha256", [third], ["repo"]))) == 1
