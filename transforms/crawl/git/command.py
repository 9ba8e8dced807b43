"""One command of git: bounded in time, memory and disk, with no settings but those given here."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from transforms.crawl.git.failures import failure
from transforms.lib.network.fetch import FetchError

MEMORY_KIB = 2 << 20  # of a process: a small pack may hold a delta that makes an object of any size
WATCH_SECONDS = 0.02, 0.2  # between two looks at the folder, first and at last
SAID_BYTES = 1 << 16  # of what git says of an error
# sh sets the limits, since code between fork and exec is unsafe where there are threads. `timeout`
# ends git also if this process is killed meanwhile.
LIMITED = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; shift 2; exec "$@"'
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "LC_ALL": "C",
}
SETTINGS = {
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "fetch.fsckObjects": "false",  # what is odd in a tree shall be told, file by file
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",  # a pack on disk is as large as it was on the wire
    "gc.auto": "0",
    "init.defaultBranch": "none",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "protocol.allow": "never",
    "safe.directory": "*",
}


@dataclass(frozen=True)
class Git:
    """The bare repository in `folder`, which its owner removes.

    `end` is when all commands must have ended, in the seconds of time.monotonic(); `max_bytes` what
    the folder, or the answer of one command, may hold.
    """

    folder: str
    end: float
    max_bytes: int

    def run(
        self,
        *arguments: str,
        lines: bytes = b"",
        network: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> BinaryIO:
        """What a command answers to `lines`, as a file; FetchError if it fails or is too dear.

        With `network`, variables of the environment, it may connect to servers.
        """
        git = shutil.which("git")
        if git is None:
            raise FetchError("unreadable", "git is not installed on this machine")
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise FetchError("timeout", "no end in time")
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": self.folder}
        environment |= ENVIRONMENT | _as_variables(SETTINGS | dict(settings or {}))
        environment |= {"GIT_DIR": self.folder} | dict(network or {"GIT_ALLOW_PROTOCOL": "none"})
        limits = [str(MEMORY_KIB), str(self.max_bytes // 512 + 1)]
        argv = ["timeout", "--signal=KILL", f"{seconds:.2f}", "sh", "-c", LIMITED, "sh", *limits]
        answer = tempfile.TemporaryFile(dir=self.folder)
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
            asked.write(lines)
            asked.seek(0)
            process = subprocess.Popen(
                [*argv, git, *arguments],
                stdin=asked,
                stdout=answer,
                stderr=said,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
            )
            try:
                self._watch(process, answer)
            finally:
                _end(process)
            if process.returncode:
                size = said.seek(0, os.SEEK_END)
                said.seek(max(0, size - SAID_BYTES))
                raise failure(said.read().decode("utf-8", "replace"), process.returncode)
        answer.seek(0)
        return answer

    def _watch(self, process: subprocess.Popen, answer: BinaryIO) -> None:
        """Wait until it ends; FetchError if it takes too long, or too much room on the disk."""
        pause, slowest = WATCH_SECONDS
        while True:
            try:
                process.wait(pause)
                return
            except subprocess.TimeoutExpired:
                pause = min(2 * pause, slowest)
            if time.monotonic() > self.end:
                raise FetchError("timeout", "no end in time")
            if max(_bytes_below(self.folder), os.fstat(answer.fileno()).st_size) > self.max_bytes:
                raise FetchError("too_big", f"over {self.max_bytes} bytes")


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings of git as variables of its environment: no other process can read them."""
    pairs = list(settings.items())
    names = {f"GIT_CONFIG_KEY_{i}": name for i, (name, _) in enumerate(pairs)}
    values = {f"GIT_CONFIG_VALUE_{i}": value for i, (_, value) in enumerate(pairs)}
    return {"GIT_CONFIG_COUNT": str(len(pairs)), **names, **values}


def _end(process: subprocess.Popen) -> None:
    """End a command with all processes that it has started, if it has not ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _bytes_below(folder: str) -> int:
    """The bytes of all files below a folder, in which git makes and moves files meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                continue
    return total
