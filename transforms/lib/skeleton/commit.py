"""The last step of every stage: the markers of all units become the manifests."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import apache_beam as beam

from transforms.lib.skeleton.shards import commit
from transforms.lib.skeleton.storage import Storage


@dataclass
class Commit(beam.DoFn):
    """Takes all markers of a stage under one key; writes its manifests."""

    data: Storage
    config: str
    stage: str
    datasets: tuple[str, ...]

    def process(self, element: tuple[int, Iterable[str]]) -> None:
        shards = [shard for marker in element[1] for shard in json.loads(marker)["shards"]]
        commit(self.data, self.stage, self.datasets, self.config, shards)


@dataclass
class CommitShards(beam.PTransform):
    """Takes the markers of all units as JSON; commits the datasets of the stage."""

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
