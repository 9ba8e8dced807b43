"""What a manifest and a marker must be, whoever wrote the file: all that readers rely on."""

import re
from typing import Any

SHARD_KEYS = {"dataset", "name", "unit", "rows", "bytes", "sha256"}
MANIFEST_KEYS = {"dataset", "version", "config", "rows", "bytes", "shards"}
REMOVED_KEYS = {"rows", "left", "deleted", "projects"}  # what `quire remove` says of a dataset
FILE_KEYS = {"name", "bytes", "sha256"}
SHARD_NAME = re.compile(r"part-[A-Za-z0-9_-]{1,100}\.parquet")
ENDING = re.compile(r"(\.[a-z]{1,20}){1,3}")  # of a file beside a shard that has its name
IN_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,120})+")
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST = 2**63  # no count of rows or bytes is as large: it would not fit into SQL's BIGINT


def is_manifest(value: Any, dataset: str) -> bool:
    """Whether a value from JSON is a manifest of the dataset, as a commit writes it."""
    return bool(
        isinstance(value, dict)
        and value.keys() - {"inputs", "schemes", "removed"} == MANIFEST_KEYS
        and all(_are_texts(value.get(key, {})) for key in ("inputs", "schemes"))
        and ("removed" not in value or _is_removed(value["removed"]))
        and value["dataset"] == dataset
        and isinstance(value["version"], str)
        and isinstance(value["config"], str)
        and _is_count(value["rows"])
        and _is_count(value["bytes"])
        and are_shards(value["shards"])
        and all(shard["dataset"] == dataset for shard in value["shards"])
        and len({shard["name"] for shard in value["shards"]}) == len(value["shards"])
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_removed(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == REMOVED_KEYS
        and _is_count(value["rows"])
        and type(value["left"]) is int  # of counts that are too high it is below zero
        and all(isinstance(value[key], list) for key in ("deleted", "projects"))
        and all(isinstance(text, str) for key in ("deleted", "projects") for text in value[key])
    )


def are_shards(value: Any) -> bool:
    """Whether a value is a list of entries of shards, none of which leads out of its folder."""
    return isinstance(value, list) and all(map(_is_shard, value))


def _is_shard(shard: Any) -> bool:
    return bool(
        isinstance(shard, dict)
        and shard.keys() - {"files", "before"} == SHARD_KEYS
        and all(isinstance(shard[key], str) for key in ("dataset", "name", "unit", "sha256"))
        and shard["name"] == f"part-{shard['unit']}.parquet"
        and SHARD_NAME.fullmatch(shard["name"]) is not None
        and SHA256.fullmatch(shard["sha256"]) is not None
        and SHA256.fullmatch(str(shard.get("before", shard["sha256"]))) is not None
        and _is_count(shard["rows"])
        and _is_count(shard["bytes"])
        and _are_files(shard.get("files", []), f"part-{shard['unit']}")
    )


def _are_files(value: Any, begin: str) -> bool:
    """Whether a value is a list of entries of files beside a shard, or in folders beside it.

    The names of the former begin as that of the shard.
    """
    return isinstance(value, list) and all(
        isinstance(file, dict)
        and file.keys() == FILE_KEYS
        and isinstance(file["name"], str)
        and _is_beside(file["name"], begin)
        and isinstance(file["sha256"], str)
        and SHA256.fullmatch(file["sha256"]) is not None
        and _is_count(file["bytes"])
        for file in value
    )


def _is_beside(name: str, begin: str) -> bool:
    """Whether a file of this name stands beside a shard, and does not lead out of its folder."""
    if name.startswith(begin):
        return ENDING.fullmatch(name, len(begin)) is not None
    return IN_FOLDER.fullmatch(name) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST
