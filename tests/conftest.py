"""What the tests share: the command line as a user runs it, questions in SQL, small inputs."""

import atexit
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from pipelines import cli
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage

# No deadline, for a kernel is compiled when it is first called; no randomness, so that a failure
# is the change's and not the day's.
settings.register_profile("quire", deadline=None, derandomize=True)
settings.load_profile("quire")

# A process that lives as long as this one (of `Killable`) ends with it, unclosed; a run's threads may
# have pytest's filters outlive pytest, and they would tell of it behind the summary.
atexit.register(warnings.simplefilter, "ignore", ResourceWarning)

Quire = Callable[..., int]
Ask = Callable[..., list[tuple]]


@pytest.fixture
def quire() -> Quire:
    """`quire("corpus", data, "--workers=1")`: the exit code of a command."""
    return lambda *arguments: cli.main([str(argument) for argument in arguments])


@pytest.fixture
def ask() -> Ask:
    """`ask(data, "SELECT …")`: the rows of an answer."""

    def rows(data: Path, query: str) -> list[tuple]:
        with connect(Storage(str(data))) as connection:
            return connection.execute(query).fetchall()

    return rows


def write_files(path: Path, rows: list[dict[str, Any]], row_group_size: int = 100) -> Path:
    """A Parquet file with repo, path, content and what else the rows have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=row_group_size)
    return path


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in one process where tests run in several (`--dist loadgroup`).

    A module, for what it has set up; all of the sandbox, whose ordinary user may have so many
    processes on the whole machine.
    """
    for item in items:
        sandbox = not {"sandbox", "verify"}.isdisjoint(item.path.parts)
        item.add_marker(pytest.mark.xdist_group("sandbox" if sandbox else str(item.path)))
