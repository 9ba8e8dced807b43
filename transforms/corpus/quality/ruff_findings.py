"""How many findings ruff has in each of some files: one process for all, in bounds that kill it.

The files are hostile text and ruff is a parser, so it runs with limits of time and memory. Where it
dies, the files are halved until the one that kills it is alone.
"""

import contextlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from transforms.lib.errors import UsageError

# What pylint finds with the flags of SwallowCode, as far as ruff has rules like it.
RULES = "A,ARG,B,BLE,C4,D101,E4,E7,E9,F,G,PL,RET505,SLF,UP008,UP031,UP032,W"
NOT_PYLINT = "PLR2004"  # magic numbers: an extension of pylint, off by default
TARGET = "py314"  # the newest Python that every ruff of the extra knows
CPU_SECONDS = 10  # for all files of a batch, of 8 MB at most; real ones take half a second
MEMORY_BYTES = 4_000_000_000  # of address space
COMMAND = (
    "check --isolated --no-cache --exit-zero --ignore-noqa --no-fix --output-format=concise "
    f"--select={RULES} --ignore={NOT_PYLINT} --target-version={TARGET}"
)


def ruff_version() -> str:
    """The version of ruff. Raises UsageError if it is not installed."""
    try:
        return version("ruff")
    except PackageNotFoundError:
        raise UsageError("--signals ruff needs ruff: pip install 'quire[ruff]'") from None


def ruff_findings(texts: Sequence[str]) -> list[int | None]:
    r"""The number of findings in each text; None for one that ruff does not survive.

    >>> ruff_findings(["import os\n", "x = 1\n"])
    [1, 0]
    """
    if not texts:
        return []
    counts = _counts(texts)
    if counts is not None:
        return [*counts]
    if len(texts) == 1:
        return [None]
    half = len(texts) // 2
    return ruff_findings(texts[:half]) + ruff_findings(texts[half:])


def _counts(texts: Sequence[str]) -> list[int] | None:
    """The number of findings in each text; None if ruff does not end well."""
    with tempfile.TemporaryDirectory(prefix="quire-ruff-") as folder:
        names = [f"f{number:06d}.py" for number in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            Path(folder, name).write_bytes(text.encode())
        with subprocess.Popen(
            [_program(), *COMMAND.split(), "--", *names],
            cwd=folder,
            env={"RAYON_NUM_THREADS": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            _limit(process.pid)
            assert process.stdout
            found = dict.fromkeys((name.encode() for name in names), 0)
            for line in process.stdout:
                name_of_line = line.partition(b":")[0]
                if name_of_line in found:
                    found[name_of_line] += 1
        return [*found.values()] if process.returncode == 0 else None


def _program() -> str:
    """The path of ruff's program."""
    from ruff import find_ruff_bin

    return os.fsdecode(find_ruff_bin())


def _limit(process: int) -> None:
    """Limit a process that has just begun; from outside, as a fork of threads runs no Python."""
    with contextlib.suppress(ProcessLookupError):  # it has ended
        resource.prlimit(process, resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.prlimit(process, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))
