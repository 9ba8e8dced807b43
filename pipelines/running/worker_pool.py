"""A pool of workers beside a TaskManager of Flink.

`python -m pipelines.running.worker_pool --port N` starts it.

It answers Beam's interface for external workers, as Beam's own pool does, with workers forked
from a process that has quire loaded; it listens on this machine alone unless told otherwise.
"""

import argparse
import functools
import os
import signal
import sys
import threading

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.utils import thread_pool_executor
from google.protobuf import text_format

from pipelines import STAGES
from pipelines.running import fork_server
from pipelines.running.launch import module_of
from pipelines.running.local_workers import server

OPTIONS = '{"default_sdk_harness_log_level": "ERROR"}'  # of a pipeline, as Beam has them
PATIENT = [("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0)]


class Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts and stops workers as a TaskManager asks for them."""

    def StartWorker(  # noqa: N802
        self, request: beam_fn_api_pb2.StartWorkerRequest, _context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StartWorkerResponse:
        """Fork a worker, which connects to the TaskManager that asked for it."""
        describe = text_format.MessageToString
        environ = os.environ | {
            "WORKER_ID": request.worker_id,
            "PIPELINE_OPTIONS": OPTIONS,
            "CONTROL_API_SERVICE_DESCRIPTOR": describe(request.control_endpoint),
            "LOGGING_API_SERVICE_DESCRIPTOR": describe(request.logging_endpoint),
        }
        name = request.worker_id
        server().fork(name, fork_server.HARNESS, environ, functools.partial(_say_end, name))
        print(f"worker {name} starts", file=sys.stderr)
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(  # noqa: N802
        self, request: beam_fn_api_pb2.StopWorkerRequest, _context: grpc.ServicerContext
    ) -> beam_fn_api_pb2.StopWorkerResponse:
        """End a worker; it may have ended by itself already."""
        server().kill(request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()


def _say_end(name: str, failure: str) -> None:
    print(f"worker {name} has ended{failure and f' ({failure})'}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; workers end with the pool."""
    parser = argparse.ArgumentParser(prog=__name__, description=__doc__)
    parser.add_argument("--port", type=int, default=50000)
    parser.add_argument("--host", default="localhost", help="address to listen at")
    options = parser.parse_args(arguments)
    for stage in STAGES:
        server().load(module_of(stage))
    pool = grpc.server(thread_pool_executor.shared_unbounded_instance(), options=PATIENT)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(Pool(), pool)
    try:
        pool.add_insecure_port(f"{options.host}:{options.port}")
    except RuntimeError as error:
        print(f"{options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    pool.start()
    print(f"the pool of workers listens at {options.host}:{options.port}", file=sys.stderr)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    pool.stop(None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
