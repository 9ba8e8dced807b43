"""The stage: checks tables of texts; writes hits, removed, eval_tasks, rejects and the report."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa

from schemas import HITS
from transforms.contamination import DATASETS, STAGE
from transforms.contamination.examine import examine
from transforms.contamination.hit_rows import (
    REJECTS,
    hit_rows,
    hits_table,
    rejects_table,
    removed_table,
    uncheckable,
)
from transforms.contamination.patterns.stoplist import read_stoplist
from transforms.contamination.patterns.task_index import (
    TaskIndex,
    dump_index,
    load_index,
    make_index,
)
from transforms.contamination.planned_check import INDEX
from transforms.contamination.repository_names import removed_repositories
from transforms.contamination.summary import ReportInputs, summarise
from transforms.contamination.tally import Tally
from transforms.contamination.units import (
    CHECKED_DATASETS,
    PLACE_COLUMNS,
    PlannedTables,
    TextRows,
    read_texts,
)
from transforms.lib.detection.policy import Policy
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
    """Checks the texts of a unit and writes its shards of `hits`, `removed` and the rejects.

    Yields the unit's marker as JSON.
    """

    data: Storage
    config: str
    tables: PlannedTables
    drop: bool
    secrets: Policy | None = None

    def setup(self) -> None:
        reuse_memory()
        self._index: TaskIndex = load_index(self.data.read(INDEX))

    def process(self, unit: Unit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._check(unit))

    def _check(self, unit: Unit) -> dict:
        table = self.tables.of(unit)
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        tally = Tally()
        for texts in read_texts(table, unit):
            reasons = uncheckable(texts)
            examined = examine(blanked(texts.content, reasons), self._index)
            rows = hit_rows(table, texts, examined.findings, self.secrets)
            shards.write("hits", hits_table(rows))
            if self.drop:
                shards.write("removed", removed_table(table, rows))
            shards.write(REJECTS.name, rejects_table(texts, reasons))
            tally.add(table.dataset, texts, len(reasons), examined.named)
            give_back_memory()
        tally.put(self.data, STAGE, unit.name)
        return shards.commit()


@dataclass
class SummariseUnits(beam.DoFn):
    """Takes the markers of all units, grouped under one key; writes `eval_tasks` and the report.

    What repositories hold as a whole is added to `hits` and `removed`. Yields these markers and
    one of its own.
    """

    data: Storage
    config: str
    drop: bool
    report_inputs: ReportInputs

    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[str]:
        markers = sorted(element[1])
        units = [json.loads(marker) for marker in markers]
        shards = UnitShards(self.data, STAGE, "tasks", self.config)
        index = load_index(self.data.read(INDEX))
        tasks, repositories = summarise(self.data, STAGE, units, index, self.report_inputs)
        shards.write("eval_tasks", tasks)
        if repositories:
            shards.write("hits", pa.Table.from_pylist(repositories, schema=HITS.schema))
            if self.drop:
                shards.write("removed", removed_repositories(repositories))
        yield from markers
        yield json.dumps(shards.commit("tasks"))


def warm_up() -> None:
    """Load the compiled kernels, or compile them, by checking a text that leaks a task."""
    tasks = read_eval("humaneval", {}).tasks[:1]
    index = load_index(dump_index(make_index(tasks, read_stoplist())))
    leak = TextRows({name: [None] for name in PLACE_COLUMNS}, [1], pa.array(tasks[0].solutions))
    hit_rows(CHECKED_DATASETS[0], leak, examine(leak.content, index).findings)


@dataclass
class FindContamination(beam.PTransform):
    """Checks the units of a plan; commits `hits`, `eval_tasks`, `removed` and the rejects.

    drop: whether `removed` is filled (--policy drop); secrets: what is done about secrets in
    excerpts, None where `secrets` has not run.
    """

    plan: Plan
    config: str
    tables: PlannedTables
    drop: bool
    report_inputs: ReportInputs
    secrets: Policy | None = None

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, config = self.plan.data, self.config
        check = CheckUnit(data, config, self.tables, self.drop, self.secrets)
        summarise_units = SummariseUnits(data, config, self.drop, self.report_inputs)
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Check" >> beam.ParDo(check).with_output_types(str)
            | "Together" >> beam.Map(lambda marker: (0, marker)).with_output_types(tuple[int, str])
            | "Meet" >> beam.GroupByKey()
            | "Summarise" >> beam.ParDo(summarise_units).with_output_types(str)
            | CommitShards(data, config, STAGE, DATASETS)
        )
