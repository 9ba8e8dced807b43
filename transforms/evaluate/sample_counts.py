"""What an evaluation must know of a file of samples before it runs them, found in one reading."""

import hashlib
import io
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from transforms.lib.completions.logprobs import LogProbs
from transforms.lib.completions.samples import Sample, read_samples
from transforms.lib.records.input_files import digest
from transforms.lib.skeleton.storage import open_input

READ_BYTES = 1 << 20  # of the file at a time


@dataclass(frozen=True)
class SampleCounts:
    """Counts of the samples in a file.

    `by_task` has the number of samples of each task, in the order in which tasks first occur,
    `without_logprobs` how many samples give no log-probability; `sha256` is that of the whole file.
    `empty` are samples of nothing but blanks, `uniform` the tasks with several samples, all equal.
    """

    by_task: Mapping[str, int]
    without_logprobs: int
    sha256: str
    empty: int = 0
    uniform: int = 0

    @property
    def total(self) -> int:
        """How many samples there are."""
        return sum(self.by_task.values())

    @property
    def fewest(self) -> tuple[str, int]:
        """The first task that has the fewest samples, and how many it has."""
        return min(self.by_task.items(), key=lambda item: item[1])


class _DigestedFile(io.RawIOBase):
    """A file that is digested while it is read."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file, self.sha256 = open_input(path), hashlib.sha256()

    def readable(self) -> bool:
        """True, as BufferedReader requires."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes into the buffer; returns their number, 0 at the end of the file."""
        size: int = self._file.readinto(buffer)
        self.sha256.update(memoryview(buffer)[:size])
        return size

    def tell(self) -> int:
        """How many bytes were read."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file; `sha256` stays."""
        self._file.close()
        super().close()


def count_samples(
    path: str, tasks: Collection[str], where: str, limit: int | None = None, shape: str = ""
) -> SampleCounts:
    """The counts of the samples in a file or folder, or of the first `limit` of them.

    `tasks`, `where` and `shape` are those of `read_samples`, whose UsageError it raises for a
    faulty file.
    """
    if os.path.isdir(path):
        samples = read_samples(path, tasks, where, shape=shape)
        counted = _counted(islice(samples, limit))  # which finds pipes and devices
        return SampleCounts(sha256=digest(path), **counted)
    digested = _DigestedFile(path)
    with io.BufferedReader(digested, READ_BYTES) as file:
        # It closes the file after the last one.
        samples = read_samples(path, tasks, where, file, shape=shape)
        counted = _counted(islice(samples, limit))
        while not file.closed and file.read(READ_BYTES):
            pass  # the digest is of the whole file, however many samples are used
    return SampleCounts(sha256=digested.sha256.hexdigest(), **counted)


def _counted(samples: Iterable[Sample]) -> dict[str, Any]:
    """The fields of SampleCounts that follow from the samples."""
    by_task, without_logprobs, empty = Counter[str](), 0, 0
    first: dict[str, str] = {}  # text of the first sample of each task
    varied = set[str]()  # tasks whose samples differ
    for sample in samples:
        by_task[sample.task_id] += 1
        without_logprobs += sample.logprobs == LogProbs()
        empty += not sample.completion.strip()
        if first.setdefault(sample.task_id, sample.completion) != sample.completion:
            varied.add(sample.task_id)
    uniform = sum(n > 1 and task not in varied for task, n in by_task.items())
    return {
        "by_task": by_task,
        "without_logprobs": without_logprobs,
        "empty": empty,
        "uniform": uniform,
    }
