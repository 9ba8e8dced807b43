"""DATA of chosen rows, as stages commit them, for what is shown of it: friendly and hostile ones."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import by_name
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
# What may stand in any name or text that is from outside.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]></style></title><style>",
    "{{ 7 * 7 }}{% raw %}",
    "a\0b\x1b[31mc\x07\r\nd",
    "\u202etxt.exe\u2066\u200f",
    "&lt;b&gt;&#x3c;",
    "=HYPERLINK(0)\ufeff\u2028",
    "שלום עולם",
)
ADDRESS = "m.torvik@northlake-systems.org"  # as a detector finds it


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def put_rows(data: Path, rows: Rows) -> None:
    """Commit datasets with these rows; columns that are not given are null."""
    storage = Storage(str(data))
    for stage in {by_name(name).stage for name in rows}:
        names = [name for name in rows if by_name(name).stage == stage]
        shards = UnitShards(storage, stage, "00000", "made")
        for name in names:
            schema = by_name(name).schema
            full = [dict.fromkeys(schema.names) | dict(row) for row in rows[name]]
            shards.write(name, pa.Table.from_pylist(full, schema=schema))
        commit(storage, stage, names, "made", shards.commit()["shards"])


def file_row(repo: str, path: str, content: str, **more: Any) -> dict[str, Any]:
    row = {"repo": repo, "path": path, "content": content, "sha256": digest(content)}
    return row | {"commit": "1.0", "size": len(content), "licence_spdx": "MIT"} | more


def signal_row(file: Mapping[str, Any]) -> dict[str, Any]:
    lines = file["content"].splitlines() or [""]
    same = {name: file[name] for name in ("repo", "path", "commit", "size", "licence_spdx")}
    letters = sum(map(str.isalnum, file["content"])) / (len(file["content"]) or 1)
    return same | {
        "unit": 0,
        "row": 0,
        "sha256": bytes.fromhex(file["sha256"]),
        "characters": len(file["content"]),
        "lines": len(lines),
        "mean_line": sum(map(len, lines)) / len(lines),
        "max_line": max(map(len, lines)),
        "alphanumeric": letters,
    }


def reject_row(file: Mapping[str, Any], reason: str, **more: Any) -> dict[str, Any]:
    same = {name: file[name] for name in ("repo", "path", "commit", "sha256")}
    return same | {"reason": reason, "value": "1"} | more


def kept_and_dropped() -> dict[str, list[dict[str, Any]]]:
    """Files of crawl and corpus: one kept, one nearly the same, one with a long line."""
    text = "".join(f"def f{i}(x):\n    return x + {i}\n" for i in range(20))
    kept = file_row("kept", "a.py", text)
    near = file_row("near", "b.py", text.replace("x + 7", "x - 7"), licence_spdx="GPL-3.0-only")
    long = file_row("long", "c.py", f"# {ADDRESS}\nx = [{'1, ' * 333_333}]\n")
    empty = file_row("kept", "__init__.py", "")
    files = [kept, near, long, empty]
    near_reject = reject_row(near, "near_duplicate", value="0.9", kept_sha256=kept["sha256"])
    source = {"source": "dir:x", "kind": "dir", "repo": "kept", "status": "ok", "python_files": 4}
    return {
        "repositories": [
            source | {"kept_files": 4},
            {"source": "pypi:gone", "kind": "pypi", "status": "gone", "http_status": 404},
        ],
        "files": files,
        "rejects/crawl": [],
        "signals": [signal_row(file) for file in files],
        "corpus": [
            {k: v for k, v in kept.items() if k != "encoding"}
            | {"split": "train", "exact_copies": 0, "near_copies": 1, "lines": 40}
        ],
        "clusters": [
            {"representative": kept["sha256"], "sha256": file["sha256"], "repo": file["repo"]}
            | {"path": file["path"], "kind": kind, "similarity": similarity}
            for file, kind, similarity in ((kept, "representative", 1.0), (near, "near", 0.9))
        ],
        "rejects/corpus": [
            near_reject,
            reject_row(long, "long_line_max", value="1000005"),
            reject_row(empty, "empty", value="0"),
        ],
    }


def secrets_and_runs() -> dict[str, list[dict[str, Any]]]:
    """Two findings, and the run of a stage."""
    finding = {"rule": "aws-access-token", "kind": "key", "confidence": "high", "action": "mask"}
    run = {"run": 1, "stage": "corpus", "settings": '{"dedup": "near"}', "version": "0.2.0"}
    return {
        "secrets": [
            finding | {"fingerprint": "f" * 16, "repo": "kept", "path": "a.py", "line": 3},
            finding | {"rule": "email-address", "kind": "email", "confidence": "low"},
        ],
        "runs": [
            run
            | {"wall_seconds": 12.5, "cpu_seconds": 20.25, "peak_memory": 400_000_000}
            | {
                "versions": ["python==3.11"],
                "written": [{"dataset": "corpus", "rows": 1, "bytes": 9}],
            }
            | {"rejects": [{"reason": "empty", "rows": 1}], "runner": "DirectRunner", "units": 1}
        ],
    }


def hostile() -> dict[str, list[dict[str, Any]]]:
    """Rows in which every text from outside is hostile, and two hundred reasons."""
    files = [
        file_row(text, f"{text}.py", f"{text}\n{text * 400}\n{text}{number}\n", licence_spdx=text)
        for number, text in enumerate(HOSTILE * 20)
    ]
    kept = files[0]
    outcome = {"kind": "dir", "python_files": 1, "kept_files": 1, "http_status": 200}
    return {
        "repositories": [
            outcome | {"source": text, "repo": text, "status": text, "reason": text}
            for text in HOSTILE
        ],
        "files": files,
        "rejects/crawl": [],
        "signals": [signal_row(file) for file in files],
        "corpus": [
            file | {"split": "train", "exact_copies": 1, "near_copies": 1} for file in files
        ],
        "clusters": [
            {"representative": kept["sha256"], "sha256": file["sha256"], "repo": file["repo"]}
            | {"path": file["path"], "kind": "near", "similarity": 0.8}
            for file in files
        ],
        "rejects/corpus": [
            reject_row(file, f"{file['repo']}{number}", value=file["repo"] * 99, kept_sha256=other)
            for number, file in enumerate(files)
            for other in (None, kept["sha256"])
        ],
        "hits": [
            {"suite": text, "task_id": text, "dataset": "corpus", "repo": text, "path": text}
            | {"channel": "C", "score": 1.0, "verdict": "hit", "line_start": 3, "sha256": text}
            | {"eval_excerpt": text * 3000, "text_excerpt": f"{text}\n" * 300}
            for text in HOSTILE
        ],
        "eval_tasks": [{"suite": text, "task_id": text, "hits": 1} for text in HOSTILE],
        "removed": [],
        "rejects/contamination": [],
        "runs": [
            {"run": 1, "stage": text, "settings": text, "versions": [text], "runner": text}
            for text in HOSTILE
        ],
    }
