"""Tables of texts to `hits`, `removed`, `eval_tasks`, rejects and the report."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa

from transforms.contamination import DATASETS, STAGE
from transforms.contamination.check import INDEX
from transforms.contamination.conclusion import Conclusion, conclude
from transforms.contamination.examine import examine
from transforms.contamination.hit_rows import (
    REJECTS,
    hit_rows,
    reject_rows,
    removed_rows,
    told,
    unchecked,
)
from transforms.contamination.patterns.index import Index, load, make_index, save
from transforms.contamination.patterns.stoplist import read_stoplist
from transforms.contamination.tally import Tally
from transforms.contamination.units import CHECKED, NAMES, Tables, Texts, read_texts
from transforms.lib.eval_sets import read_eval
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.memory import give_back_memory, reuse_memory
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import blanked


@dataclass
class CheckUnit(beam.DoFn):
    """Unit to its shards of `hits`, `removed` and rejects; yields its marker."""

    data: Storage
    config: str
    tables: Tables
    drop: bool

    def setup(self) -> None:
        reuse_memory()
        self._index: Index = load(self.data.read(INDEX))

    def process(self, unit: Unit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._check(unit))

    def _check(self, unit: Unit) -> dict:
        table = self.tables.of(unit)
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        tally = Tally()
        for texts in read_texts(table, unit):
            drops = unchecked(texts)
            findings = examine(blanked(texts.content, drops), self._index)
            rows = told(table, texts, findings.cases)
            shards.write("hits", hit_rows(rows))
            if self.drop:
                shards.write("removed", removed_rows(table, rows))
            shards.write(REJECTS.name, reject_rows(texts, drops))
            tally.add(table.dataset, texts.content, len(drops), findings.named)
            give_back_memory()
        tally.put(self.data, STAGE, unit.name)
        return shards.commit()


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


def warm_up() -> None:
    """Load the compiled kernels, by a leak that is found."""
    tasks = read_eval("humaneval", {}).tasks[:1]
    index = load(save(make_index(tasks, read_stoplist())))
    leak = Texts({name: [None] for name in NAMES}, [1], pa.array(tasks[0].solutions))
    told(CHECKED[0], leak, examine(leak.content, index).cases)


@dataclass
class FindContamination(beam.PTransform):
    """The units of a plan to the committed datasets `hits`, `eval_tasks`, `removed` and rejects."""

    plan: Plan
    config: str
    tables: Tables
    drop: bool
    conclusion: Conclusion

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, config = self.plan.data, self.config
        check, end = CheckUnit(data, config, self.tables, self.drop), self.conclusion
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Check" >> beam.ParDo(check).with_output_types(str)
            | "Together" >> beam.Map(lambda marker: (0, marker)).with_output_types(tuple[int, str])
            | "Meet" >> beam.GroupByKey()
            | "Conclude" >> beam.ParDo(Conclude(data, config, end)).with_output_types(str)
            | CommitShards(data, config, STAGE, DATASETS)
        )
