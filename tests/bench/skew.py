"""What a worker holds where a corpus is not even: peak memory of one worker, case by case.

    python tests/bench/skew.py [--scale 1.0]

identical     one repository with a million identical files
one family    100,000 files of one component: near duplicates of one another, or nearly so
row group     40 MB in one row group
repositories  200,000 repositories of one file each
"""

import argparse
import random
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from measure import corpus_command, measure

ROWS = 20_000  # in a row group
Row = tuple[str, str, str]


def words(seed: int, count: int) -> list[str]:
    """Random names."""
    numbers = random.Random(seed)
    return [f"name_{numbers.randrange(10**6)}" for _ in range(count)]


def identical(count: int) -> Iterator[Row]:
    """The same file over and over."""
    content = "\n".join(" ".join(words(1, 6)) for _ in range(5))
    yield from (("same", f"{i}.py", content) for i in range(count))


def one_family(count: int) -> Iterator[Row]:
    """Each file differs from the family's first in one to a third of its lines."""
    lines = [" ".join(words(i, 6)) for i in range(60)]
    numbers = random.Random(2)
    for i in range(count):
        mine = list(lines)
        for place in numbers.sample(range(60), numbers.choice([1, 2, 3, 8, 20])):
            mine[place] = f"changed_{i}_{place} " + " ".join(words(i * 60 + place, 5))
        yield f"project{i % 1000}", f"{i}.py", "\n".join(mine)


def repositories(count: int) -> Iterator[Row]:
    """One file each, like no other."""
    for i in range(count):
        yield (
            f"owner{i}/project{i}",
            "main.py",
            "\n".join(" ".join(words(i * 9 + j, 6)) for j in range(8)),
        )


def row_group(count: int) -> Iterator[Row]:
    """Large files, which share one row group."""
    for i in range(count):
        yield "large", f"{i}.py", "\n".join(" ".join(words(i * 9000 + j, 6)) for j in range(8000))


CASES = {
    "identical": (identical, 1_000_000, ROWS),
    "one family": (one_family, 100_000, ROWS),
    "row group": (row_group, 64, 10**6),
    "repositories": (repositories, 200_000, ROWS),
}
SCHEMA = pa.schema([(name, pa.string()) for name in ("repo", "path", "content")])


def write(rows: Iterator[Row], target: Path, group: int) -> int:
    """Rows as a Parquet file; returns their bytes."""
    size = 0
    with pq.ParquetWriter(target, SCHEMA, compression="zstd") as writer:
        while part := list(islice(rows, group)):
            table = pa.table(list(zip(*part, strict=True)), schema=SCHEMA)
            size += table["content"].nbytes
            writer.write_table(table, row_group_size=group)
    return size


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of files")
    options = parser.parse_args()
    print(
        "| case | files | MB | kept | CPU-s | wall s | peak MB |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for name, (make, count, group) in CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            files, data = Path(scratch, "files"), Path(scratch, "data")
            files.mkdir()
            count = int(count * options.scale)
            size = write(make(count), files / "0.parquet", group) / 1e6
            found = measure(corpus_command(data, files, "near", 1), Path(scratch, "log"))
            kept = pq.read_table(data / "corpus", columns=["repo"]).num_rows
            print(
                f"| {name} | {count:,} | {size:,.0f} | {kept:,} | {found.cpu:.1f} "
                f"| {found.wall:.1f} | {found.peak_mb:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
