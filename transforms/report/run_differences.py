"""How two runs were made differently: versions, settings, schemes and inputs of each stage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas import DATASETS
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage
from transforms.report.differences import SIDES

if TYPE_CHECKING:
    import duckdb

# What manifests say of the rows, which are compared themselves.
OF_ROWS = frozenset(("dataset", "rows", "bytes", "shards", "removed"))
# Arguments of a command that change no row.
IDLE = frozenset(("data", "workers", "resume", "overwrite", "renew", "dry_run", "beam_flags"))


class RunDifference(NamedTuple):
    """One thing that a stage has had differently in A and in B; None where it had none."""

    stage: str
    what: str
    a: str | None
    b: str | None


def run_differences(
    connection: duckdb.DuckDBPyConnection, one: Storage, other: Storage
) -> list[RunDifference]:
    """What differs of how each stage was run, of the stages that both runs have."""
    found: dict[RunDifference, None] = {}
    for dataset in DATASETS:
        manifests = [read_manifest(data, dataset.name) for data in (one, other)]
        if all(manifests) and dataset.stage != "runs":
            a, b = (_of_manifest(manifest or {}) for manifest in manifests)
            found |= dict.fromkeys(_differing(dataset.stage, a, b))
    settings = [_settings(connection, side) for side in SIDES]
    for stage in settings[0].keys() & settings[1].keys():
        found |= dict.fromkeys(_differing(stage, settings[0][stage], settings[1][stage]))
    stages = dict.fromkeys(dataset.stage for dataset in DATASETS)
    order = {stage: place for place, stage in enumerate(stages)}
    return sorted(
        found, key=lambda each: (order.get(each.stage, 0), each.what == "config", each[1])
    )


def _of_manifest(manifest: dict[str, Any]) -> dict[str, str]:
    """What a manifest says of how its dataset was made, by name: `schemes MinHash`."""
    said: dict[str, str] = {}
    for name, value in manifest.items():
        if name in OF_ROWS:
            continue
        for below, each in value.items() if isinstance(value, dict) else [("", value)]:
            said[f"{name} {below}".rstrip()] = each if isinstance(each, str) else json.dumps(each)
    return said


def _differing(stage: str, a: dict[str, str], b: dict[str, str]) -> list[RunDifference]:
    return [
        RunDifference(stage, name, _short(name, a.get(name)), _short(name, b.get(name)))
        for name in [*a, *(name for name in b if name not in a)]
        if a.get(name) != b.get(name)
    ]


def _short(name: str, value: str | None) -> str | None:
    """The value; of a digest of an input the beginning."""
    return value[:16] if value and name.startswith("inputs ") else value


def _settings(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, dict[str, str]]:
    """The settings of the last run of each stage, as far as `runs` has them."""
    rows = connection.execute(
        f"SELECT stage, max_by(settings, run) FROM {side}.runs"
        " WHERE settings IS NOT NULL GROUP BY stage"
    ).fetchall()
    return {stage: _read_settings(settings) for stage, settings in rows}


def _read_settings(settings: str) -> dict[str, str]:
    """The settings that may change rows, by flag."""
    try:
        read = json.loads(settings)
    except ValueError:
        return {"settings": settings}
    if not isinstance(read, dict):
        return {"settings": settings}
    return {
        f"--{name.replace('_', '-')}": value if isinstance(value, str) else json.dumps(value)
        for name, value in read.items()
        if name not in IDLE and value is not None
    }
