"""The environments that a reference runs in, so that it is seen to depend on none of them.

They differ in hash seed, time zone, working directory and the order of tests. A problem that needs
packages or its project is lent the modules of these, in every one of them.
"""

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems.lent_environment import NotLent, lent_file
from transforms.lib.sandbox import Sandbox
from transforms.lib.trials.candidate import Candidate, Unfit

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
    """A sandbox for each environment, started when it is first needed; for one thread.

    `store` has the zips that problems are lent. Problems that are lent the same one follow one
    another, so that only the sandboxes of the last one are kept.
    """

    def __init__(self, libraries: tuple[str, ...] = (), store: ArchiveStore | None = None) -> None:
        self._libraries, self._store = libraries, store
        self._own = _Started(libraries)
        self._lent: _Started | None = None
        self._lent_sha256 = ""

    def of(self, run: int, lent: str | None = None) -> Sandbox:
        """The sandbox for a run, by its number in REFERENCE_RUNS.

        `lent` is the sha256 of the zip that is lent to it. Raises NotLent.
        """
        started = self._own if lent is None else self._with_lent(lent)
        return started.of(REFERENCE_RUNS[run])

    def of_problem(self, problem: Candidate, run: int = 0) -> Sandbox:
        """The sandbox for a run of a problem's programs, with what they are lent.

        Raises Unfit (`no_environment`) if that is not there.
        """
        try:
            return self.of(run, problem.lent)
        except NotLent as error:
            raise Unfit("no_environment", str(error)) from error

    def _with_lent(self, sha256: str) -> "_Started":
        if self._lent is None or self._lent_sha256 != sha256:
            self._end_lent()
            if self._store is None:
                raise NotLent("no store of archives")
            started = _Started(self._libraries)
            started.lend(self._store, sha256)
            self._lent, self._lent_sha256 = started, sha256
        return self._lent

    def _end_lent(self) -> None:
        if self._lent:
            self._lent.close()
        self._lent = None

    def close(self) -> None:
        """End every sandbox that was started."""
        self._end_lent()
        self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Started:
    """The sandboxes that were started with the same libraries."""

    def __init__(self, libraries: tuple[str, ...]) -> None:
        self._libraries = libraries
        self._by_environment: dict[Environment, Sandbox] = {}
        self._end = ExitStack()

    def lend(self, store: ArchiveStore, sha256: str) -> None:
        """Put a lent zip before the libraries; raises NotLent."""
        self._libraries = (self._end.enter_context(lent_file(store, sha256)), *self._libraries)

    def of(self, environment: Environment) -> Sandbox:
        if environment not in self._by_environment:
            sandbox = Sandbox(libraries=self._libraries, **vars(environment))
            self._by_environment[environment] = self._end.enter_context(sandbox)
        return self._by_environment[environment]

    def close(self) -> None:
        self._end.close()
        self._by_environment.clear()
