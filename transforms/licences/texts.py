"""SPDX ids of a licence text, by spdx-matcher in a process of its own.

The patterns of spdx-matcher backtrack: a text made for it holds a process for hours, and a thread
of a worker cannot be interrupted. Here a text may take CPU_SECONDS, and is given up after that.
"""

import functools
import json
import math
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import Any

CPU_SECONDS = 10  # bundles of many licences take some; a single licence takes a hundredth of one
# Most patterns begin with an optional title and up to 5,000 characters of copyright notice. They
# are searched for, so that without this beginning they match the same texts, 20 times as fast.
NOTICE = re.compile(
    r"(\[ \]\*|\(\|[^()]*(\((?:[^()]|\([^()]*\))*\)[^()]*)*\))*\(\?P<\w+>\.\{0,5000\}\)"
)


class _Matcher:
    """The process, started when it is first asked; one text at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def ask(self, text: str) -> list[str] | None:
        with self._turn:
            if self._process is None:
                self._process = _start()
            assert self._process.stdin and self._process.stdout
            print(json.dumps([text, CPU_SECONDS]), file=self._process.stdin, flush=True)
            if answer := self._process.stdout.readline():
                ids: list[str] = json.loads(answer)
                return ids
            status, self._process = self._process.wait(), None
        if status != -signal.SIGXCPU:
            raise RuntimeError(f"the licence matcher ended with {status}")
        return None


def _start() -> subprocess.Popen[str]:
    # In a session of its own: Ctrl-C is for the parent, whose end is the end of its input.
    # Its package imports it before it is run as a program, which is no reason for a warning.
    command = [sys.executable, "-P", "-W", "ignore", "-m", __name__]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


_matcher = _Matcher()


@functools.lru_cache(64)
def spdx_ids(text: str) -> list[str] | None:
    """Ids of the licences in a text, sorted; None if it took too long."""
    return _matcher.ask(text) if text.strip() else []


def _serve() -> None:
    """A text and its seconds a line in, as JSON; its ids a line out."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    patterns = _Patterns()
    for line in sys.stdin:
        text, seconds = json.loads(line)
        used = math.ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, most))
        print(json.dumps(patterns.identify(text)), flush=True)


class _Patterns:
    """spdx-matcher with its patterns made fast, and asked only for licences that may match."""

    def __init__(self) -> None:
        import spdx_matcher  # takes a while and much memory: only this process has it

        self._spdx: Any = spdx_matcher
        self._index, self._known = spdx_matcher._load_license_analyser_cache()
        for kind in ("licenses", "exceptions"):
            for known in self._known[kind].values():
                for patterns in _patterns(known):
                    patterns["regexps"][0] = NOTICE.sub("", patterns["regexps"][0], count=1)

    def identify(self, text: str) -> list[str]:
        plain = self._spdx.normalize(text, remove_sections=self._spdx.REMOVE_NONE)
        unlikely = [
            [name for name in self._index[kind] if not _likely(self._known[kind][name], plain)]
            for kind in ("licenses", "exceptions")
        ]
        analysis, _ = self._spdx.analyse_license_text(text, *unlikely)
        return sorted(_told_apart(set(analysis["licenses"])))


def _patterns(known: dict) -> list[dict]:
    return [found for part in ("header", "text") if (found := known[part].get("regexpForMatch"))]


def _likely(known: dict, plain: str) -> bool:
    """Whether all fixed parts of a licence are in a text, in order: what the matcher asks first."""
    return any(_in_order(patterns["finger_prints"], plain) for patterns in _patterns(known))


def _in_order(parts: list[str], plain: str) -> bool:
    at = 0
    for part in parts:
        at = plain.find(part, at) + len(part)
        if at < len(part):
            return False
    return True


def _told_apart(ids: set[str]) -> set[str]:
    """Without what a licence's text cannot say: its own "or later" and its optional exhibits."""
    later = {name.removesuffix("-only") + "-or-later" for name in ids if name.endswith("-only")}
    return ids - later - {name + "-no-copyleft-exception" for name in ids}


if __name__ == "__main__":
    _serve()
