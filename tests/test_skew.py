"""Corpora that are not even: the same decisions however they are cut, and no worker that grows."""

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ask, Quire, write_files

MOST_MB = 500  # of one worker: DESIGN's figure, for a corpus of any shape
MEASURED = """
import sys
from pipelines import cli
code = cli.main(sys.argv[1:])
print(open("/proc/self/status").read())
sys.exit(code)
"""
Row = dict[str, Any]


def line(seed: int) -> str:
    return " ".join(f"name_{seed * factor % 1_000_003}" for factor in (1, 3, 7, 11, 13, 17))


def text(seed: int, lines: int) -> str:
    return "\n".join(line(seed + i) for i in range(lines))


def identical(count: int) -> Iterator[Row]:
    """One file over and over, in one repository."""
    yield from ({"repo": "same", "path": f"{i:06}.py", "content": text(1, 5)} for i in range(count))


def family(count: int) -> Iterator[Row]:
    """Near duplicates, and what is nearly one, of one file."""
    numbers = random.Random(2)
    for i in range(count):
        lines = text(0, 60).split("\n")
        for place in numbers.sample(range(60), numbers.choice([1, 2, 3, 8, 20])):
            lines[place] = line(1000 + i * 60 + place)
        yield {"repo": f"fork{i % 50}", "path": f"{i:06}.py", "content": "\n".join(lines)}


def small_repositories(count: int) -> Iterator[Row]:
    """One file each, like no other."""
    for i in range(count):
        yield {"repo": f"owner{i}/it", "path": "main.py", "content": text(10**6 + 9 * i, 8)}


def large_files(count: int) -> Iterator[Row]:
    """Files of 0.9 MB."""
    for i in range(count):
        content = text(10**8 + i * 10**4, 10_000)
        yield {"repo": "large", "path": f"{i}.py", "content": content[:900_000]}


def decisions(data: Path, ask: Ask) -> list[tuple]:
    """What became of every file."""
    return ask(
        data,
        "SELECT repo, path, 'kept', exact_copies, near_copies, split FROM corpus UNION ALL "
        "SELECT repo, path, reason, NULL, NULL, kept_sha256 FROM rejects_corpus ORDER BY ALL",
    )


@pytest.mark.parametrize("group", [100_000, 37])
def test_units_and_partitions_decide_nothing(
    group: int, tmp_path: Path, quire: Quire, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*identical(1500), *family(200), *small_repositories(300)]
    whole = write_files(tmp_path / "whole.parquet", rows)
    assert quire("corpus", tmp_path / "whole", "--files", whole, "--workers=1") == 0
    monkeypatch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", 100_000)
    monkeypatch.setattr(
        "transforms.lib.skeleton.exchange.LEAST_PARTITIONS", 64 if group == 37 else 1
    )
    cut = write_files(tmp_path / "cut.parquet", rows, row_group_size=group)
    assert quire("corpus", tmp_path / "cut", "--files", cut, "--workers=2") == 0
    found = decisions(tmp_path / "cut", ask)
    assert found == decisions(tmp_path / "whole", ask)
    reasons = {row[2]: sum(other[2] == row[2] for other in found) for row in found}
    assert reasons["exact_duplicate"] >= 1499 and reasons["near_duplicate"] > 50
    assert reasons["kept"] > 300


@pytest.mark.parametrize(
    "rows",
    [identical(50_000), family(1_500), small_repositories(10_000), large_files(45)],
    ids=["identical", "family", "small repositories", "40 MB in a row group"],
)
def test_a_worker_does_not_grow(rows: Iterator[Row], tmp_path: Path) -> None:
    """Peak memory of the process that does all the work, as the kernel counts it."""
    files = write_files(tmp_path / "files.parquet", list(rows), 20_000)
    arguments = ["corpus", str(tmp_path / "data"), f"--files={files}", "--workers=1"]
    found = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    assert int(re.findall(r"VmHWM:\s+(\d+) kB", found.stdout)[0]) / 1000 < MOST_MB
