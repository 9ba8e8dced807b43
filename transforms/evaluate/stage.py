"""Samples of evaluation tasks to verdicts and scores (Codex sections 2.1 to 2.3 and 4.5).

A work unit is some samples, which wait under DATA for a worker, as the tasks do. Each sample runs
in the sandbox, and its verdict is a row. When all verdicts are written, they are scored.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa

from schemas import SCORES, VERDICTS_EVALUATE
from transforms.evaluate import DATASETS, STAGE
from transforms.evaluate.failure_kinds import SYNTAX, failure_of, reason
from transforms.evaluate.judgement import judge
from transforms.evaluate.least_limits import limits_of
from transforms.evaluate.lent_packages import evaluation_sandbox
from transforms.evaluate.request import Evaluation
from transforms.evaluate.scoring import SCORED_COLUMNS, score_rows, without_tasks
from transforms.evaluate.units import SampleUnit, read_tasks, read_unit
from transforms.lib.completions.sampled_program import sampled_program
from transforms.lib.completions.samples import Sample
from transforms.lib.sandbox.verdict_columns import run_columns, storable_line
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished, own_shard
from transforms.lib.skeleton.storage import Storage

SCORED = "scores"  # the unit that holds them


@dataclass
class EvaluateUnit(beam.DoFn):
    """Takes SampleUnits, writes their shards of verdicts, yields their markers as JSON."""

    data: Storage
    config: str
    evaluation: Evaluation

    def setup(self) -> None:
        self._end = ExitStack()
        self._sandbox = self._end.enter_context(evaluation_sandbox(self.evaluation))
        self._tasks = read_tasks(self.data)

    def process(self, unit: SampleUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._evaluate(unit))

    def _evaluate(self, unit: SampleUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        rows = [self._verdict(sample) for sample in read_unit(self.data, unit)]
        table = pa.Table.from_pylist(rows, schema=VERDICTS_EVALUATE.schema)
        shards.write(VERDICTS_EVALUATE.name, table)
        return shards.commit()

    def _verdict(self, sample: Sample) -> dict:
        task, evaluation = self._tasks[sample.task_id], self.evaluation
        found = sampled_program(
            sample.completion, sample.form, task, evaluation.stops, evaluation.sanitize
        )
        judged = judge(self._sandbox, task, found.program, evaluation.limits)
        counts = judged.counts
        failure = failure_of(judged, found.program.removeprefix(task.prompt))
        failed_test = None if failure == SYNTAX else counts.first_failed  # of those that were run
        return {
            "suite": evaluation.suite,
            "task_id": sample.task_id,
            "sample": sample.number,
            "line": sample.line,
            "passed": judged.passed,
            "base_passed": judged.base_passed,
            "plus_passed": judged.plus_passed,
            "failure": failure,
            "tests": counts.tests,
            "tests_passed": counts.passed,
            "failed_test": failed_test and storable_line(failed_test),
            "truncated": sample.truncated,
            "extracted_from": found.extracted_from,
            "mean_logprob": sample.logprobs.mean,
            "sum_logprob": sample.logprobs.total,
        } | run_columns(
            judged.ending, judged.passed, reason(judged, limits_of(task, evaluation.limits))
        )

    def teardown(self) -> None:
        self._end.close()


@dataclass
class ScoreVerdicts(beam.DoFn):
    """Takes the markers of all verdicts, writes the shard of scores, yields all markers as JSON."""

    data: Storage
    config: str
    evaluation: Evaluation

    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[str]:
        markers = sorted(element[1], key=lambda marker: json.loads(marker)["unit"])
        yield from markers
        yield json.dumps(self._score(map(json.loads, markers)))

    def _score(self, markers: Iterable[dict]) -> dict:
        shards = [shard for marker in markers for shard in marker["shards"]]
        paths = [own_shard(self.data, STAGE, shard["dataset"], shard["name"]) for shard in shards]
        verdicts = [read_shard(self.data, path, SCORED_COLUMNS) for path in paths]
        evaluation = self.evaluation
        scored_verdicts = without_tasks(pa.concat_tables(verdicts), evaluation.left_out)
        rows = score_rows(scored_verdicts, evaluation.ks, evaluation.clean)
        limits = evaluation.limits
        of_all = {"suite": evaluation.suite, "cpu_limit": limits.cpu, "memory_limit": limits.memory}
        rows = [of_all | row for row in rows]
        scored = UnitShards(self.data, STAGE, SCORED, self.config)
        scored.write(SCORES.name, pa.Table.from_pylist(rows, schema=SCORES.schema))
        return scored.commit()


@dataclass
class EvaluateSamples(beam.PTransform):
    """The units of a plan to the committed `verdicts/evaluate` and `scores`."""

    plan: Plan
    config: str
    evaluation: Evaluation

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        arguments = self.plan.data, self.config, self.evaluation
        return (
            pbegin
            | PlannedUnits(self.plan)
            | "Evaluate" >> beam.ParDo(EvaluateUnit(*arguments)).with_output_types(str)
            | "One key" >> beam.Map(lambda marker: (0, marker)).with_output_types(tuple[int, str])
            | "Meet verdicts" >> beam.GroupByKey()
            | "Score" >> beam.ParDo(ScoreVerdicts(*arguments)).with_output_types(str)
            | CommitShards(self.plan.data, self.config, STAGE, DATASETS)
        )
