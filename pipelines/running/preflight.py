"""The check before a stage runs on a cluster: reports in half a minute what would fail there."""

import contextlib
import os
import re
import uuid

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions, StandardOptions
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.runner import PipelineState

from pipelines.running import dataflow
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.worker_question import PYTHON, AskWorker, Question

NO_PROXY = "no_grpc_proxy"  # gRPC's own variable, in small letters; it stands before no_proxy
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
CONNECT_SECONDS = 5
ANSWER_SECONDS = 25  # half a minute, together with connecting and cancelling
# Patterns in the error of the question to a worker, and what the user is told.
CAUSES = (
    (
        r"No module named '(transforms|apache_beam|numba)|import of transforms",
        "the workers lack quire; install it in the Python that runs their pool",
    ),
    (
        r"Failed to deserialize JobGraph|InvalidClassException",
        "its job server is built for another version of Flink; the minor versions must be the same",
    ),
    (r"ConnectException|UNAVAILABLE", "no pool of workers at {pool} beside its TaskManagers"),
)


def check(data: Storage, flags: PipelineOptions) -> None:
    """Raises UsageError if the cluster that the flags name cannot run a stage on DATA."""
    if dataflow.chosen(flags):
        dataflow.check(data, flags)
    if flags.view_as(StandardOptions).runner != "PortableRunner":
        return
    if flags.view_as(PortableOptions).environment_type == "LOOPBACK":
        raise UsageError(
            "--environment_type=LOOPBACK would open a port to the network that runs what it is "
            "sent; use EXTERNAL and a pool of workers, see infra/README.md"
        )
    ask_no_proxy()
    endpoint = flags.view_as(PortableOptions).job_endpoint
    if not endpoint:
        raise UsageError("--runner=PortableRunner needs --job_endpoint=HOST:PORT")
    job_service(endpoint)
    workers(data, flags)


def ask_no_proxy() -> None:
    """Have gRPC reach this machine itself without the proxies that the environment names.

    HTTP has variables of its own for that, and goes on asking them.
    """
    excepted = os.environ.get(NO_PROXY) or os.environ.get("no_proxy", "")
    os.environ[NO_PROXY] = ",".join(filter(None, [excepted, *THIS_MACHINE]))


def job_service(endpoint: str) -> None:
    """Raises UsageError if no job service of Beam answers at `endpoint`."""
    request = beam_job_api_pb2.DescribePipelineOptionsRequest()
    with grpc.insecure_channel(endpoint) as channel:
        service = beam_job_api_pb2_grpc.JobServiceStub(channel)
        try:
            service.DescribePipelineOptions(request, timeout=CONNECT_SECONDS)
        except grpc.RpcError as error:
            raise UsageError(
                f"--job_endpoint={endpoint}: no job service of Beam answers "
                f"({error.code().name.lower()}); is the cluster up?"
            ) from error


def workers(data: Storage, flags: PipelineOptions) -> None:
    """Raises UsageError if no worker answers, or it has another quire, or it does not see DATA."""
    question = Question(data, uuid.uuid4().hex)
    question.put("question")
    try:
        _ask(question, flags)
        answer = question.answer()
    finally:
        question.forget()
    if answer is None:
        raise UsageError(
            f"{data.root}: the workers do not see it; DATA must be on storage that they share"
        )
    mine = {"version": VERSION, "python": PYTHON}
    if answer != mine:
        raise UsageError(
            f"the workers have quire {answer['version']} on Python {answer['python']}, "
            f"this machine has {VERSION} on {PYTHON}: install the same"
        )


def _ask(question: Question, flags: PipelineOptions) -> None:
    pool = flags.view_as(PortableOptions).environment_config
    pipeline = beam.Pipeline(PortableRunner(), flags)
    _ = pipeline | AskWorker(question)
    try:
        result = pipeline.run()
        state = result.wait_until_finish(1000 * ANSWER_SECONDS)
    except RuntimeError as error:
        raise UsageError(f"the cluster cannot run quire: {cause(str(error), pool)}") from error
    if state != PipelineState.DONE:
        with contextlib.suppress(grpc.RpcError):
            result.cancel()
        raise UsageError(
            f"no worker of the cluster answered in {ANSWER_SECONDS} s: does it have free slots, "
            f"and a pool of workers at {pool}?"
        )


def cause(text: str, pool: str | None) -> str:
    """The cause of a failure, in words for the user; the first line of its text if unknown."""
    known = (line.format(pool=pool) for pattern, line in CAUSES if re.search(pattern, text))
    return next(known, text.strip().split("\n")[0][:300])
