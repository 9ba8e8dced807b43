"""An OpenAI-style endpoint on this machine, with faults on demand: what `sample` is tried against.

Its answers have the shapes of OpenAI's reference, and of what llama.cpp's server, vLLM's,
llama-cpp-python's and LiteLLM's proxy were seen to answer. What a server does all the time is a set
of `habits`; what goes wrong once is a fault.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict, int], str]  # a request and a number to the text of a completion
CHUNK = 5  # characters of a streamed chunk


@dataclass
class Endpoint:
    """What it says, and what goes wrong: `faults` are used up, one a request, in order.

    `habits` are: `no_n` (gives one, whatever n is), `slots` (refuses n above 4), `no_seed`,
    `no_temperature` and `new_tokens_field` (refuse a field), `only_streams` (refuses whole answers),
    `streams` (streams unasked), `mixes` (streams all choices as the first, as LiteLLM does with
    completions), `llama` (log-probabilities as llama.cpp's server), `null_logprobs`,
    `nan_logprobs`, `id_logprobs`, `odd_logprobs`, `thinks` (reasoning beside a chat's answer).
    """

    say: Answer
    faults: list[str] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    keys: set = field(default_factory=set)
    habits: set[str] = field(default_factory=set)
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
            self.endpoint.paths.add(self.path)
            self.endpoint.keys.add(self.headers.get("Authorization"))
            fault = self.endpoint.faults.pop(0) if self.endpoint.faults else None
        getattr(self, f"fault_{fault or 'none'}")(body)

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def refusal(self, body: dict) -> str | None:
        """The words with which a server of these habits refuses a request."""
        habits = self.endpoint.habits
        if "new_tokens_field" in habits and "max_tokens" in body:
            return (
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            )
        if "slots" in habits and body.get("n", 1) > 4:
            return f"Field 'n': Value must be between 1 <= value <= 4, but got {body['n']}"
        if "no_seed" in habits and "seed" in body:
            return "[{'type': 'extra_forbidden', 'loc': ('body', 'seed')}]"
        if "no_temperature" in habits and "temperature" in body:
            return "Unsupported value: 'temperature' does not support 0.2 with this model."
        if "only_streams" in habits and not body.get("stream"):
            return "This model only supports stream=true"
        return None

    def choices(self, body: dict) -> bytes:
        return json.dumps({"choices": self.drawn(body)}).encode()

    def drawn(self, body: dict) -> list[dict]:
        count = 1 if "no_n" in self.endpoint.habits else body.get("n", 1)
        return [self.choice(body, number) for number in range(min(count, self.endpoint.most))]

    def choice(self, body: dict, number: int) -> dict[str, Any]:
        text = self.endpoint.say(body, number)
        choice: dict[str, Any] = {"index": number, "finish_reason": "stop"}
        if body.get("logprobs"):
            choice["logprobs"] = self.logprobs(text, chat="messages" in body)
        if "messages" not in body:
            return choice | {"text": text}
        message = {"role": "assistant", "content": text}
        if "thinks" in self.endpoint.habits:
            message["reasoning_content"] = f"thought {number}"
        return choice | {"message": message}

    def logprobs(self, text: str, chat: bool) -> Any:
        habits = self.endpoint.habits
        tokens = [text[at : at + 4] for at in range(0, len(text), 4)]
        if "null_logprobs" in habits:
            return None
        if "odd_logprobs" in habits:
            return {"mean": -0.5}
        if chat or "llama" in habits:
            told = [{"token": t, "bytes": list(t.encode()), "logprob": -0.5} for t in tokens]
            return {"content": told}
        if "id_logprobs" in habits:
            tokens = [f"token_id:{at}" for at in range(len(tokens))]
        value = float("nan") if "nan_logprobs" in habits else -0.5
        return {"tokens": tokens, "token_logprobs": [-0.5, *[value] * (len(tokens) - 1)]}

    def fault_none(self, body: dict) -> None:
        if words := self.refusal(body):
            self.answer(400, json.dumps({"error": {"message": words}}).encode())
        elif body.get("stream") or "streams" in self.endpoint.habits:
            self.answer(200, self.streamed(body), Content_Type="text/event-stream")
        else:
            self.answer(200, self.choices(body))

    def streamed(self, body: dict) -> bytes:
        """The choices in chunks, one choice after the other, with a comment as servers send."""
        lines = [": ping", ""]
        for choice in self.drawn(body):
            for part in parts_of(choice):
                if "mixes" in self.endpoint.habits:
                    part["index"] = 0
                lines += [f"data: {json.dumps({'choices': [part]})}", ""]
        return "\r\n".join([*lines, "data: [DONE]", "", ""]).encode()

    def fault_cut_stream(self, body: dict) -> None:
        content = self.streamed(body).partition(b'"finish_reason": "stop"')[0]
        self.answer(200, content.rpartition(b"data:")[0], Content_Type="text/event-stream")

    def fault_busy(self, body: dict) -> None:
        self.answer(429, b"{}", Retry_After="0")

    def fault_far(self, body: dict) -> None:
        self.answer(429, b"{}", Retry_After="Mon, 01 Jan 2020 00:00:00 +99999999999999")

    def fault_broken(self, body: dict) -> None:
        self.answer(500, b'{"error": {"code": 500, "message": "out of \\u001b[2J memory"}}')

    def fault_poor(self, body: dict) -> None:
        error = {"message": "You exceeded your current quota", "code": "insufficient_quota"}
        self.answer(429, json.dumps({"error": error}).encode())

    def fault_unloaded(self, body: dict) -> None:
        self.answer(200, b'{"error": {"message": "model not loaded"}}')

    def fault_chat_model(self, body: dict) -> None:
        words = "This is a chat model and not supported in the v1/completions endpoint."
        self.answer(404, json.dumps({"error": {"message": words}}).encode())

    def fault_own_shape(self, body: dict) -> None:
        """What llama.cpp's server answers where the address lacks its /v1."""
        self.answer(200, b'{"content": "    return 1", "stop": true}')

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

    def fault_stalled(self, body: dict) -> None:
        """The beginning of an answer, and nothing more before the client has gone."""
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.fault_slow(body)

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


def parts_of(choice: dict) -> Iterator[dict]:
    """A choice as the chunks that it is streamed in: the last one says why it ends."""
    index, message = choice["index"], choice.get("message")
    if message is None:
        for at in range(0, len(choice["text"]), CHUNK):
            yield {"index": index, "text": choice["text"][at : at + CHUNK], "finish_reason": None}
    else:
        for name in ("reasoning_content", "content"):
            text = message.get(name, "")
            for at in range(0, len(text), CHUNK):
                yield {"index": index, "delta": {name: text[at : at + CHUNK]}}
    last = {"index": index, "delta": {}, "finish_reason": choice["finish_reason"]}
    yield last | {"logprobs": choice.get("logprobs")}


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
