"""Rows of `contest_problems` as the stage contests writes them, for what is tried on them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import CONTEST_PROBLEMS, CONTEST_SOURCES, PROBLEMS
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

IN_PLACE = "def call(candidate, arguments):\n    candidate(*arguments)\n    return arguments[0]\n"
STEPS = """def call(candidate, arguments):
    (_, given), *steps = arguments[0]
    instance = candidate(*given)
    return [None] + [getattr(instance, name)(*given) for name, given in steps]
"""


def problem(
    name: str, body: str, pairs: Sequence[tuple[object, object]], **more: Any
) -> dict[str, Any]:
    """A problem of one function of that name; pairs are (argument or tuple of them, result)."""
    head = more.pop("head", f"def {name}(x):\n")
    cases = [
        {
            "input": repr(given if isinstance(given, tuple) else (given,)),
            "output": repr(result),
            "origin": "statement",
        }
        for given, result in pairs
    ]
    row = {
        "problem_id": f"id-{name}",
        "source": "made",
        "repo": "repo",
        "path": name,
        "kind": "function",
        "entry_point": name,
        "statement": f"Write {name}.",
        "prompt": head,
        "canonical_solution": body,
        "solutions": [head + body],
        "wrong_solutions": [],
        "requires": [],
        "tags": [],
        "tests": cases,
        "compare": "exact",
        "redistributable": True,
        "n_tests": len(cases),
        "licence_spdx": "MIT",
    }
    return dict.fromkeys(CONTEST_PROBLEMS.schema.names) | row | more


def put_problems(data: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as the committed dataset of DATA."""
    storage = Storage(str(data))
    shards = UnitShards(storage, "contests", "00000", "made")
    shards.write(CONTEST_PROBLEMS.name, pa.Table.from_pylist(rows, schema=CONTEST_PROBLEMS.schema))
    source = dict.fromkeys(CONTEST_SOURCES.schema.names) | {
        "problems": len(rows),
        "kept": len(rows),
    }
    shards.write(
        CONTEST_SOURCES.name, pa.Table.from_pylist([source], schema=CONTEST_SOURCES.schema)
    )
    commit(
        storage,
        "contests",
        [CONTEST_PROBLEMS.name, CONTEST_SOURCES.name],
        "made",
        shards.commit()["shards"],
    )
    return data


def put_verified(data: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as the committed `problems` of DATA, as if they were verified."""
    storage = Storage(str(data))
    shards = UnitShards(storage, "verify", "00000", "made")
    empty = dict.fromkeys(PROBLEMS.schema.names)
    table = pa.Table.from_pylist([empty | row for row in rows], schema=PROBLEMS.schema)
    shards.write(PROBLEMS.name, table)
    commit(storage, "verify", [PROBLEMS.name], "made", shards.commit()["shards"])
    return data
