"""How fast `quire functions` is, in turn with ast.parse and libcst on the same files.

    python tests/bench/functions.py FILES [--rounds 2] [--libcst-mb 4]

FILES is a folder of Parquet with repo, path, content. Its corpus is made first and not counted.
`quire functions` counts with all it does, from start to commit; the parsers do nothing but parse,
libcst only some of the files. Compare within one run of this program, never between machines.
"""

import argparse
import ast
import os
import random
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import libcst
import pyarrow.parquet as pq
from measure import Measured, corpus_command, measure, quire

WORKERS = (1, 2)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--libcst-mb", type=float, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data, log = Path(scratch, "data"), Path(scratch, "log")
        measure(corpus_command(data, options.files, "near", 2), log)
        measure(functions_command(data, 1), log)  # the first run compiles the kernels
        texts = contents(data)
        some = sample(texts, options.libcst_mb)
        print(
            "| run | MB | CPU-s | MB/s per core | wall s | peak MB |\n|---|---:|---:|---:|---:|---:|"
        )
        for workers in WORKERS:
            found = [measure(functions_command(data, workers), log) for _ in range(options.rounds)]
            print_row(f"quire functions, {workers} worker{'s' * (workers > 1)}", size(texts), found)
        for name, parse, given in (
            ("ast.parse", ast.parse, texts),
            ("libcst.parse_module", libcst.parse_module, some),
        ):
            print_row(name, size(given), [timed(parse, given) for _ in range(options.rounds)])


def functions_command(data: Path, workers: int) -> list[str]:
    """quire functions over a corpus, anew."""
    return quire("functions", data, "--workers", workers, "--overwrite")


def contents(data: Path) -> list[str]:
    """The files of a corpus."""
    shards = sorted((data / "corpus").glob("part-*"))
    return [
        text
        for shard in shards
        for text in pq.read_table(shard, columns=["content"])["content"].to_pylist()
    ]


def sample(texts: list[str], megabytes: float) -> list[str]:
    """Some files, the same at every run."""
    shuffled = random.Random(0).sample(texts, len(texts))
    taken: list[str] = []
    for text in shuffled:
        if size(taken) >= megabytes:
            break
        taken.append(text)
    return taken


def size(texts: list[str]) -> float:
    """Megabytes of UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6


def timed(parse: Callable[[str], object], texts: list[str]) -> Measured:
    """One parser over all texts in this process."""
    warnings.simplefilter("ignore")
    cpu, wall = os.times(), time.monotonic()
    for text in texts:
        try:
            parse(text)
        except (SyntaxError, libcst.ParserSyntaxError):
            continue
    after = os.times()
    return Measured(after.user + after.system - cpu.user - cpu.system, time.monotonic() - wall, 0)


def print_row(name: str, megabytes: float, found: list[Measured]) -> None:
    """The medians of some runs."""
    cpu, wall, peak = (
        median(getattr(run, field) for run in found) for field in ("cpu", "wall", "peak_mb")
    )
    print(
        f"| {name} | {megabytes:,.1f} | {cpu:.1f} | {megabytes / cpu:.2f} | {wall:.1f} | {peak:,.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
