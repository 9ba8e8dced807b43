"""One command of git: bounded in time, memory and disk, with no settings but those given here."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from transforms.crawl.git.failures import failure
from transforms.crawl.git_folder import ENVIRONMENT
from transforms.lib.network.fetch import FetchError

MEMORY_KIB = 2 << 20  # of a process: a small pack may hold a delta that makes an object of any size
WATCH_SECONDS = 0.02, 0.2  # between two looks at the folder, first and at last
FILE_BLOCK = 512  # bytes, in which sh counts the size of a file
SAID_BYTES = 1 << 16  # of what git says of an error
# sh sets the limits, since code between fork and exec is unsafe where there are threads. `timeout`
# ends git also if this process is killed meanwhile.
LIMITED = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; shift 2; exec "$@"'
OWN_ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
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
    "maintenance.auto": "false",
    "pack.threads": "1",
    "transfer.bundleURI": "false",
}

# A repository with no remote, so that what is left at a server is just missing.
CONFIG = "[core]\nrepositoryformatversion = 0\nbare = true\n"


@dataclass(frozen=True)
class Git:
    """A bare repository in `folder`, which its owner removes.

    `end` is when all commands must have ended, in the seconds of time.monotonic(); `max_bytes` what
    the folder, or the answer of one command, may hold.
    """

    folder: str
    end: float
    max_bytes: int

    def begin(self) -> None:
        """Make the repository, empty, in its folder."""
        for name in ("objects", "refs"):
            os.mkdir(os.path.join(self.folder, name))
        self._write("HEAD", "ref: refs/heads/none\n")
        self.forget_remotes()

    def forget_remotes(self) -> None:
        """Have git know no server from which it could fetch what is missing."""
        self._write("config", CONFIG)

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def run(self, *arguments: str, **more: Any) -> bytes:
        """As `answer`, the whole of it."""
        with self.answer(*arguments, **more) as answer:
            return answer.read()

    @contextlib.contextmanager
    def answer(
        self,
        *arguments: str,
        lines: Iterable[str] = (),
        network: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Iterator[IO[bytes]]:
        """What a command answers to `lines`, as a file; FetchError if it fails or is too dear.

        It connects to no server, unless `network`, variables of its environment, allows that.
        """
        places = {"PATH": os.environ.get("PATH", os.defpath), "HOME": self.folder}
        environment = ENVIRONMENT | OWN_ENVIRONMENT | places | {"GIT_DIR": self.folder}
        environment |= _as_variables(SETTINGS | dict(settings or {})) | dict(network or {})
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
            asked.writelines(f"{line}\n".encode() for line in lines)
            asked.seek(0)
            with tempfile.TemporaryFile() as answer:
                process = subprocess.Popen(
                    [*self._limits(), *arguments],
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
                if process.returncode and self._bytes(answer) >= self.max_bytes:
                    raise self._too_big()
                if process.returncode:
                    raise failure(_last_bytes(said), process.returncode)
                answer.seek(0)
                yield answer

    def _limits(self) -> list[str]:
        """The words before those of a command: its limits, and git itself."""
        git, seconds = shutil.which("git"), self.end - time.monotonic()
        if git is None:
            raise FetchError("unreadable", "git is not installed on this machine")
        if seconds <= 0:
            raise FetchError("timeout", "no end in time")
        limits = [str(MEMORY_KIB), str(self.max_bytes // FILE_BLOCK + 1)]
        words = ("timeout", "--signal=KILL", f"{seconds:.2f}", "sh", "-c", LIMITED, "sh")
        return [*words, *limits, git]

    def _watch(self, process: subprocess.Popen, answer: IO[bytes]) -> None:
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
            if self._bytes(answer) > self.max_bytes:
                raise self._too_big()

    def _bytes(self, answer: IO[bytes]) -> int:
        """What the folder, or the answer, takes of the disk; the larger of the two."""
        return max(_bytes_below(self.folder), os.fstat(answer.fileno()).st_size)

    def _too_big(self) -> FetchError:
        return FetchError("too_big", f"over {self.max_bytes} bytes")


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


def _last_bytes(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - SAID_BYTES))
    return said.read().decode("utf-8", "replace")


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
