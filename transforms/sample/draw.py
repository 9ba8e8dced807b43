"""Many requests at a time: prompts to samples, as many of each as are wanted."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from transforms.sample.endpoint import Client, Completion, Endpoint, Settings
from transforms.sample.tasks import Prompt

PER_REQUEST = 20  # completions: a request that fails loses no more


def wanted(
    prompts: Sequence[Prompt], count: int, there: Counter[str]
) -> Iterator[tuple[Prompt, int]]:
    """What is still to be asked for: a prompt and a number of completions, request by request."""
    for prompt in prompts:
        left = count - there[prompt.task_id]
        for first in range(0, left, PER_REQUEST):
            yield prompt, min(PER_REQUEST, left - first)


class Drawing:
    """A pool of threads, each with a connection, that draws samples."""

    def __init__(self, endpoint: Endpoint, settings: Settings, logprobs: bool, at_once: int):
        self._local = threading.local()
        self._stop = threading.Event()
        told = self._stop.wait, self._stop.is_set
        self._client = lambda: Client(endpoint, settings, logprobs, *told)
        self._at_once = at_once

    def draw(self, asked: Iterator[tuple[Prompt, int]]) -> Iterator[tuple[str, list[Completion]]]:
        """Samples of tasks as they come; the error of a request ends it, and the rest unasked."""
        pool = ThreadPoolExecutor(self._at_once)
        try:
            yield from self._drawn(pool, asked)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)

    def _drawn(
        self, pool: ThreadPoolExecutor, asked: Iterator[tuple[Prompt, int]]
    ) -> Iterator[tuple[str, list[Completion]]]:
        running: set[Future[tuple[str, list[Completion]]]] = set()
        while True:
            for prompt, count in islice(asked, 2 * self._at_once - len(running)):
                running.add(pool.submit(self._ask, prompt, count))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()

    def _ask(self, prompt: Prompt, count: int) -> tuple[str, list[Completion]]:
        """All completions that were asked for: an endpoint may give fewer at a time."""
        if not hasattr(self._local, "client"):
            self._local.client = self._client()
        found: list[Completion] = []
        while len(found) < count:
            missing = count - len(found)
            found += self._local.client.complete(prompt.prompt, prompt.stops, missing)
        return prompt.task_id, found
