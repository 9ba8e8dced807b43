"""How fast `quire feed` is, in turn with tiktoken on the same texts.

    python tests/bench/feed.py FILES [--rounds 2]

FILES is a folder of Parquet with repo, path, content. Its corpus and functions are made first and
not counted. `quire feed` counts with all it does, from start to commit: examples in their order,
files of tokens, rejects; tiktoken does nothing but encode texts that are in memory. Compare within
one run of this program, never between machines.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq
from measure import Measured, corpus_command, measure, quire

from transforms.feed.tokenizers.published import P50K_BASE
from transforms.feed.tokenizers.ranked_tokenizer import ranked_tokenizer
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage

RUNS = {
    "quire feed, 1 worker": ("--workers=1",),
    "quire feed, 2 workers": ("--workers=2",),
    "quire feed --window 2048 --fim 0.5, 1 worker": ("--workers=1", "--window=2048", "--fim=0.5"),
}


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data, log = Path(scratch, "data"), Path(scratch, "log")
        measure(corpus_command(data, options.files, "near", 2), log)
        measure(quire("functions", data, "--workers", 2), log)
        measure(feed(data, "--workers=2"), log)  # the first run compiles the kernels
        total = text_bytes(data)
        print("| run | MB | CPU-s | MB per CPU-s | wall s | peak MB |\n|---|---:|---:|---:|---:|---:|")
        for name, flags in RUNS.items():
            found = [measure(feed(data, *flags), log) for _ in range(options.rounds)]
            print_row(name, total, found)
        print_row("tiktoken, one thread", *tiktoken_alone(data, options.rounds))


def feed(data: Path, *flags: str) -> list[str]:
    """quire feed, anew."""
    return quire("feed", data, *flags, "--overwrite")


def text_bytes(data: Path) -> int:
    """The bytes of all examples."""
    with connect(Storage(str(data))) as connection:
        [(total,)] = connection.execute("SELECT sum(text_bytes) FROM tokens").fetchall()
    return int(total)


def tiktoken_alone(data: Path, rounds: int) -> tuple[int, list[Measured]]:
    """The bytes of one shard of examples, and what encoding them takes."""
    shard = min((data / "examples").glob("*.parquet"))
    rows = pq.read_table(shard, columns=["prompt", "completion"]).to_pylist()
    texts = [row["prompt"] + row["completion"] for row in rows]
    encoding = ranked_tokenizer(P50K_BASE).tiktoken
    found = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.monotonic()
        for text in texts:
            encoding.encode_to_numpy(text, disallowed_special=())
        found.append(Measured(time.process_time() - cpu, time.monotonic() - wall, 0))
    return sum(len(text.encode()) for text in texts), found


def print_row(name: str, total: int, found: list[Measured]) -> None:
    """One row of the table: medians of the rounds."""
    cpu = median(each.cpu for each in found)
    wall = median(each.wall for each in found)
    peak = median(each.peak_mb for each in found)
    mb = total / 1e6
    print(f"| {name} | {mb:.1f} | {cpu:.1f} | {mb / cpu:.1f} | {wall:.1f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
