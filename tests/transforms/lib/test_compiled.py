"""Kernels where Numba has no folder to keep them: a read-only installation, and no home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = (
    "import pyarrow as pa; from transforms.corpus.statistics import statistics;"
    "from transforms.lib.text.batch import text_batch;"
    "print(statistics(text_batch(pa.array(['ab\\n']))).lines.tolist())"
)


def run_read_only(temporary: Path, *options: str) -> subprocess.CompletedProcess:
    """Run PROGRAM where nothing is writable, or `temporary` alone."""
    confined = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *options]
    environment = os.environ | {"HOME": "/nonexistent", "TMPDIR": str(temporary)}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [*confined, sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("writable", [True, False])
def test_a_read_only_installation(tmp_path: Path, writable: bool) -> None:
    ran = run_read_only(tmp_path, *(["--bind", *[str(tmp_path)] * 2] if writable else []))
    assert (ran.returncode, ran.stdout) == (0, "[1]\n"), ran.stderr
    assert bool(list(tmp_path.glob("quire-kernels-*/**/*.nbi"))) == writable


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path) -> None:
    shared = tmp_path / f"quire-kernels-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    ran = run_read_only(tmp_path, "--bind", str(tmp_path), str(tmp_path))
    assert (ran.returncode, ran.stdout, list(shared.iterdir())) == (0, "[1]\n", [])
