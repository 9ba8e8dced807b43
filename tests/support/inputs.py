"""Inputs of the tests, and what they compare: several units of work, projects, digests."""

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path

from tests.conftest import write_files

HALF_A_UNIT = 17_000_000  # bytes: no two row groups of this size share a unit


def source(seed: int, functions: int = 12) -> str:
    """A Python file like no other: random names and numbers."""
    numbers = random.Random(seed)
    name = lambda: f"{numbers.choice('abcdefgh')}{numbers.randrange(10**6)}"  # noqa: E731
    return "".join(
        f"def {name()}({(x := name())}, {(y := name())}):\n    return {x} * {numbers.randrange(999)} + {y}\n"
        for _ in range(functions)
    )


def rows(count: int, seed: int = 0) -> list[dict]:
    """Files of several projects; every third is an exact or near duplicate of its forerunner."""
    texts = [source(seed * 10_000 + i) for i in range(count)]
    for i in range(2, count, 3):
        texts[i] = texts[i - 1] if i % 2 else texts[i - 1] + "END = 1\n"
    return [
        {"repo": f"project{i % 7}", "path": f"m{seed}_{i}.py", "content": text, "commit": "1.0"}
        for i, text in enumerate(texts)
    ]


def documented(files: list[dict]) -> list[dict]:
    """The same files, each of their functions with a docstring."""
    return [file | {"content": file["content"].replace(":\n", ":\n    'Add.'\n")} for file in files]


def many_units(folder: Path, units: int = 4) -> Path:
    """Parquet files that make a unit of work each, with the same 20 rows in all; their glob.

    Large one-line files, which a filter drops, make a unit full without making it slow.
    """
    for unit in range(units):
        large = [
            {"repo": "blobs", "path": f"{unit}_{i}.py", "content": f"{unit}{i}" + "x" * 950_000}
            for i in range(HALF_A_UNIT // 950_000)
        ]
        write_files(folder / f"{unit}.parquet", rows(20) + rows(20, unit + 1) + large, 1000)
    return folder / "*.parquet"


def project(folder: Path, files: Iterable[str] = ("a", "b", "c")) -> Path:
    """A project's folder with one Python file for each name, and a tox.ini."""
    (folder / "pkg").mkdir(parents=True)
    for name in files:
        (folder / "pkg" / f"{name}.py").write_text(source(hash_of(name)))
    (folder / "tox.ini").write_text("[testenv]\ncommands = pytest\n")
    return folder


def hash_of(name: str) -> int:
    """A number that is the same in every process."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)


def digests(data: Path) -> dict[str, str]:
    """sha256 of every file under DATA by name, but for the lock, the catalogue, `runs`, the page.

    These two hold times, and are others for each way to the same datasets.
    """
    names = sorted(p for p in data.rglob("*") if p.is_file() and p.name != ".lock")
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in names
        if path.name not in ("catalog.duckdb", "report.html") and path.parent != data / "runs"
    }
