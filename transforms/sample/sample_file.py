"""The file that samples are appended to by whole lines, so that a killed run can go on."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

from transforms.lib.errors import UsageError
from transforms.sample.endpoint import Completion, Settings

TAIL_BYTES = 1 << 16  # read at a time, from the end, to find the last whole line


@dataclass
class SampleFile:
    """Samples of one run or of several, all drawn with the same settings."""

    path: str
    settings: Settings

    def begin(self, *, resume: bool, overwrite: bool) -> Counter[str]:
        """Prepare the file to be appended to; returns how many samples each task has in it.

        Raises UsageError if the file exists and neither flag is given, or if its samples were
        drawn with other settings.
        """
        if overwrite or not os.path.exists(self.path):
            with open(self.path, "wb"):
                return Counter()
        if not resume:
            raise UsageError(
                f"{self.path}: this file exists already; "
                "--resume adds what is missing, --overwrite starts anew"
            )
        self._drop_torn_line()
        return self._counts()

    def _drop_torn_line(self) -> None:
        """Cut off a last line without its end, as a killed run may leave it."""
        with open(self.path, "r+b") as file:
            end = file.seek(0, os.SEEK_END)
            while end:
                start = max(0, end - TAIL_BYTES)
                file.seek(start)
                newline = file.read(end - start).rfind(b"\n")
                if newline >= 0:
                    file.truncate(start + newline + 1)
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
        """The task id in a line of an earlier run.

        Raises UsageError if `quire sample` did not write the line, or wrote it with other settings.
        """
        try:
            row = json.loads(line)
            task_id, drawn = row["task_id"], {name: row[name] for name in vars(self.settings)}
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{self.path}: line {number}: not written by `quire sample`"
            ) from error
        for name, value in vars(self.settings).items():
            if drawn[name] != value:
                raise UsageError(
                    f"{self.path}: line {number}: field {name!r} is {drawn[name]!r}, "
                    f"now {value!r}; all samples of a file must be drawn with the same settings"
                )
        return str(task_id)

    def append(self, task_id: str, completions: list[Completion]) -> None:
        """Append samples of a task; they are on disk when this returns."""
        lines = (json.dumps(self._row(task_id, each)) + "\n" for each in completions)
        with open(self.path, "ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())

    def _row(self, task_id: str, completion: Completion) -> dict[str, Any]:
        row = {"task_id": task_id, "completion": completion.text} | vars(self.settings)
        return row if completion.logprobs is None else row | {"logprobs": completion.logprobs}
