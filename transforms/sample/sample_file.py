"""The file that samples are appended to by whole lines, so that a killed run can go on."""

import contextlib
import fcntl
import json
import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.sample.endpoint.choices import Completion
from transforms.sample.endpoint.decoding_settings import OPTIONAL, Settings
from transforms.sample.tasks import Prompt

TAIL_BYTES = 1 << 16  # read at a time, from the end, to find the last whole line
OLDER = ("number", "stop", "endpoint")  # fields without which an older version wrote its lines


@dataclass
class SampleFile:
    """Samples of one run or of several, all drawn with the same settings from one endpoint."""

    path: str
    settings: Settings
    endpoint: str
    _file: BinaryIO | None = None  # open, and locked, from `begin` to `end`

    def begin(
        self, prompts: Sequence[Prompt], *, resume: bool, overwrite: bool
    ) -> dict[str, set[int]]:
        """Prepare the file to be appended to; returns the numbers of the samples each task has.

        Raises UsageError if the file holds anything and neither flag is given, if its samples were
        drawn with other settings, or if another run writes to it.
        """
        self._anew = overwrite
        self._stops = {prompt.task_id: list(prompt.stops) for prompt in prompts}
        self._file = self._opened()  # what cannot be written must fail before anything is drawn
        if overwrite or not os.path.getsize(self.path):
            return {}
        if not resume:
            raise UsageError(
                f"{self.path}: this file exists already; "
                "--resume adds what is missing, --overwrite starts anew"
            )
        self._drop_torn_line()
        return self._numbers()

    def _opened(self) -> BinaryIO:
        """The file, for this run alone: a second run would draw the same samples into it again."""
        file = open(self.path, "ab")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise UsageError(f"{self.path}: another `quire sample` writes to it") from error
        except OSError:  # a file system without locks
            pass
        return file

    def end(self) -> None:
        """Close the file; a run that drew nothing leaves no empty one behind."""
        if self._file:
            with contextlib.suppress(OSError):  # what cannot be written was said already
                if os.path.isfile(self.path) and not os.path.getsize(self.path):
                    os.remove(self.path)
                self._file.close()

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

    def _numbers(self) -> dict[str, set[int]]:
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        with open(self.path, "rb") as file:
            for line_number, line in enumerate(file, 1):
                task_id, number = self._checked(f"{self.path}: line {line_number}", line)
                numbers[task_id].add(number)
        return numbers

    def _checked(self, where: str, line: bytes) -> tuple[str, int]:
        """The task id and the number in a line of an earlier run.

        Raises UsageError if `quire sample` did not write the line, or wrote it with other settings.
        """
        try:
            row = json.loads(line)
            task_id, number = str(row["task_id"]), row.get("number", 0)
            _ = row["model"], row["temperature"], row["top_p"], row["max_tokens"]
            if type(number) is not int:
                raise TypeError("number")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"{where}: not written by `quire sample`") from error
        for name in OLDER:
            if name not in row:
                raise UsageError(
                    f"{where}: no field {name!r}: an older `quire sample` wrote it, which did not "
                    "record all that its samples depend on; write to another --out"
                )
        self._compare(where, row, task_id)
        return task_id, number

    def _compare(self, where: str, row: dict[str, Any], task_id: str) -> None:
        """Raises UsageError if a sample was drawn in another way than those of this run."""
        drawn: dict[str, Any] = dict.fromkeys(OPTIONAL) | row | {"logprobs": "logprobs" in row}
        now = dict.fromkeys(OPTIONAL) | self._recorded(task_id, row["stop"])
        for name, value in (now | {"logprobs": self.settings.logprobs}).items():
            if drawn[name] != value:
                raise UsageError(
                    f"{where}: field {name!r} is {drawn[name]!r:.200}, now {value!r:.200}; "
                    "all samples of a file must be drawn with the same settings"
                )

    def _recorded(self, task_id: str, default_stop: Any = ()) -> dict[str, Any]:
        """What each sample of a task records of how it was drawn."""
        stop = self._stops.get(task_id, default_stop)
        return self.settings.recorded() | {"stop": stop, "endpoint": self.endpoint}

    def append(
        self, prompt: Prompt, numbers: Sequence[int], completions: Sequence[Completion]
    ) -> None:
        """Append samples of a task; they are on disk when this returns."""
        rows = (self._row(prompt, *each) for each in zip(numbers, completions, strict=True))
        content = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows).encode()
        try:
            self._write(content)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from error

    def _write(self, content: bytes) -> None:
        assert self._file is not None, "begin() comes first"
        if self._anew:
            self._file.truncate(0)
            self._anew = False
        self._file.write(content)
        self._file.flush()
        if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):  # no pipe or device
            os.fsync(self._file.fileno())

    def _row(self, prompt: Prompt, number: int, drawn: Completion) -> dict[str, Any]:
        field = "response" if self.settings.chat else "completion"
        row = {"task_id": prompt.task_id, field: drawn.text, "finish_reason": drawn.finish_reason}
        if drawn.reasoning is not None:
            row["reasoning"] = drawn.reasoning
        row |= {"number": number, "seed": drawn.seed} | self._recorded(prompt.task_id)
        return row if drawn.logprobs is None else row | {"logprobs": drawn.logprobs.values}
