"""Tables of texts to `hits`, `removed`, `eval_tasks`, rejects and the report."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam

from transforms.commit import CommitShards
from transforms.contamination.conclusion import Conclusion, conclude
from transforms.contamination.examine import examine
from transforms.contamination.index import Index, load
from transforms.contamination.rows import (
    REJECTS,
    blanked,
    hit_rows,
    reject_rows,
    removed_rows,
    told,
    unchecked,
)
from transforms.contamination.tally import Tally
from transforms.contamination.texts import TextUnit, read_texts
from transforms.memory import give_back_memory
from transforms.shards import UnitShards, finished
from transforms.storage import Storage

STAGE = "contamination"
DATASETS = ("hits", "eval_tasks", "removed", REJECTS.name)
INDEX = f"_work/{STAGE}/index.npz"  # put there by the launcher, read once by every worker
SPREAD = 251  # keys by which units are dealt to workers


@dataclass
class CheckUnit(beam.DoFn):
    """Unit to its shards of `hits`, `removed` and rejects; yields its marker (JSON)."""

    data: Storage
    config: str
    drop: bool

    def setup(self) -> None:
        give_back_memory()
        self.index: Index = load(self.data.read(INDEX))

    def process(self, unit: TextUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        if marker is None:
            shards = UnitShards(self.data, STAGE, unit.name, self.config)
            tally = Tally()
            for texts in read_texts(unit):
                drops = unchecked(texts)
                findings = examine(blanked(texts.content, drops), self.index)
                rows = told(unit.table, texts, findings.cases)
                shards.write("hits", hit_rows(rows))
                if self.drop:
                    shards.write("removed", removed_rows(unit.table, rows))
                shards.write(REJECTS.name, reject_rows(texts, drops))
                tally.add(unit.table.dataset, texts.content, len(drops), findings.named)
            tally.put(self.data, STAGE, unit.name)
            marker = shards.commit()
        yield json.dumps(marker)


@dataclass
class Conclude(beam.DoFn):
    """All markers, under one key, to `eval_tasks` and the report; yields them, and its own."""

    data: Storage
    config: str
    conclusion: Conclusion

    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[str]:
        markers = sorted(element[1])
        units = [json.loads(marker) for marker in markers]
        shards = UnitShards(self.data, STAGE, "tasks", self.config)
        index = load(self.data.read(INDEX))
        shards.write("eval_tasks", conclude(self.data, STAGE, units, index, self.conclusion))
        yield from markers
        yield json.dumps(shards.commit("tasks"))


@dataclass
class FindContamination(beam.PTransform):
    """Units of texts to the committed datasets `hits`, `eval_tasks`, `removed` and rejects."""

    data: Storage
    config: str
    units: list[TextUnit]
    drop: bool
    conclusion: Conclusion

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        return (
            pbegin
            | beam.Create(self.units, reshuffle=False)
            | "Deal" >> beam.Map(lambda unit: (unit.index % SPREAD, unit))
            | "Spread" >> beam.GroupByKey()
            | "Units" >> beam.FlatMap(lambda dealt: dealt[1]).with_output_types(TextUnit)
            | "Check" >> beam.ParDo(CheckUnit(self.data, self.config, self.drop))
            | "Together" >> beam.Map(lambda marker: (0, marker)).with_output_types(tuple[int, str])
            | "Meet" >> beam.GroupByKey()
            | "Conclude" >> beam.ParDo(Conclude(self.data, self.config, self.conclusion))
            | CommitShards(self.data, self.config, STAGE, DATASETS)
        )
