"""Samples of many prompts, drawn by many requests at a time."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from queue import SimpleQueue

from transforms.lib.errors import PipelineError, UsageError
from transforms.sample.endpoint.capabilities import PER_REQUEST
from transforms.sample.endpoint.choices import Completion
from transforms.sample.endpoint.client import Client
from transforms.sample.tasks import Prompt

Request = tuple[Prompt, Sequence[int]]  # a prompt, and the numbers of the samples to be drawn
# Makes the client of a thread of how it pauses and of whether it is stopped.
NewClient = Callable[[Callable[[float], object], Callable[[], bool]], Client]
Keep = Callable[[Prompt, Sequence[int], list[Completion]], object]


def missing_samples(
    prompts: Sequence[Prompt],
    count: int,
    existing: Mapping[str, Set[int]],
    per_request: int = PER_REQUEST,
) -> Iterator[Request]:
    """The requests that are still to be made, each for at most `per_request` samples.

    Each task needs the samples from 0 to `count` - 1; `existing` holds the numbers of those it has.
    """
    for prompt in prompts:
        there = existing.get(prompt.task_id, frozenset())
        numbers = [number for number in range(count) if number not in there]
        for first in range(0, len(numbers), per_request):
            yield prompt, numbers[first : first + per_request]


def seed_of(seed: int, task_id: str, number: int) -> int:
    """The seed of the request whose first sample has this number, from 0 to 2**31 - 1.

    Requests with one seed would get the same samples of a server that seeds each of them anew.
    """
    digest = hashlib.sha256(f"{seed} {number} {task_id}".encode(errors="surrogatepass"))
    return int.from_bytes(digest.digest()[:4], "big") >> 1


class SamplePool:
    """Threads that draw samples, each with a connection of its own, and one that keeps them.

    None of the threads that wait for answers is waited for when the pool stops, and an interruption
    reaches only the main thread: so whatever has arrived by then is kept, and kept whole.
    """

    def __init__(self, new_client: NewClient, keep: Keep, at_once: int, seed: int = 0):
        self._new_client, self._keep = new_client, keep
        self._at_once, self._seed = at_once, seed
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._arrived: SimpleQueue[tuple[Prompt, Sequence[int], list[Completion]] | None]
        self._arrived = SimpleQueue()
        self._ended: SimpleQueue[Exception | None] = SimpleQueue()  # of each thread, how it ended

    def draw(self, requests: Iterator[Request]) -> None:
        """Draw the samples and have them kept, in the order in which they arrive.

        Raises the error of the first request that fails; requests not yet sent are then dropped.
        """
        self._requests = requests
        # Only the `finally` waits for it: an interruption before that leaves nothing to be kept.
        keeper = threading.Thread(target=self._run, args=(self._keep_arrived,), daemon=True)
        keeper.start()
        try:
            for _ in range(self._at_once):
                # They may wait for minutes, and nobody waits for them at the end of the program.
                threading.Thread(target=self._run, args=(self._draw_some,), daemon=True).start()
            for _ in range(self._at_once):
                if error := self._ended.get():
                    raise error
        finally:
            self._stop.set()
            self._arrived.put(None)
            keeper.join()
        if error := self._ended.get():  # the keeper's
            raise error

    def _run(self, work: Callable[[], None]) -> None:
        """Do the work of a thread, and say how it ended."""
        ended: Exception | None = PipelineError("a thread of `quire sample` has died")
        try:
            work()
            ended = None
        except (PipelineError, UsageError, OSError) as error:
            ended = error
        finally:
            self._ended.put(ended)

    def _draw_some(self) -> None:
        """Draw samples as long as there are requests: an endpoint may give fewer at a time."""
        client = self._new_client(self._stop.wait, self._stop.is_set)
        while request := self._next_request():
            prompt, numbers = request
            while numbers:
                seed = seed_of(self._seed, prompt.task_id, numbers[0])
                drawn = client.complete(prompt.prompt, prompt.stops, len(numbers), seed)
                self._arrived.put((prompt, numbers[: len(drawn)], drawn))
                numbers = numbers[len(drawn) :]

    def _next_request(self) -> Request | None:
        with self._turn:
            return None if self._stop.is_set() else next(self._requests, None)

    def _keep_arrived(self) -> None:
        for prompt, numbers, drawn in iter(self._arrived.get, None):
            self._keep(prompt, numbers, drawn)
