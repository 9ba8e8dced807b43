"""A server on 127.0.0.1 whose answers may be replaced by faults, path by path."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any, Self

Fault = Callable[[Any], None]  # it gets the handler of the request


class FaultyServer(ThreadingHTTPServer):
    """`with FaultyServer(Handler) as server:` answers until the end of the block."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._faults: dict[str, Iterator[Fault]] = {}

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def fault(self, path: str, *faults: Fault, forever: bool = False) -> None:
        """What happens to the next requests of a path in place of an answer."""
        self._faults[path] = repeat(faults[0]) if forever else iter(faults)

    def repair(self) -> None:
        """No faults any more."""
        self._faults.clear()

    def next_fault(self, path: str) -> Fault | None:
        """The fault that is due."""
        return next(self._faults.get(path, iter(())), None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the game."""
