"""The end of every stage: the markers of all units become its manifests."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import apache_beam as beam

from transforms.lib.skeleton.shards import commit
from transforms.lib.skeleton.storage import Storage


@dataclass
class Commit(beam.DoFn):
    """All markers of a stage, under one key, to its manifests."""

    data: Storage
    config: str
    stage: str
    datasets: tuple[str, ...]

    def process(self, element: tuple[int, Iterable[str]]) -> None:
        shards = [shard for marker in element[1] for shard in json.loads(marker)["shards"]]
        commit(self.data, self.stage, self.datasets, self.config, shards)


@dataclass
class CommitShards(beam.PTransform):
    """Markers (JSON) of the units of a stage to its committed datasets."""

    data: Storage
    config: str
    stage: str
    datasets: tuple[str, ...]

    def expand(self, markers: beam.PCollection) -> beam.PCollection:
        commit = Commit(self.data, self.config, self.stage, self.datasets)
        return (
            markers
            | "One key" >> beam.Map(lambda marker: (0, marker)).with_output_types(tuple[int, str])
            | "Meet markers" >> beam.GroupByKey()
            | "Write manifests" >> beam.ParDo(commit)
        )
