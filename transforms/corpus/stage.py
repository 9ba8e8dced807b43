"""Builds the corpus of source files: signals, filters, duplicates, splits (Codex section 3.1)."""

from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import CORPUS, rejects
from transforms.corpus import DATASETS, STAGE
from transforms.corpus.exact import DUPLICATE_ROW
from transforms.corpus.find_duplicates import DROPPED_ROW, REPRESENTED_ROWS, FindDuplicates
from transforms.corpus.representatives import representatives
from transforms.corpus.signals import SignUnit, read_signals, sign_batch
from transforms.lib.duplicates import ROUNDS, minhash, near_duplicates
from transforms.lib.skeleton.exchange import Keyed, Packed, partition_count, unpack
from transforms.lib.skeleton.memory import give_back_memory
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.source_columns import SOURCE_COLUMNS
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.skeleton.write_units import WriteUnits
from transforms.lib.splits import split

REJECTS = rejects(STAGE)


def dropped_rows(representative: NDArray[np.int64], duplicates: NDArray, drops: NDArray) -> NDArray:
    """The duplicates among a unit's rows with the decision on each, by row; DROPPED_ROW[n].

    `representative` is that of each row inside the unit; `duplicates` and `drops` are what was sent
    to the unit. A sha256 of zeros says that the row's representative has the same content.
    """
    decisions = np.zeros(len(representative), DROPPED_ROW)
    decisions["row"], decisions["exact"] = np.arange(len(representative)), True
    decisions["jaccard"] = 1
    dropped = np.zeros(len(representative), np.bool_)
    dropped[duplicates["row"]] = dropped[drops["row"]] = True
    decisions[drops["row"]] = drops
    copies = np.flatnonzero(representative != np.arange(len(representative)))
    for name in (
        "sha256",
        "jaccard",
    ):  # copies name the file that their representative names
        decisions[name][copies] = decisions[name][representative[copies]]
    dropped[copies] = True
    return decisions[dropped]


def represented_rows(
    representative: NDArray[np.int64], elsewhere: NDArray
) -> dict[str, NDArray[np.int64]]:
    """How many exact and near duplicates each row of a unit represents, if it is kept; int64[n].

    `elsewhere`, REPRESENTED_ROWS[m], counts those in other units.
    """
    copies = np.bincount(representative, minlength=len(representative)) - 1
    near = np.zeros(len(representative), np.int64)
    np.add.at(copies, elsewhere["row"], elsewhere["exact"])
    np.add.at(near, elsewhere["row"], elsewhere["near"])
    return {"exact_copies": copies, "near_copies": near}


def corpus_rows(batch: pa.RecordBatch, signals: pa.Table) -> pa.Table:
    """The kept rows of a batch as rows of `corpus`; `signals` are the batch's, with `kept`."""
    rows = pa.array(np.flatnonzero(signals["kept"].to_numpy()))
    table = signals.take(rows)
    columns = {n: table[n] for n in CORPUS.schema.names if n in table.column_names}
    columns["content"] = batch["content"].take(rows)
    columns["sha256"] = [digest.hex() for digest in table["sha256"].to_pylist()]
    columns["split"] = [split(repo) for repo in table["repo"].to_pylist()]
    return pa.table({n: columns[n] for n in CORPUS.schema.names}, schema=CORPUS.schema)


def reject_rows(dropped: pa.Table, drops: NDArray) -> pa.Table:
    """Dropped rows of a unit as rows of its rejects; `drops` is what `dropped_rows` returned."""
    digest = [value and value.hex() for value in dropped["sha256"].to_pylist()]
    reason, value = dropped["reason"].to_pylist(), dropped["value"].to_pylist()
    kept: list[str | None] = [None] * len(dropped)
    places = np.searchsorted(dropped["row"].to_numpy(), drops["row"])
    for place, decision in zip(places.tolist(), drops.tolist(), strict=True):
        _, exact, other_sha256, jaccard = decision
        reason[place] = "exact_duplicate" if exact else "near_duplicate"
        value[place] = f"{jaccard:.4f}"
        kept[place] = other_sha256.hex() if any(other_sha256) else digest[place]
    columns = {name: dropped[name] for name in ("repo", "path", "commit")}
    columns |= {"sha256": digest, "reason": reason, "value": value, "kept_sha256": kept}
    return pa.table(columns, schema=REJECTS.schema)


SIGNAL_COLUMNS = [
    "row",
    "repo",
    "path",
    "commit",
    "sha256",
    "git_sha1",
    "size",
    "characters",
    "licence_spdx",
    "stars",
    "repo_id",
    "lines",
    "mean_line",
    "max_line",
    "alphanumeric",
    "reason",
    "value",
]


def write_unit(shards: UnitShards, unit: Unit, decisions: list[Packed]) -> None:
    """Writes a unit's shards of `corpus` and rejects by the decisions on its rows."""
    signals = read_signals(shards.data, unit.index, SIGNAL_COLUMNS)
    representative = representatives(signals)
    duplicates = unpack(decisions, "duplicate", DUPLICATE_ROW)
    drops = dropped_rows(representative, duplicates, unpack(decisions, "drop", DROPPED_ROW))
    kept = signals["reason"].is_null().to_numpy()
    kept &= ~np.isin(signals["row"].to_numpy(), drops["row"])
    signals = signals.append_column("kept", pa.array(kept))
    elsewhere = unpack(decisions, "represented", REPRESENTED_ROWS)
    for name, counts in represented_rows(representative, elsewhere).items():
        signals = signals.append_column(name, pa.array(counts))
    first = 0
    for batch in read_unit(unit, ("content",)):
        shards.write("corpus", corpus_rows(batch, signals.slice(first, len(batch))))
        first += len(batch)
        give_back_memory()
    shards.write(REJECTS.name, reject_rows(signals.filter(pa.array(~kept)), drops))


def warm_up() -> None:
    """Loads the compiled kernels, for all workers that are forked from this process."""
    row = {
        n: pa.array(["a b c d e" if t == pa.string() else 1], t) for n, t in SOURCE_COLUMNS.items()
    }
    sign_batch(pa.RecordBatch.from_pydict(row), 0, 0, minhash.permutations())
    near_duplicates.warm_up()


@dataclass
class BuildCorpus(beam.PTransform):
    """Takes the units of a plan; commits the datasets `signals`, `corpus` and `rejects/corpus`.

    `scratch` is where large values of the exchange wait, if the runner would hold them in memory.
    `rounds` is how many rounds may search for components, in a corpus whose candidates' graph is
    too large for the memory of one worker.
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
        messages = signed.markers, decided, sent
        return messages | WriteUnits(self.plan, self.config, DATASETS, write_unit)
