"""A child process that may be killed, for code that can hang or crash on hostile input.

The process reads one question a line and writes one answer a line, both JSON. An answer may take a
limited number of CPU seconds. A process that takes longer, or crashes, is replaced at the next
question. A thread would not do: it cannot be interrupted, and a crash in it ends the worker.
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


class ProcessDied(Exception):
    """The process ended instead of answering; `took_too_long` says that its CPU limit ended it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the process ended with {status}")
        self.status = status
        self.took_too_long = status == -signal.SIGXCPU


class KillableProcess:
    """A process that runs `module` as a program, started at the first question.

    The program must call `serve`. Threads may share the process: questions wait for one another.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, question: Any, cpu_seconds: int) -> Any:
        """The answer to a question; raises ProcessDied if the process ends without one."""
        with self._lock:
            if self._process is None:
                self._process = self._start()
            if answer := self._exchange(self._process, json.dumps([question, cpu_seconds])):
                return json.loads(answer)
            with contextlib.suppress(BrokenPipeError), self._process:
                pass  # its pipes are closed, and its end is awaited
            status, self._process = self._process.returncode, None
        raise ProcessDied(status)

    @staticmethod
    def _exchange(process: "subprocess.Popen[str]", line: str) -> str:
        """The line that the process answers; empty if it has ended."""
        assert process.stdin and process.stdout
        with contextlib.suppress(BrokenPipeError):
            print(line, file=process.stdin, flush=True)
        return process.stdout.readline()

    def _start(self) -> "subprocess.Popen[str]":
        # In a session of its own, Ctrl-C does not reach it; it ends when its parent's pipe closes.
        # `-W ignore`: a package may have imported the module already, of which `-m` would warn.
        command = [sys.executable, "-P", "-W", "ignore", "-m", self._module]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def serve(answer: Callable[[Any], Any], memory: int | None = None) -> None:
    """Answer questions from stdin until it closes, in at most `memory` bytes of address space."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _, hard_limit = resource.getrlimit(resource.RLIMIT_CPU)
    for line in sys.stdin:
        question, seconds = json.loads(line)
        used = math.ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard_limit))
        print(json.dumps(answer(question)), flush=True)
