"""The environments that a reference runs in, so that it is seen to depend on none of them.

They differ in hash seed, time zone, working directory and the order of tests.
"""

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from transforms.lib.sandbox import Sandbox

FAR_TIME_ZONE = "<+0545>-05:45"  # Nepal's, spelled out: it needs no file of the system


@dataclass(frozen=True)
class Environment:
    """What a sandbox is started with."""

    hash_seed: int = 0
    time_zone: str = "UTC"
    directory: str = ""


# One for each run of a reference. The first two are alike: what differs there is chance or time.
REFERENCE_RUNS = (
    Environment(),
    Environment(),
    Environment(1, FAR_TIME_ZONE, "elsewhere"),
    Environment(4242, "UTC", "elsewhere"),
    Environment(4242, FAR_TIME_ZONE),
)
RUNS_IN_ORDER = 2  # the first so many runs keep the order of the tests


def order_of_tests(count: int, problem_id: str, run: int) -> list[int]:
    """The numbers of `count` tests in the order of a run; it depends on problem and run alone."""
    numbers = list(range(count))
    if run >= RUNS_IN_ORDER:
        random.Random(f"{problem_id} {run}").shuffle(numbers)
    return numbers


class Sandboxes:
    """A sandbox for each environment, started when it is first needed; for one thread."""

    def __init__(self, libraries: tuple[str, ...] = ()) -> None:
        self._libraries = libraries
        self._started: dict[Environment, Sandbox] = {}
        self._end = ExitStack()

    def of(self, run: int) -> Sandbox:
        """The sandbox for a run, by its number in REFERENCE_RUNS."""
        environment = REFERENCE_RUNS[run]
        if environment not in self._started:
            sandbox = Sandbox(libraries=self._libraries, **vars(environment))
            self._started[environment] = self._end.enter_context(sandbox)
        return self._started[environment]

    def close(self) -> None:
        """End every sandbox that was started."""
        self._end.close()
        self._started.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
