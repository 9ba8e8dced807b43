"""What entries mean in a DATA: names by what `repositories` knows, files by their digests."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import by_name
from transforms.lib.rights.known_rows import with_files
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

SHA, OTHER, BLOB, TREE = "ab" * 32, "cd" * 32, "12" * 20, "34" * 20


def put(data: Storage, dataset: str, *rows: dict[str, Any]) -> None:
    schema = by_name(dataset).schema
    shards = UnitShards(data, by_name(dataset).stage, "00000", "made")
    shards.write(dataset, pa.Table.from_pylist(list(rows), schema))
    commit(data, by_name(dataset).stage, [dataset], "made", shards.commit()["shards"])


def test_numbers_trees_domains_and_digests(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    put(
        data,
        "repositories",
        {"repo": "by/id", "repo_id": 7},
        {"repo": "By_Tree", "tree": TREE},
        {"repo": "new/name", "renamed_from": "old/name"},
        {"repo": "by/domain", "holder_domains": "a.example b.example"},
        {"repo": "stays", "repo_id": 70, "holder_domains": "c.example"},
        {"repo": None, "repo_id": 7},
        {"repo": "cat", "commit": "2", "url": "https://github.com/octo/cat/archive/v2.zip"},
    )
    head = "# Copyright Jo <jo@b.example>\n"
    file = {"repo": "stays", "commit": "1"}
    put(
        data,
        "corpus",
        file | {"path": "a.py", "sha256": SHA, "git_sha1": BLOB, "content": "x"},
        file | {"path": "b.py", "sha256": OTHER, "content": head},
        file | {"path": "c.py", "sha256": "ef" * 32, "content": "y"},
        {"repo": "of/parquet", "path": "d.py", "repo_id": 7, "content": "z"},
    )
    entries = ["id:7", f"swh:1:dir:{TREE}", "old/name", "@b.example", "octo/", f"swh:1:cnt:{BLOB}"]
    meant = with_files(data, OptOuts.of(entries), ["corpus", "signals"], heads=True)
    # Rows of other datasets, which have neither number nor digest.
    assert {name: meant.entry({"repo": name}) for name in ("by/id@1.0", "by-tree", "new/name")} == {
        "by/id@1.0": "id:7",
        "by-tree": f"swh:1:dir:{TREE}",
        "new/name": "old/name",
    }
    assert meant.entry({"repo": "by/domain"}) == "@b.example"
    assert meant.entry({"repo": "of/parquet"}) == "id:7"
    assert meant.entry({"sha256": SHA}) == meant.entry(file | {"path": "a.py"}) == entries[-1]
    assert meant.entry({"sha256": OTHER}) == meant.entry(file | {"path": "b.py"}) == "@b.example"
    assert meant.entry(file | {"path": "c.py"}) is None
    assert meant.entry({"repo": "stays", "commit": "2", "path": "a.py"}) is None
    versions = [{"repo": "cat", "commit": commit} for commit in ("2", "1")]
    assert list(map(meant.entry, versions)) == ["octo/", None], "the other is a release, say"
    assert with_files(data, OptOuts(), ["corpus"]).found == {}
