"""Rows of `tests` and `strength` as the stage strengthen writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import STRENGTH, TESTS
from transforms.lib.skeleton.shards import UnitShards, commit, origin_file
from transforms.lib.skeleton.storage import Storage


def figures(**more: Any) -> dict[str, Any]:
    """A row of `strength` for tests that kill all of ten mutants, but for these columns."""
    row = {
        "outcome": "strengthened",
        "oracle": "agreeing",
        "mutants": 10,
        "equivalent": 0,
        "killed_before": 4,
        "killed_after": 10,
        "trivial": 3,
        "trivial_pass_before": 1,
        "trivial_pass_after": 0,
    }
    return row | more


def put_strengthened(
    data: Path,
    made: Mapping[str, tuple[Sequence[tuple[str, str]], Mapping[str, Any]]],
    inputs: Mapping[str, str] | None = None,
) -> None:
    """Commit made tests (input, output) and the row of strength of each problem, by its id.

    The first made test of a problem fails all wrong programs that its own tests do not.
    `inputs` are the digests of the problems that the manifests name.
    """
    tests = [
        {"problem_id": problem_id, "number": number, "input": given, "output": answer}
        | {"kills": [] if number else _newly_killed(row)}
        for problem_id, (pairs, row) in made.items()
        for number, (given, answer) in enumerate(pairs)
    ]
    strength = [{"problem_id": each} | dict(row) for each, (_, row) in made.items()]
    storage = Storage(str(data))
    storage.put_json(origin_file("strengthen"), {"inputs": dict(inputs or {}), "schemes": {}})
    shards = UnitShards(storage, "strengthen", "00000", "made")
    for dataset, rows in ((TESTS, tests), (STRENGTH, strength)):
        empty = dict.fromkeys(dataset.schema.names)
        full = [empty | row for row in rows]
        shards.write(dataset.name, pa.Table.from_pylist(full, schema=dataset.schema))
    names = [TESTS.name, STRENGTH.name]
    commit(storage, "strengthen", names, "made", shards.commit()["shards"])


def _newly_killed(row: Mapping[str, Any]) -> list[str]:
    """Names of the programs that fail all tests together and pass those of the source."""
    mutants = (row["killed_after"] or 0) - (row["killed_before"] or 0)
    trivial = (row["trivial_pass_before"] or 0) - (row["trivial_pass_after"] or 0)
    return [*(f"mutant {n}" for n in range(mutants)), *(f"trivial {n}" for n in range(trivial))]
