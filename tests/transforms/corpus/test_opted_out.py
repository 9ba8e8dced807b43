"""Files of which somebody has opted out: left out before duplicates are sought, of --files too."""

from pathlib import Path

import pyarrow as pa

from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import source
from transforms.corpus.opted_out import opted_out
from transforms.lib.git_ids import git_sha1
from transforms.lib.rights.opt_outs import OptOuts

SHARED = source(1)
HELD = f"#!/usr/bin/env python\n# Copyright (c) 2020 Jo <jo@holder.example>\n{source(2)}"
# The representative of SHARED would be that with the most stars.
FILES = [
    {"repo": "octo/cat", "path": "a.py", "content": SHARED, "stars": 99, "repo_id": 1},
    {"repo": "kept", "path": "b.py", "content": SHARED, "stars": 1},
    {"repo": "kept", "path": "c.py", "content": SHARED + "END = 1\n", "stars": 0},
    {"repo": "kept", "path": "d.py", "content": HELD, "stars": 0},
    {"repo": "kept", "path": "e.py", "content": source(3), "stars": 0},
    {"repo": "kept", "path": "f.py", "content": source(4), "stars": 0, "repo_id": 7},
]


def test_what_is_opted_out_stands_for_no_other(
    tmp_path: Path, quire: Quire, ask: Ask, capsys
) -> None:
    data, files = tmp_path / "data", write_files(tmp_path / "in.parquet", FILES)
    (tmp_path / "list").write_text("octo/\n@holder.example\nkept:e.py\nid:7\nnobody\n")
    run = ("corpus", data, f"--files={files}", f"--opt-out={tmp_path}/list", "--workers=1")
    assert quire(*run) == 0
    assert "corpus: 1 of 5 opt-outs concern no row here: nobody\n" in capsys.readouterr().err
    assert ask(data, "SELECT path FROM corpus") == [("b.py",)]
    entries = "SELECT path, reason, value FROM rejects_corpus WHERE reason = 'opt_out' ORDER BY 1"
    assert ask(data, entries) == [
        ("a.py", "opt_out", "octo/"),
        ("d.py", "opt_out", "@holder.example"),
        ("e.py", "opt_out", "kept:e.py"),
        ("f.py", "opt_out", "id:7"),
    ]
    stands_for = "SELECT s.path FROM rejects_corpus r JOIN corpus s ON s.sha256 = r.kept_sha256"
    assert ask(data, stands_for) == [("b.py",)], "of c.py"
    assert quire("check", data) == 0


def test_by_digests() -> None:
    columns = ("repo", "path", "commit", "repo_id", "git_sha1", "content")
    rows = [dict.fromkeys(columns), dict.fromkeys(columns) | {"git_sha1": git_sha1(b"x")}]
    batch = pa.RecordBatch.from_pylist(
        rows * 2, schema=pa.schema([(n, pa.string()) for n in columns])
    )
    digests = [bytes([i]) * 32 for i in range(4)]
    listed = OptOuts.of([digests[2].hex(), f"swh:1:cnt:{git_sha1(b'x')}", "@a.example"])
    found = opted_out(batch, digests, listed)
    assert {row: entry[:9] for row, (_, entry) in found.items()} == {
        1: "swh:1:cnt",
        2: "020202020",
        3: "swh:1:cnt",
    }
