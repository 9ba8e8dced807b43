"""A committed evaluation, as outputs and the score card read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemas import SCORES, VERDICTS_EVALUATE
from transforms.evaluate.request import EvaluationRequest
from transforms.lib.completions.sampled_program import sampled_program
from transforms.lib.completions.samples import Sample
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import shard_paths
from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class Evaluated:
    """A request, and DATA with its verdicts and scores."""

    request: EvaluationRequest
    data: Storage

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        """The rows of `scores`."""
        shards = shard_paths(self.data, SCORES.name)
        return [row for shard in shards for row in read_shard(self.data, shard).to_pylist()]

    def verdicts(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of `verdicts/evaluate`, or these columns, in the order of the samples."""
        chosen = None if columns is None else list(columns)
        for shard in shard_paths(self.data, VERDICTS_EVALUATE.name):
            yield from read_shard(self.data, shard, chosen).to_pylist()

    def samples(self) -> Iterator[tuple[Sample, dict[str, Any]]]:
        """Each sample with its verdict; the samples are read anew."""
        return zip(self.request.samples(), self.verdicts(), strict=True)

    def program(self, sample: Sample) -> str:
        """The program that was run."""
        task, evaluation = self.request.tasks[sample.task_id], self.request.evaluation
        stops, sanitize = evaluation.stops, evaluation.sanitize
        return sampled_program(sample.completion, sample.form, task, stops, sanitize).program

    def verdicts_by_task(self, *columns: str) -> dict[str, list[dict[str, Any]]]:
        """These columns of `verdicts/evaluate` by task that is scored, in the order of the set."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in self.request.tasks}
        for verdict in self.verdicts(("task_id", *columns)):
            found[verdict["task_id"]].append(verdict)
        left_out = self.request.evaluation.left_out
        return {name: each for name, each in found.items() if each and name not in left_out}
