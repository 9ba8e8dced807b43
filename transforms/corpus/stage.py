"""Builds the corpus of source files: signals, filters, duplicates, splits (Codex section 3.1)."""

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas import CLUSTERS, CORPUS, SIGNALS, rejects
from transforms.corpus import DATASETS, STAGE
from transforms.corpus.clusters import cluster_rows, hexadecimal, similarities
from transforms.corpus.copies_elsewhere import ELSEWHERE_ROW
from transforms.corpus.decisions import DROPPED_ROW, REPRESENTED_ROWS
from transforms.corpus.exact import DUPLICATE_ROW
from transforms.corpus.find_duplicates import FindDuplicates
from transforms.corpus.representatives import representatives
from transforms.corpus.scope import WHOLE_CORPUS
from transforms.corpus.signals import DEFAULT, Asked, SignUnit, read_signals, sign_batch
from transforms.lib.duplicates import ROUNDS, minhash, near_duplicates
from transforms.lib.skeleton.columns import column
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


def dropped_rows(
    digests: NDArray, representative: NDArray[np.int64], duplicates: NDArray, drops: NDArray
) -> NDArray:
    """The duplicates among a unit's rows with the decision on each, by row; DROPPED_ROW[n].

    `digests`, V32[n], are the sha256 of the rows, `representative` is that of each row inside the
    unit; `duplicates` and `drops` are what was sent to the unit.
    """
    decisions = np.zeros(len(representative), DROPPED_ROW)
    decisions["row"], decisions["exact"] = np.arange(len(representative)), True
    decisions["sha256"], decisions["jaccard"] = digests, 1
    dropped = np.zeros(len(representative), np.bool_)
    dropped[duplicates["row"]] = dropped[drops["row"]] = True
    decisions[drops["row"]] = drops
    copies = np.flatnonzero(representative != np.arange(len(representative)))
    for name in ("sha256", "jaccard"):  # copies name the file that their representative names
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
    columns["sha256"] = hexadecimal(column(table["sha256"], "V32"))
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
        kept[place] = other_sha256.hex()
    columns = {name: dropped[name] for name in ("repo", "path", "commit")}
    columns |= {"sha256": digest, "reason": reason, "value": value, "kept_sha256": kept}
    return pa.table(columns, schema=REJECTS.schema)


# What the decisions and the rows of `corpus` need of `signals`.
SIGNAL_COLUMNS = [name for name in SIGNALS.schema.names if name not in ("unit", "signature")]


def elsewhere_rows(digests: NDArray, elsewhere: NDArray) -> NDArray:
    """Rows whose content is kept for another repository, too, as duplicates; DROPPED_ROW[n]."""
    rows = np.zeros(len(elsewhere), DROPPED_ROW)
    rows["row"], rows["exact"], rows["jaccard"] = elsewhere["row"], True, 1
    rows["sha256"] = digests[elsewhere["row"]]
    return rows


def marks(rows: int, marked: NDArray) -> dict[str, pa.Array]:
    """For each of a unit's rows that is in `marked`, DROPPED_ROW[n], of what it is a duplicate."""
    names: list[str | None] = [None] * rows
    similarity: list[float | None] = [None] * rows
    found = zip(
        marked["row"].tolist(), marked["sha256"].tolist(), similarities(marked), strict=True
    )
    for row, sha256, jaccard in found:
        names[row], similarity[row] = sha256.hex(), jaccard
    return {
        "duplicate_of": pa.array(names, pa.string()),
        "similarity": pa.array(similarity, pa.float64()),
    }


