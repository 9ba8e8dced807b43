"""The work units of secrets: one shard of `corpus` each, whose name its own shard has."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Footer, Part, Unit, plan_units, source_footer


@dataclass(frozen=True)
class ShardUnit(Unit):
    """One shard of `corpus`, whole; `shard` is its name without `part-` and ending."""

    shard: str

    @property
    def name(self) -> str:
        """The same: whoever reads a shard of `corpus` finds its findings by its name."""
        return self.shard

    def pack(self) -> bytes:
        """The unit as bytes, for a file of the plan."""
        return json.dumps([super().pack().decode(), self.shard]).encode()

    @staticmethod
    def unpack(content: bytes) -> "ShardUnit":
        """The unit that `pack` made these bytes of."""
        unit, shard = json.loads(content)
        return ShardUnit(**vars(Unit.unpack(unit.encode())), shard=shard)


def plan_shards(data: Storage) -> tuple[list[ShardUnit], str]:
    """A unit for each shard of `corpus` that has rows, and a digest of them all.

    Raises UsageError for a shard that is not as its manifest says.
    """
    footers: dict[str, Footer] = {}

    def footer(file: str) -> Footer:
        footers[file] = source_footer(file)
        return footers[file]

    files = shard_files(data, "corpus")
    _, inputs = plan_units(files, footer)
    names = [shard["unit"] for shard in (read_manifest(data, "corpus") or {})["shards"]]
    return list(_units(names, (footers[file] for file in files))), inputs


def _units(names: Iterable[str], footers: Iterable[Footer]) -> Iterator[ShardUnit]:
    index = 0
    for name, footer in zip(names, footers, strict=True):
        if rows := int(footer.rows.sum()):
            part = Part(footer.file, 0, len(footer.rows) - 1)
            yield ShardUnit(index, (part,), rows, name)
            index += 1
