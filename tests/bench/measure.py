"""One command measured: seconds of CPU of its whole process tree, wall seconds, peak memory."""

import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """CPU and wall seconds, and the largest sum of resident memory of the tree in MB."""

    cpu: float
    wall: float
    peak_mb: float


def measure(command: list[str], log: Path) -> Measured:
    """Run a command to its end; its output goes to `log`, and ends this program if it fails."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        peak = [0]
        watch = threading.Thread(target=_watch, args=(process, peak), daemon=True)
        watch.start()
        code = process.wait()
        watch.join()
    if code:
        sys.exit(f"{' '.join(command)}: exit {code}, see {log}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(cpu, time.monotonic() - begin, peak[0] / 1e6)


def _watch(process: subprocess.Popen, peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], _tree(process.pid))
        time.sleep(SAMPLE_SECONDS)


def _tree(pid: int) -> int:
    try:
        root = psutil.Process(pid)
        return sum(_resident(each) for each in (root, *root.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def quire(*arguments: object) -> list[str]:
    """The command line of quire in this Python."""
    return [sys.executable, "-m", "pipelines.cli", *map(str, arguments)]


def corpus_command(data: Path, files: Path, dedup: str, workers: int) -> list[str]:
    """quire corpus over a folder of Parquet files, anew."""
    pattern = os.path.join(files, "*.parquet")
    return quire(
        "corpus", data, "--files", pattern, "--dedup", dedup, "--workers", workers, "--overwrite"
    )