def decided(
    signals: pa.Table, decisions: list[Packed], scope: str, keep_all: bool
) -> tuple[pa.Table, NDArray, NDArray]:
    """The signals of a unit with what was decided, its duplicates, and those that are dropped.

    The signals get `kept` and the columns that only `corpus` has; duplicates are DROPPED_ROW[n].
    """
    digests = column(signals["sha256"], "V32")
    representative = representatives(signals, scope)
    sent = (unpack(decisions, "duplicate", DUPLICATE_ROW), unpack(decisions, "drop", DROPPED_ROW))
    duplicates = dropped_rows(digests, representative, *sent)
    dropped, marked = (duplicates[:0], duplicates) if keep_all else (duplicates, duplicates[:0])
    elsewhere = elsewhere_rows(digests, unpack(decisions, "elsewhere", ELSEWHERE_ROW))
    counted = unpack(decisions, "represented", REPRESENTED_ROWS)
    columns: dict[str, Any] = represented_rows(representative, counted)
    for counts in columns.values():
        counts[duplicates["row"]] = 0  # their representative stands for these, too
    kept = signals["reason"].is_null().to_numpy()
    kept[dropped["row"]] = False
    columns |= marks(len(signals), np.concatenate([marked, elsewhere])) | {"kept": kept}
    for name, values in columns.items():
        signals = signals.append_column(name, pa.array(values))
    return signals, duplicates, dropped


@dataclass(frozen=True)
class WriteCorpus:
    """Writes a unit's shards of all datasets but `signals`, by the decisions on its rows."""

    scope: str
    keep_all: bool

    def __call__(self, shards: UnitShards, unit: Unit, decisions: list[Packed]) -> None:
        """Writes the shards of a unit, given the messages to it."""
        signals = read_signals(shards.data, unit.index, SIGNAL_COLUMNS)
        signals, duplicates, dropped = decided(signals, decisions, self.scope, self.keep_all)
        first = 0
        for batch in read_unit(unit, ("content",)):
            shards.write("corpus", corpus_rows(batch, signals.slice(first, len(batch))))
            first += len(batch)
            give_back_memory()
        shards.write(CLUSTERS.name, cluster_rows(signals, duplicates))
        shards.write(REJECTS.name, reject_rows(signals.filter(pc.invert(signals["kept"])), dropped))


def warm_up() -> None:
    """Loads the compiled kernels, for all workers that are forked from this process."""
    row = {
        n: pa.array(["a b c d e" if t == pa.string() else 1], t) for n, t in SOURCE_COLUMNS.items()
    }
    sign_batch(pa.RecordBatch.from_pydict(row), 0, 0, minhash.permutations())
    near_duplicates.warm_up()


@dataclass
class BuildCorpus(beam.PTransform):
    """Takes the units of a plan; commits the datasets `signals`, `corpus`, `clusters`, rejects.

    `scratch` is where large values of the exchange wait, if the runner would hold them in memory.
    `rounds` is how many rounds may search for components, in a corpus whose candidates' graph is
    too large for the memory of one worker. `scope` says which files are compared; with `keep_all`
    duplicates stay in the corpus, marked.
    """

    plan: Plan
    config: str
    near: bool
    scratch: Storage | None = None
    rounds: int = ROUNDS
    scope: str = WHOLE_CORPUS
    keep_all: bool = False
    asked: Asked = DEFAULT

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, partitions = self.plan.data, partition_count(self.plan.rows)
        permutations = minhash.permutations() if self.near else None
        spill = Spill(self.scratch or data, f"_work/{STAGE}/spill", self.scratch is not None)
        units = pbegin | PlannedUnits(self.plan)
        signed = units | "Sign" >> beam.ParDo(
            SignUnit(data, self.config, permutations, self.scope, partitions, self.asked)
        ).with_outputs("markers", main="digests")
        sent = units | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        digests = signed.digests | "Digests" >> beam.Map(lambda x: x).with_output_types(Keyed)
        sizes = self.plan.rows, partitions
        find = FindDuplicates(data, self.near, self.scope, *sizes, self.rounds, spill)
        messages = signed.markers, (digests, sent) | find, sent
        write = WriteCorpus(self.scope, self.keep_all)
        return messages | WriteUnits(self.plan, self.config, DATASETS, write)
