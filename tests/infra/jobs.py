"""Jobs of Dataflow as they would be submitted, made while every connection is refused."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import EmbeddedPythonEnvironment

from tests.support.shuffles import Shuffles

IMAGE = "europe-west4-docker.pkg.dev/some-project/quire/quire:1"
FLAGS = (
    "--runner=DataflowRunner",
    "--project=some-project",
    "--region=europe-west4",
    f"--sdk_container_image={IMAGE}",
    "--no_auth",
)
DRY = (*FLAGS, "--temp_location=gs://some-bucket/tmp", "--dry_run=True")


class Job:
    """What the runner has made of a stage."""

    def __init__(self, runner: DataflowRunner, pipeline: beam.Pipeline) -> None:
        self.proto: beam_runner_api_pb2.Pipeline = runner.proto_pipeline
        self.shuffles = Shuffles()
        pipeline.visit(self.shuffles)

    def run_here(self) -> None:
        """Run the job from its description alone, where its image is this process."""
        proto = beam_runner_api_pb2.Pipeline()
        proto.CopyFrom(self.proto)
        embedded = EmbeddedPythonEnvironment.default().to_runner_api(None)
        for environment in proto.components.environments.values():
            environment.CopyFrom(embedded)
        FnApiRunner().run_via_runner_api(proto, PipelineOptions([])).wait_until_finish()


def refused(*_: Any, **__: Any) -> None:
    raise AssertionError("the network is asked")


@contextlib.contextmanager
def recorded() -> Iterator[list[Job]]:
    """The jobs that are made, while every connection is refused."""
    made: list[Job] = []
    run = DataflowRunner.run_pipeline

    def record(runner: DataflowRunner, pipeline: beam.Pipeline, *rest: Any) -> Any:
        result = run(runner, pipeline, *rest)
        made.append(Job(runner, pipeline))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DataflowRunner, "run_pipeline", record)
        patch.setattr(socket.socket, "connect", refused)
        patch.setattr(socket, "getaddrinfo", refused)
        yield made
