"""What DATA consists of: datasets with their sizes, versions and configurations."""

from typing import Any

from schemas import by_name
from transforms.lib.skeleton.shards import read_manifest
from transforms.report.facts import Facts
from transforms.report.parts import Section, Table

HEAD = ("dataset", "written by", "rows", "MB", "shards", "quire", "configuration", "a row is")


def made_of(facts: Facts) -> Section | None:
    """The committed datasets, from their manifests."""
    rows = [_row(name, read_manifest(facts.data, name) or {}) for name in facts.counts]
    table = Table("Datasets", HEAD, rows, code=["configuration"])
    return Section(
        "datasets",
        "Datasets, versions and configuration",
        "What is committed under DATA, as its manifests say. Datasets of one configuration were "
        "written by one run.",
        "SELECT * FROM datasets",
        [table],
    )


def _row(name: str, manifest: dict[str, Any]) -> tuple:
    shards = manifest.get("shards", ())
    size = round(manifest.get("bytes", 0) / 1e6, 2)
    made = manifest.get("version", ""), manifest.get("config", "")
    stage = by_name(name).stage
    return (name, stage, manifest.get("rows", 0), size, len(shards), *made, by_name(name).row)
