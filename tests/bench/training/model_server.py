"""A model behind `/v1/completions` on this machine: what `quire sample` asks, and no more.

Requests that wait at the same time go through the model together, if they are alike.
"""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import torch
from training.pretrained import open_model

AT_ONCE = 32  # completions that go through the model together
TAIL = 16  # last tokens in which a stop sequence is looked for; the paper's have three


class Drawing(NamedTuple):
    """How completions are drawn: those of like requests may be drawn together."""

    max_tokens: int
    temperature: float
    top_p: float
    stops: tuple[str, ...]


@dataclass
class Waiting:
    """A request that waits for its completions."""

    prompt: str
    count: int
    drawing: Drawing
    answer: "queue.Queue[list[str]]" = field(default_factory=queue.Queue)


def waiting(body: dict[str, Any]) -> Waiting:
    """The request of a body with OpenAI's fields."""
    stop = body.get("stop") or []
    drawing = Drawing(
        int(body.get("max_tokens", 16)),
        float(body.get("temperature", 1.0)),
        float(body.get("top_p", 1.0)),
        tuple([stop] if isinstance(stop, str) else stop),
    )
    return Waiting(str(body["prompt"]), int(body.get("n", 1)), drawing)


class StopSequences:
    """Ends each completion after its first stop sequence; a criterion of transformers' generate."""

    def __init__(self, tokenizer: Any, stops: tuple[str, ...], begin: int):
        self._tokenizer, self._stops, self._begin = tokenizer, stops, begin

    def __call__(self, ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Which rows are done; bool[rows]."""
        tails = self._tokenizer.batch_decode(ids[:, max(self._begin, ids.shape[1] - TAIL) :])
        done = [any(stop in tail for stop in self._stops) for tail in tails]
        return torch.tensor(done, device=ids.device)


def complete(model: Any, tokenizer: Any, prompts: list[str], drawing: Drawing) -> list[str]:
    """A completion of each prompt, up to the first stop sequence."""
    given = tokenizer(prompts, return_tensors="pt", padding=True, padding_side="left")
    length = given["input_ids"].shape[1]
    chance = {"temperature": drawing.temperature, "top_p": drawing.top_p, "top_k": 0}
    with torch.no_grad():
        found = model.generate(
            given["input_ids"].to(model.device),
            attention_mask=given["attention_mask"].to(model.device),
            pad_token_id=tokenizer.pad_token_id,
            max_new_tokens=drawing.max_tokens,
            do_sample=drawing.temperature > 0,
            stopping_criteria=[StopSequences(tokenizer, drawing.stops, length)],
            **(chance if drawing.temperature > 0 else {}),
        )
    texts = tokenizer.batch_decode(found[:, length:], skip_special_tokens=True)
    return [_cut(text, drawing.stops) for text in texts]


def _cut(text: str, stops: tuple[str, ...]) -> str:
    for stop in stops:
        text = text.partition(stop)[0]
    return text


class ModelServer:
    """Answers requests, some at a time, by one thread that has the model."""

    def __init__(self, model: Any, tokenizer: Any):
        self._model, self._tokenizer = model.eval(), tokenizer
        self._waiting: queue.Queue[Waiting] = queue.Queue()
        threading.Thread(target=self._work, daemon=True).start()

    def answer(self, request: Waiting) -> list[str]:
        """The completions of a request, when it is its turn."""
        self._waiting.put(request)
        return request.answer.get()

    def _work(self) -> None:
        while True:
            first = self._waiting.get()
            group, total = [first], first.count
            while total < AT_ONCE and (other := self._next(first.drawing)):
                group.append(other)
                total += other.count
            prompts = [each.prompt for each in group for _ in range(each.count)]
            texts = iter(complete(self._model, self._tokenizer, prompts, first.drawing))
            for each in group:
                each.answer.put([next(texts) for _ in range(each.count)])

    def _next(self, drawing: Drawing) -> Waiting | None:
        """A request that waits and is drawn so, or comes within a moment."""
        try:
            found = self._waiting.get(timeout=0.1)
        except queue.Empty:
            return None
        if found.drawing == drawing:
            return found
        self._waiting.put(found)
        return None


def handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    """What answers HTTP requests with the completions of a server."""

    class Completions(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = server.answer(waiting(body))
            choices = [{"index": at, "text": text} for at, text in enumerate(texts)]
            answer = json.dumps({"object": "text_completion", "choices": choices}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nothing: `quire sample` has a progress of its own."""

    return Completions


@contextmanager
def serving(model: Any, tokenizer: Any, port: int = 0) -> Iterator[str]:
    """Serves a model on this machine alone; yields the address before `/completions`."""
    http = ThreadingHTTPServer(("127.0.0.1", port), handler(ModelServer(model, tokenizer)))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/v1"
    finally:
        http.shutdown()
        http.server_close()


def serve_folder(folder: Path, port: int, device: str) -> None:
    """Serve the model of a folder until the program is interrupted."""
    model, tokenizer = open_model(folder)
    with serving(model.to(device, torch.bfloat16), tokenizer, port) as base:
        print(f"OPENAI_BASE_URL={base}", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
