"""CPU time and memory of a tree of processes: of those that ended, and of those that live."""

import subprocess
import sys
import time

import pytest

from pipelines.running import process_costs

# It uses CPU time, then starts another that does, and that only waits when it has said so.
BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"""
import subprocess, sys
{BURN}
child = subprocess.Popen([sys.executable, "-c", '''{BURN}print("spent", flush=True); input()'''])
child.wait()
"""
MEGABYTES = 300
HOLD = f"held = b'x' * {MEGABYTES << 20}\nprint('held', flush=True)\ninput()\n"


@pytest.fixture(autouse=True)
def begun() -> None:
    process_costs.begin()


def started(program: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_processes_below_count_while_they_live_and_when_they_have_ended() -> None:
    with started(PARENT) as process:
        assert process.stdout.readline() == b"spent\n"
        living = process_costs.costs().cpu_seconds
        process.communicate(b"\n")
    ended = process_costs.costs().cpu_seconds
    assert 0.5 <= living <= ended + 0.05 < 6
    process_costs.begin()
    assert process_costs.costs().cpu_seconds < 0.3


@pytest.mark.parametrize("lives", [True, False])
def test_the_largest_process_counts(lives: bool) -> None:
    before = process_costs.costs().peak_memory
    with started(HOLD) as process:
        assert process.stdout.readline() == b"held\n"
        if not lives:
            process.communicate(b"\n")
        most = process_costs.costs().peak_memory
        assert before < most or before > MEGABYTES << 20
        assert MEGABYTES << 20 < most < max(before, MEGABYTES << 20) + (100 << 20)


def test_a_peak_of_an_earlier_command_is_forgotten() -> None:
    held = b"x" * (500 << 20)
    del held
    high = process_costs.costs().peak_memory
    process_costs.begin()
    assert process_costs.costs().peak_memory < high - (400 << 20)


def test_time_passes() -> None:
    first = process_costs.costs()
    time.sleep(0.01)
    later = process_costs.costs()
    assert later.wall_seconds - first.wall_seconds >= 0.01
    assert later.started_at == first.started_at
