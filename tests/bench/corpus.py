"""How fast `quire corpus` is, in turn with other commands that do the same job.

    python tests/bench/corpus.py FILES [--rounds 2] [--other 'NAME=COMMAND' …]

FILES is a folder of Parquet with repo, path, content. Every round runs everything once; the table
shows medians. Compare CPU seconds of one run of this program, never of two machines.
"""

import argparse
import shlex
import tempfile
from pathlib import Path
from statistics import median

from measure import Measured, corpus_command, measure

JOBS = [(dedup, workers) for dedup in ("exact", "near") for workers in (1, 2)]


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--other", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        commands = {
            f"quire {dedup}, {workers} worker{'s' * (workers > 1)}": corpus_command(
                Path(scratch, "data"), options.files, dedup, workers
            )
            for dedup, workers in JOBS
        }
        for other in options.other:
            name, _, command = other.partition("=")
            commands[name] = shlex.split(command)
        # The first run of a new installation compiles the kernels; it is not counted.
        measure(commands["quire near, 1 worker"], Path(scratch, "log"))
        print_table(rounds(commands, options.rounds, Path(scratch, "log")))


def rounds(commands: dict[str, list[str]], count: int, log: Path) -> dict[str, list[Measured]]:
    """Every command once a round."""
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            found[name].append(measure(command, log))
    return found


def print_table(found: dict[str, list[Measured]]) -> None:
    """Medians as Markdown."""
    print("| run | CPU-s | wall s | peak MB |\n|---|---:|---:|---:|")
    for name, runs in found.items():
        cpu, wall, peak = (
            median(getattr(run, f) for run in runs) for f in ("cpu", "wall", "peak_mb")
        )
        print(f"| {name} | {cpu:.1f} | {wall:.1f} | {peak:,.0f} |")


if __name__ == "__main__":
    main()
