"""What a reference must not depend on: hash seeds, time zone, working directory, order of tests."""

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from transforms.lib.sandbox import Sandbox

FAR = "<+0545>-05:45"  # a time zone that needs no files of the system


@dataclass(frozen=True)
class Environment:
    """One way to run: all but the order of tests is the sandbox's."""

    hash_seed: int = 0
    time_zone: str = "UTC"
    directory: str = ""


# One for each run of a reference. The first two are alike: what differs there is chance or time.
RUNS = (
    Environment(),
    Environment(),
    Environment(1, FAR, "elsewhere"),
    Environment(4242, "UTC", "elsewhere"),
    Environment(4242, FAR),
)
IN_ORDER = 2  # runs that take the tests as they stand; the others shuffle them


def order(count: int, problem_id: str, run: int) -> list[int]:
    """The order of so many tests in a run: the same for the same problem and run."""
    places = list(range(count))
    if run >= IN_ORDER:
        random.Random(f"{problem_id} {run}").shuffle(places)
    return places


class Sandboxes:
    """A sandbox for each environment, started when it is first needed: for one thread."""

    def __init__(self, libraries: tuple[str, ...] = ()) -> None:
        self._libraries = libraries
        self._started: dict[Environment, Sandbox] = {}
        self._end = ExitStack()

    def of(self, run: int) -> Sandbox:
        """The sandbox of a run."""
        environment = RUNS[run]
        if environment not in self._started:
            sandbox = Sandbox(libraries=self._libraries, **vars(environment))
            self._started[environment] = self._end.enter_context(sandbox)
        return self._started[environment]

    def close(self) -> None:
        """End all of them."""
        self._end.close()
        self._started.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
