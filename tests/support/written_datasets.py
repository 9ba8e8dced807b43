"""Committed datasets with given rows, or with rows of every type, that no stage has made."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import Dataset, by_name
from transforms.lib.skeleton.shards import UnitShards, commit, origin_file
from transforms.lib.skeleton.storage import Storage


def put_dataset(
    data: Path,
    name: str,
    *shards: Sequence[dict],
    schemes: dict[str, str] | None = None,
    inputs: dict[str, str] | None = None,
) -> None:
    """Commit a dataset with so many shards; columns that a row lacks are null.

    `schemes` and `inputs` are what its manifest says of them.
    """
    storage, dataset = Storage(str(data)), by_name(name)
    entries = []
    for number, rows in enumerate(shards):
        filled = [dict.fromkeys(dataset.schema.names) | row for row in rows]
        unit = UnitShards(storage, dataset.stage, f"{number:05d}", "0" * 16)
        unit.write(name, pa.Table.from_pylist(filled, dataset.schema))
        entries += unit.commit()["shards"]
    storage.put_json(origin_file(dataset.stage), {"schemes": schemes or {}, "inputs": inputs or {}})
    commit(storage, dataset.stage, [name], "0" * 16, entries)


def any_rows(dataset: Dataset) -> list[dict[str, Any]]:
    """A row with a value in every column, and one that is null all over."""
    full = {field.name: _value(field.name, field.type) for field in dataset.schema}
    return [full, dict.fromkeys(dataset.schema.names)]


def _value(name: str, kind: pa.DataType) -> Any:
    """A value of a type; texts and numbers tell the name of their column."""
    if pa.types.is_list(kind):
        return [_value(name, kind.value_type), _value(f"{name} 2", kind.value_type)]
    if pa.types.is_struct(kind):
        return {part.name: _value(f"{name} {part.name}", part.type) for part in kind}
    if pa.types.is_integer(kind):
        return len(name)
    if pa.types.is_floating(kind):
        return len(name) / 2
    if pa.types.is_boolean(kind):
        return len(name) % 2 == 0
    if pa.types.is_timestamp(kind):
        return datetime(2026, 11, 30, tzinfo=UTC)
    return "MIT" if name.endswith("licence_spdx") else f"{name} \N{SNOWMAN}\n"
