"""The server that workers on this machine reach the runner by: a unix socket of this user alone.

Beam's own listens at four ports of every interface, asks nobody who they are, and hands any file
of the user to whoever asks. Only control, data and state are served here; no artifacts are, for a
worker is a fork and has its code.
"""

import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.worker import data_plane
from apache_beam.utils import thread_pool_executor

from pipelines.running import fork_server, interruption
from transforms.lib.errors import PipelineError

SCHEME = "unix"
NAME = "runner"  # of the socket in its folder
MAX_PATH_BYTES = 103 if sys.platform == "darwin" else 107  # sun_path of sockaddr_un, and its zero
STOP_SECONDS = 5  # for calls that still run when the pipeline has ended, as Beam has it
UNLIMITED = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class LocalServer:
    """Takes the place of Beam's GrpcServer: the same attributes, at a unix socket."""

    def __init__(self, state: Any, _provision_info: Any, worker_manager: Any) -> None:
        self.control_handler = worker_handlers.BeamFnControlServicer(worker_manager)
        self.data_plane_handler = data_plane.BeamFnDataServicer(
            worker_handlers.DATA_BUFFER_TIME_LIMIT_MS
        )
        threads = thread_pool_executor.shared_unbounded_instance()
        self._server = grpc.server(threads, options=[*fork_server.PATIENT, *UNLIMITED])
        serve = beam_fn_api_pb2_grpc
        serve.add_BeamFnControlServicer_to_server(self.control_handler, self._server)
        serve.add_BeamFnDataServicer_to_server(self.data_plane_handler, self._server)
        serve.add_BeamFnStateServicer_to_server(
            worker_handlers.GrpcStateServicer(state), self._server
        )
        self._end = contextlib.ExitStack()
        folder = self._end.enter_context(interruption.temporary_folder(socket_parent()))
        path = f"{folder}/{NAME}"
        # A handler makes addresses of these by "{host}:{port}".
        self.control_port = self.data_port = self.state_port = self.logging_port = path
        self._server.add_insecure_port(f"{SCHEME}:{path}")
        self._server.start()

    def close(self) -> None:
        """Stop serving; workers have ended, or are killed."""
        self.control_handler.done()
        # A bounded wait: what announces the end is a thread, which may have failed.
        self._server.stop(STOP_SECONDS).wait(2 * STOP_SECONDS)
        self._end.close()


# Beam's manager of workers makes its server by this name, and has no other way to choose one.
vars(worker_handlers)["GrpcServer"] = LocalServer


def socket_parent() -> str:
    """A folder below which a socket can be made: not every path is short enough, not every file
    system has sockets, and some are full. Raises PipelineError if no place will do.
    """
    failures = []
    for parent in dict.fromkeys(filter(None, places())):
        try:
            with interruption.temporary_folder(parent) as folder:
                _try_socket(f"{folder}/{NAME}")
        except OSError as error:
            failures.append(f"{parent}: {error.strerror or error}")
        else:
            return parent
    tried = "; ".join(failures)
    raise PipelineError(
        f"no place for a socket of the workers ({tried}); set TMPDIR, or --workers 1"
    )


def places() -> Iterator[str | None]:
    """Folders in which a socket may be, the best first."""
    with contextlib.suppress(OSError):  # no folder for temporary files at all
        yield os.path.abspath(tempfile.gettempdir())
    yield os.environ.get("XDG_RUNTIME_DIR")
    yield from ("/tmp", "/dev/shm", "/var/tmp")  # noqa: S108


def _try_socket(path: str) -> None:
    """Raises OSError if there can be no socket at this path."""
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise OSError("too long a path for a socket")
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.bind(path)
    os.unlink(path)
