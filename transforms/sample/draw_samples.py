"""Samples of many prompts, drawn by many requests at a time."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from transforms.sample.endpoint import Client, Completion, Endpoint, Settings
from transforms.sample.tasks import Prompt

PER_REQUEST = 20  # completions: a request that fails loses no more than these


def missing_samples(
    prompts: Sequence[Prompt], count: int, existing: Counter[str]
) -> Iterator[tuple[Prompt, int]]:
    """The requests that are still to be made: a prompt, and a number of completions of it.

    Each task needs `count` samples; `existing` counts those it has.
    """
    for prompt in prompts:
        missing = count - existing[prompt.task_id]
        for first in range(0, missing, PER_REQUEST):
            yield prompt, min(PER_REQUEST, missing - first)


class SamplePool:
    """A pool of threads that draw samples, each with a connection of its own."""

    def __init__(self, endpoint: Endpoint, settings: Settings, logprobs: bool, at_once: int):
        self._of_thread = threading.local()
        self._stop = threading.Event()
        # A pause of a client ends at once when the pool stops.
        pausing = self._stop.wait, self._stop.is_set
        self._new_client = lambda: Client(endpoint, settings, logprobs, *pausing)
        self._at_once = at_once

    def draw(
        self, requests: Iterator[tuple[Prompt, int]]
    ) -> Iterator[tuple[str, list[Completion]]]:
        """The id of a task and some completions of it, in the order in which answers arrive.

        Raises the error of the first request that fails; requests not yet sent are then dropped.
        """
        pool = ThreadPoolExecutor(self._at_once)
        try:
            yield from self._answers(pool, requests)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)

    def _answers(
        self, pool: ThreadPoolExecutor, requests: Iterator[tuple[Prompt, int]]
    ) -> Iterator[tuple[str, list[Completion]]]:
        running: set[Future[tuple[str, list[Completion]]]] = set()
        while True:
            # Twice as many as there are threads, so that none of them waits for this loop.
            for prompt, count in islice(requests, 2 * self._at_once - len(running)):
                running.add(pool.submit(self._complete, prompt, count))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()

    def _complete(self, prompt: Prompt, count: int) -> tuple[str, list[Completion]]:
        """The id of the task and `count` completions: an endpoint may give fewer at a time."""
        if not hasattr(self._of_thread, "client"):
            self._of_thread.client = self._new_client()
        completions: list[Completion] = []
        while len(completions) < count:
            missing = count - len(completions)
            completions += self._of_thread.client.complete(prompt.prompt, prompt.stops, missing)
        return prompt.task_id, completions
