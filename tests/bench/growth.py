"""How time and memory of `quire corpus` grow with the corpus.

    python tests/bench/growth.py SMALL LARGE [--times 4]

SMALL and LARGE are folders of Parquet with repo, path, content. A third corpus is made of LARGE:
each copy has its letters turned by some places, so that sizes and similarities inside a copy are
those of LARGE, and no file is like one of another copy.
"""

import argparse
import string
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from measure import corpus_command, measure

TURN = 3  # places in the alphabet between one copy and the next


def turned(text: bytes, places: int) -> bytes:
    """Text with its lower-case letters turned in the alphabet: the same size, other words."""
    letters = string.ascii_lowercase
    table = bytes.maketrans(letters.encode(), (letters[places:] + letters[:places]).encode())
    return text.translate(table)


def copy_turned(source: Path, target: Path, places: int) -> None:
    """One file, row group by row group, turned."""
    parquet = pq.ParquetFile(source)
    with pq.ParquetWriter(target, parquet.schema_arrow, compression="zstd") as writer:
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group)
            place = table.column_names.index("content")
            contents = [
                turned(text.encode(), places).decode() for text in table["content"].to_pylist()
            ]
            repos = pa.array([f"{repo}_{places}" for repo in table["repo"].to_pylist()])
            table = table.set_column(place, "content", pa.array(contents))
            table = table.set_column(table.column_names.index("repo"), "repo", repos)
            writer.write_table(table.select(parquet.schema_arrow.names))


def grown(large: Path, target: Path, times: int) -> Path:
    """A corpus of `times` turned copies."""
    target.mkdir()
    for copy in range(times):
        for file in sorted(large.glob("*.parquet")):
            copy_turned(file, target / f"{copy}-{file.name}", copy * TURN)
    return target


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("small", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--times", type=int, default=4)
    options = parser.parse_args()
    print("| corpus | files | MB | dedup | CPU-s | CPU-s / 100 MB | wall s | peak MB |")
    print("|---|---:|---:|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        corpora = {
            options.small.name: options.small,
            options.large.name: options.large,
            f"{options.times} x {options.large.name}": grown(
                options.large, Path(scratch, "grown"), options.times
            ),
        }
        for name, folder in corpora.items():
            for dedup in ("exact", "near"):
                print_row(name, folder, dedup, Path(scratch))


def print_row(name: str, folder: Path, dedup: str, scratch: Path) -> None:
    """One corpus, with one worker."""
    found = measure(corpus_command(scratch / "data", folder, dedup, 1), scratch / "log")
    tables = [pq.read_table(file, columns=["content"]) for file in folder.glob("*.parquet")]
    files = sum(len(table) for table in tables)
    size = sum(table["content"].nbytes for table in tables) / 1e6
    print(
        f"| {name} | {files:,} | {size:,.0f} | {dedup} | {found.cpu:.1f} "
        f"| {100 * found.cpu / size:.2f} | {found.wall:.1f} | {found.peak_mb:,.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
