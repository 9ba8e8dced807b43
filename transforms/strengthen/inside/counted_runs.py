"""Runs of programs on the inputs of a problem, each within a budget of steps."""

import ctypes
import random
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from types import CodeType
from typing import Any

from transforms.lib.sandbox.inside.program import Caught
from transforms.strengthen.inside.agreement import RETURNED, TOO_SLOW, Answer, Fresh, raised
from transforms.strengthen.inside.programs import Harness
from transforms.strengthen.inside.standard_streams import StandardStreams
from transforms.strengthen.inside.step_counts import StepCounter

# The answer to the input of this number, within this many steps; and how many steps it took.
Run = Callable[[int, int], tuple[Answer, int]]
LOADING_STEPS = 2_000_000
# Of one call: then `end_at_timer` ends the process. In solutions of LeetCode and Exercism a step
# takes 0.1 to 2.5 microseconds, so nothing takes so long but C code that counts no steps.
CPU_SECONDS, CPU_SECONDS_OF_A_STEP = 1.0, 5e-6
# What `sys.setrecursionlimit` gives at most: deeper recursion through C code (`lru_cache`, a sort
# key) ends the process in some versions of Python, and raises RecursionError in others.
MOST_FRAMES = 9_000


def end_at_timer() -> None:
    """Make the timer of CPU time end the process, even inside a call of C code.

    The first process of a namespace, as under bubblewrap, ignores signals without a handler, and
    one in Python waits for the call to return: so the handler is the C library's own `_exit`.
    """
    library = ctypes.CDLL(None)
    library.signal.argtypes = ctypes.c_int, ctypes.c_void_p
    library.signal.restype = ctypes.c_void_p
    library.signal(signal.SIGPROF, ctypes.cast(library._exit, ctypes.c_void_p))


class CountedRuns:
    """Loads programs so that they can be run on each of the inputs.

    `uses_chance` says that a program may import `random`, which then is the same in every call.
    """

    def __init__(
        self, inputs: Sequence[Any], harness: Harness | None, uses_chance: bool = False
    ) -> None:
        self.counter = StepCounter()
        self.loading_steps = 0  # of the last program, before it was called
        self._inputs = inputs
        self._fresh = [Fresh(each) for each in inputs]
        self._harness = harness
        self._uses_chance = uses_chance
        self._streams = None if harness else StandardStreams()
        end_at_timer()
        self._frames, self._set_frames = sys.getrecursionlimit(), sys.setrecursionlimit
        sys.setrecursionlimit = lambda limit: self._set_frames(min(limit, MOST_FRAMES))

    def of(self, codes: Iterable[CodeType]) -> Run:
        """How a program of these codes is run; one that does not load gives no answers."""
        self._set_frames(self._frames)
        if self._harness is None:
            codes = list(codes)
            return lambda number, steps: self._print(codes, number, steps)
        self._begin(LOADING_STEPS)
        with Caught() as caught:
            function = self._harness.load(codes, self.counter)
        self.loading_steps = LOADING_STEPS - self.counter.left()
        if caught.error is not None:
            answer = raised(caught.error)
            return lambda number, steps: (answer, 0)
        return lambda number, steps: self._call(function, number, steps)

    def _call(self, function: Callable, number: int, steps: int) -> tuple[Answer, int]:
        arguments = self._fresh[number]()
        self._begin(steps)
        with Caught() as caught:
            returned = function(*arguments)
        return self._answer(caught, returned if caught.error is None else None, steps)

    def _print(self, codes: list[CodeType], number: int, steps: int) -> tuple[Answer, int]:
        assert self._streams is not None
        self._begin(steps)
        with Caught() as caught:
            printed = self._streams.run(codes, self._inputs[number], self.counter)
        return self._answer(caught, printed if caught.error is None else None, steps)

    def _begin(self, steps: int) -> None:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS + steps * CPU_SECONDS_OF_A_STEP)
        if self._uses_chance:
            random.seed(0)
        self.counter.reached.clear()
        self.counter.start(steps)

    def _answer(self, caught: Caught, returned: Any, steps: int) -> tuple[Answer, int]:
        left = self.counter.left()
        if left < 0:
            return (TOO_SLOW,), steps
        answer = (RETURNED, returned) if caught.error is None else raised(caught.error)
        return answer, steps - left
