"""Source files to the corpus: signals, Codex filters, duplicates, splits (Codex section 3.1)."""

from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import CORPUS, rejects
from transforms.corpus import DATASETS, STAGE
from transforms.corpus.exact import LOST
from transforms.corpus.find_duplicates import CREDIT, DROP, FindDuplicates
from transforms.corpus.representatives import standing
from transforms.corpus.signals import SignUnit, read_signals, sign_batch
from transforms.corpus.splits import split
from transforms.lib.duplicates import ROUNDS, minhash, near_duplicates
from transforms.lib.skeleton.exchange import Keyed, Packed, partition_count, unpack
from transforms.lib.skeleton.memory import give_back_memory
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import SOURCE_COLUMNS, Unit, read_unit
from transforms.lib.skeleton.write_units import WriteUnits

REJECTS = rejects(STAGE)


def dropped_rows(stands: NDArray[np.int64], lost: NDArray, drops: NDArray) -> NDArray:
    """The duplicates among a unit's rows, by row, with the last word on each; DROP[n].

    `stands` are those of `standing`, `lost` and `drops` what was told to the unit. No sha256 says
    that an identical file stays.
    """
    word = np.zeros(len(stands), DROP)
    word["row"], word["exact"], word["jaccard"] = np.arange(len(stands)), True, 1
    dropped = np.zeros(len(stands), np.bool_)
    dropped[lost["row"]] = dropped[drops["row"]] = True
    word[drops["row"]] = drops
    copies = np.flatnonzero(stands != np.arange(len(stands)))
    for name in ("sha256", "jaccard"):  # a copy shares the fate of the row that stands for it
        word[name][copies] = word[name][stands[copies]]
    dropped[copies] = True
    return word[dropped]


def stood_for(stands: NDArray[np.int64], credit: NDArray) -> dict[str, NDArray[np.int64]]:
    """How many exact and near copies each row of a unit stands for, if it stays."""
    copies = np.bincount(stands, minlength=len(stands)) - 1
    near = np.zeros(len(stands), np.int64)
    np.add.at(copies, credit["row"], credit["exact"])
    np.add.at(near, credit["row"], credit["near"])
    return {"exact_copies": copies, "near_copies": near}


def corpus_rows(batch: pa.RecordBatch, signals: pa.Table) -> pa.Table:
    """The kept rows of a batch as rows of `corpus`; `signals` are those of the batch."""
    rows = pa.array(np.flatnonzero(signals["kept"].to_numpy()))
    table = signals.take(rows)
    columns = {n: table[n] for n in CORPUS.schema.names if n in table.column_names}
    columns["content"] = batch["content"].take(rows)
    columns["sha256"] = [digest.hex() for digest in table["sha256"].to_pylist()]
    columns["split"] = [split(repo) for repo in table["repo"].to_pylist()]
    return pa.table({n: columns[n] for n in CORPUS.schema.names}, schema=CORPUS.schema)


def reject_rows(dropped: pa.Table, drops: NDArray) -> pa.Table:
    """Dropped rows of a unit as rows of its rejects; `drops` are the duplicates, by row."""
    digest = [value and value.hex() for value in dropped["sha256"].to_pylist()]
    reason, value = dropped["reason"].to_pylist(), dropped["value"].to_pylist()
    kept: list[str | None] = [None] * len(dropped)
    places = np.searchsorted(dropped["row"].to_numpy(), drops["row"])
    for place, found in zip(places.tolist(), drops.tolist(), strict=True):
        _, exact, stands, jaccard = found
        reason[place] = "exact_duplicate" if exact else "near_duplicate"
        value[place] = f"{jaccard:.4f}"
        kept[place] = stands.hex() if any(stands) else digest[place]
    columns = {name: dropped[name] for name in ("repo", "path", "commit")}
    columns |= {"sha256": digest, "reason": reason, "value": value, "kept_sha256": kept}
    return pa.table(columns, schema=REJECTS.schema)


NEEDED = [
    "row",
    "repo",
    "path",
    "commit",
    "sha256",
    "size",
    "characters",
    "licence_spdx",
    "stars",
    "lines",
    "mean_line",
    "max_line",
    "alphanumeric",
    "reason",
    "value",
]


def write_unit(shards: UnitShards, unit: Unit, told: list[Packed]) -> None:
    """Decisions on a unit to its shards of `corpus` and rejects."""
    signals = read_signals(shards.data, unit.index, NEEDED)
    stands = standing(signals)
    drops = dropped_rows(stands, unpack(told, "lost", LOST), unpack(told, "drop", DROP))
    kept = signals["reason"].is_null().to_numpy()
    kept &= ~np.isin(signals["row"].to_numpy(), drops["row"])
    signals = signals.append_column("kept", pa.array(kept))
    for name, counts in stood_for(stands, unpack(told, "credit", CREDIT)).items():
        signals = signals.append_column(name, pa.array(counts))
    first = 0
    for batch in read_unit(unit, ("content",)):
        shards.write("corpus", corpus_rows(batch, signals.slice(first, len(batch))))
        first += len(batch)
        give_back_memory()
    shards.write(REJECTS.name, reject_rows(signals.filter(pa.array(~kept)), drops))


def warm_up() -> None:
    """Load the compiled kernels, for all workers that are forked from this process."""
    row = {
        n: pa.array(["a b c d e" if t == pa.string() else 1], t) for n, t in SOURCE_COLUMNS.items()
    }
    sign_batch(pa.RecordBatch.from_pydict(row), 0, 0, minhash.permutations())
    near_duplicates.warm_up()


@dataclass
class BuildCorpus(beam.PTransform):
    """The units of a plan to the committed datasets `signals`, `corpus` and `rejects/corpus`.

    `scratch` is where large values of the exchange wait, if the runner would hold them in memory;
    `rounds` are those that find components in a corpus too large for one worker's memory.
    """

    plan: Plan
    config: str
    near: bool
    scratch: Storage | None = None
    rounds: int = ROUNDS

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, partitions = self.plan.data, partition_count(self.plan.rows)
        permutations = minhash.permutations() if self.near else None
        spill = Spill(self.scratch or data, f"_work/{STAGE}/spill", self.scratch is not None)
        units = pbegin | PlannedUnits(self.plan)
        signed = units | "Sign" >> beam.ParDo(
            SignUnit(data, self.config, permutations, partitions)
        ).with_outputs("markers", main="digests")
        sent = units | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        digests = signed.digests | "Digests" >> beam.Map(lambda x: x).with_output_types(Keyed)
        decided = (digests, sent) | FindDuplicates(data, self.near, partitions, self.rounds, spill)
        told = signed.markers, decided, sent
        return told | WriteUnits(self.plan, self.config, DATASETS, write_unit)
