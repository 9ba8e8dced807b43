"""A file of samples that grows by whole lines: a killed run leaves nothing half."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

from transforms.lib.errors import UsageError
from transforms.sample.endpoint import Completion, Settings

TAIL = 1 << 16  # bytes that are looked through for the end of the last whole line


@dataclass
class SampleFile:
    """Samples of one run or several, drawn alike."""

    path: str
    settings: Settings

    def begin(self, *, resume: bool, overwrite: bool) -> Counter[str]:
        """Make it ready to be appended to; how many samples it has of each task.

        UsageError if there is one already and nobody said what to do with it, or if its samples
        were drawn in another way.
        """
        if overwrite or not os.path.exists(self.path):
            with open(self.path, "wb"):
                return Counter()
        if not resume:
            raise UsageError(f"{self.path}: is there; --resume goes on, --overwrite starts anew")
        self._drop_torn_line()
        return self._counts()

    def _drop_torn_line(self) -> None:
        with open(self.path, "r+b") as file:
            end = file.seek(0, os.SEEK_END)
            while end:
                start = max(0, end - TAIL)
                file.seek(start)
                last = file.read(end - start).rfind(b"\n")
                if last >= 0:
                    file.truncate(start + last + 1)
                    return
                end = start
            file.truncate(0)

    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, 1):
                counts[self._task_of(number, line)] += 1
        return counts

    def _task_of(self, number: int, line: bytes) -> str:
        """The task of a line that an earlier run wrote; UsageError if it did not."""
        try:
            row = json.loads(line)
            task_id, drawn = row["task_id"], {name: row[name] for name in vars(self.settings)}
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{self.path}: line {number}: no sample of quire's") from error
        for name, value in vars(self.settings).items():
            if drawn[name] != value:
                raise UsageError(
                    f"{self.path}: line {number}: field {name!r} is {drawn[name]!r}, "
                    f"now {value!r}; samples of one file are drawn alike"
                )
        return str(task_id)

    def append(self, task_id: str, completions: list[Completion]) -> None:
        """Add samples of a task, and have them on disk."""
        lines = (json.dumps(self._row(task_id, each)) + "\n" for each in completions)
        with open(self.path, "ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())

    def _row(self, task_id: str, completion: Completion) -> dict[str, Any]:
        row = {"task_id": task_id, "completion": completion.text} | vars(self.settings)
        return row if completion.logprobs is None else row | {"logprobs": completion.logprobs}
