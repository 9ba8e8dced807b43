"""A completions endpoint on this machine, with faults on demand: what `sample` is tried against."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[dict, int], str]  # a request and a number to the text of a completion


@dataclass
class Endpoint:
    """What it says, and what goes wrong: `faults` are used up, one a request, in order."""

    say: Answer
    faults: list[str] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    keys: set = field(default_factory=set)
    most: int = 100  # completions that one answer holds
    lock: threading.Lock = field(default_factory=threading.Lock)
    base: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.endpoint.lock:
            self.endpoint.requests.append(body)
            self.endpoint.keys.add(self.headers.get("Authorization"))
            fault = self.endpoint.faults.pop(0) if self.endpoint.faults else None
        getattr(self, f"fault_{fault or 'none'}")(body)

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def choices(self, body: dict) -> bytes:
        found = []
        for number in range(min(body["n"], self.endpoint.most)):
            text = self.endpoint.say(body, number)
            tokens = [text[at : at + 4] for at in range(0, len(text), 4)]
            told = {"tokens": tokens, "token_logprobs": [-0.5] * len(tokens)}
            found.append(
                {"text": text, "index": number}
                | ({"logprobs": told} if body.get("logprobs") else {})
            )
        return json.dumps({"choices": found}).encode()

    def fault_none(self, body: dict) -> None:
        self.answer(200, self.choices(body))

    def fault_busy(self, body: dict) -> None:
        self.answer(429, b"{}", Retry_After="0")

    def fault_broken(self, body: dict) -> None:
        self.answer(500, b"oops")

    def fault_dropped(self, body: dict) -> None:
        self.close_connection = True
        self.connection.close()

    def fault_cut(self, body: dict) -> None:
        content = self.choices(body)
        self.answer(200, content[: len(content) // 2])

    def fault_short(self, body: dict) -> None:
        """Less than it says, and then nothing."""
        content = self.choices(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def fault_slow(self, body: dict) -> None:
        """No answer before the client has gone."""
        self.connection.recv(1)
        self.close_connection = True

    def fault_none_at_all(self, body: dict) -> None:
        self.answer(200, b'{"choices": []}')

    def fault_refused(self, body: dict) -> None:
        self.answer(401, b'{"error": "no such key"}')

    def fault_too_long(self, body: dict) -> None:
        self.answer(400, b'{"error": "prompt too long"}')

    def fault_redirected(self, body: dict) -> None:
        self.answer(307, b"", Location="http://127.0.0.1:9/elsewhere")

    def fault_telling(self, body: dict) -> None:
        """An error that repeats the key, across the place where messages are cut."""
        key = self.headers["Authorization"].removeprefix("Bearer ")
        self.answer(401, f"{'x' * 195}{key} {key}".encode())

    def fault_endless(self, body: dict) -> None:
        self.endless(b" " * (1 << 20), 0)

    def fault_dripping(self, body: dict) -> None:
        self.endless(b" ", 0.05)

    def endless(self, piece: bytes, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(piece)
                time.sleep(pause)

    def fault_nested(self, body: dict) -> None:
        self.answer(200, b"[" * 100_000)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The endpoint at work; `base` says where."""
    handler = type("Bound", (Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    endpoint.base = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
