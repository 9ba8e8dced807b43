"""A process that may be killed, for code that can hang or crash on what an enemy made.

One question a line goes in, one answer a line comes out, as JSON. An answer may take so many
seconds of CPU; a process that takes longer, or crashes, is replaced at the next question. A thread
of a worker could not be interrupted, and a crash would take the worker with it.
"""

import contextlib
import json
import math
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any


class Died(Exception):
    """The process ended instead of answering; `took_too_long` if it was for its CPU time."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the process ended with {status}")
        self.status = status
        self.took_too_long = status == -signal.SIGXCPU


class Killable:
    """The process of a module that calls `serve`, started when it is first asked."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def ask(self, question: Any, cpu_seconds: int) -> Any:
        """The answer to a question, one at a time; Died if there is none."""
        with self._turn:
            if self._process is None:
                self._process = self._start()
            if answer := self._exchange(self._process, json.dumps([question, cpu_seconds])):
                return json.loads(answer)
            with contextlib.suppress(BrokenPipeError), self._process:
                pass  # its pipes are closed, and its end is awaited
            status, self._process = self._process.returncode, None
        raise Died(status)

    @staticmethod
    def _exchange(process: "subprocess.Popen[str]", line: str) -> str:
        """One line in, one line out, which is empty if the process has ended."""
        assert process.stdin and process.stdout
        with contextlib.suppress(BrokenPipeError):
            print(line, file=process.stdin, flush=True)
        return process.stdout.readline()

    def _start(self) -> "subprocess.Popen[str]":
        # In a session of its own: Ctrl-C is for the parent, whose end is the end of its input.
        # A package may import the module before it is run as a program: no reason for a warning.
        command = [sys.executable, "-P", "-W", "ignore", "-m", self._module]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def serve(answer: Callable[[Any], Any], memory: int | None = None) -> None:
    """Answer questions until there are no more; in at most so many bytes of memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    for line in sys.stdin:
        question, seconds = json.loads(line)
        used = math.ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, most))
        print(json.dumps(answer(question)), flush=True)
