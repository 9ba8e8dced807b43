"""Tests of a check that its text marks: a failed one does not end the check, and all are counted.

    def check(candidate):
        with __test__(0): assert candidate(1) == 2
        with __test__(1): assert candidate(2) == 3

What the first failed test raised is reported at once, and is what the check raised. The counts are
written in place before and after each test, so that they are there even if the process is killed.
"""

import os
from collections.abc import Callable
from types import TracebackType

from transforms.lib.sandbox.codec import encode, frame
from transforms.lib.sandbox.inside.program import RESULTS, Caught, report_error

TEST_MARK = "__test__"  # the name of the context manager in the check's text
COUNTS = 5  # numbers that are written: see `MarkedTests`
DIGITS = 10  # of each, so that they can be written in place
NO_COUNTS = " " * (COUNTS * DIGITS)


class MarkedTests:
    """The context manager that `with __test__(number):` enters.

    It counts the tests that began and those that passed. Of the first that failed it keeps the
    number, plus 1, and whether the candidate was still there (`is_there`): if so, no limit that is
    hit later is why the check failed. The last number says whether the check ran to its end.
    """

    def __init__(self, is_there: Callable[[], bool]) -> None:
        self._is_there = is_there
        self._number = self._begun = self._passed = self._failed = self._decided = 0
        self._whole = 0
        first = frame(encode(NO_COUNTS))
        self._place = first.index(NO_COUNTS.encode())
        with open(RESULTS, "wb", closefd=False) as file:
            file.write(first)

    @property
    def failed(self) -> bool:
        """Whether a test has failed."""
        return self._failed > 0

    def __call__(self, number: int) -> "MarkedTests":
        """The context manager of the test with this number."""
        self._number = number
        return self

    def __enter__(self) -> None:
        self._begun += 1
        self._write()

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            self._passed += 1
        elif not self._failed:
            self._failed, self._decided = self._number + 1, int(self._is_there())
            report_error(error)
        self._write()
        return True

    def end(self) -> None:
        """The check has run to its end."""
        self._whole = 1
        self._write()

    def _write(self) -> None:
        counts = self._begun, self._passed, self._failed, self._decided, self._whole
        text = "".join([f"{count:{DIGITS}}" for count in counts])
        with Caught():  # under gVisor results are a pipe, which has no places: then there are none
            os.pwrite(RESULTS, text.encode(), self._place)
