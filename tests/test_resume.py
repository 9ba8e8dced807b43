"""Killed, interrupted, out of space, one worker lost: what stays is whole, --resume finishes it."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines import cli
from tests.conftest import write_files
from tests.support.inputs import digests, many_units, project, rows
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage

STEPS = 8  # four units, signed and written
GONE = 60  # seconds within which processes end even on a busy machine


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The glob of several units, and the digests of an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    files = many_units(folder / "in")
    assert cli.main(["corpus", str(folder / "data"), f"--files={files}", "--workers=1"]) == 0
    return files, digests(folder / "data")


class Run:
    """`quire corpus` in a process group of its own."""

    def __init__(self, data, files, *flags, **options):
        command = [sys.executable, "-m", "pipelines.cli", "corpus", data, "--files", files, *flags]
        self.data = Path(data)
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def wait_for(self, steps):
        """Wait until so many steps are done; the run must not be over by then."""
        while self.steps() < steps:
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)

    def wait(self, seconds):
        """Wait for some time, but not until the run is nearly over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.steps() < STEPS - 2:
            time.sleep(0.005)

    def steps(self):
        """How many steps are done."""
        return len(list(self.data.glob("_work/corpus/*.json")))

    def workers(self):
        """Those forked from the fork server, which is a child of the launcher."""
        children = psutil.Process(self.process.pid).children()
        return [worker for child in children for worker in child.children()]

    def end(self):
        """Exit code and standard error."""
        _, error = self.process.communicate(timeout=60)
        return self.process.returncode, error


def kill_group(run):
    for process in [run.process, *run.workers()]:
        process.kill()


def kill_launcher(run):
    run.process.kill()


def test_kill_9_then_resume(undisturbed, tmp_path, quire, ask):
    files, expected = undisturbed
    moments = random.Random(1)
    steps_done = sorted(moments.sample(range(STEPS - 2), 2))
    for steps, kill in zip(steps_done, (kill_launcher, kill_group), strict=True):
        run = Run(tmp_path, files, "--workers=2", "--resume")
        run.wait_for(steps)
        run.wait(moments.random() / 2)
        workers = run.workers()
        kill(run)
        assert run.end()[0] == -signal.SIGKILL
        _, alive = psutil.wait_procs(workers, timeout=GONE)
        assert not alive, "workers outlive their launcher"
    assert quire("corpus", tmp_path, "--files", files) == 2, "an unfinished stage is not restarted"
    assert quire("corpus", tmp_path, "--files", files, "--workers=1", "--resume") == 0
    assert digests(tmp_path) == expected
    assert not (tmp_path / "_work").exists()
    written = "SELECT count(*), max(run), max(units), max(resumed_units) <= 4 FROM runs"
    assert ask(tmp_path, written) == [(1, 1, 4, True)], "what did not commit leaves no row"


def test_folder_in_use_and_ctrl_c(undisturbed, tmp_path, quire, capfd):
    files, expected = undisturbed
    run = Run(tmp_path, files, "--workers=2")
    run.wait_for(2)
    run.process.send_signal(signal.SIGSTOP)
    assert quire("corpus", tmp_path, "--files", files, "--resume") == 2
    assert capfd.readouterr().err == f"quire: {tmp_path}: another quire command is at work here\n"
    run.process.send_signal(signal.SIGINT)
    run.process.send_signal(signal.SIGCONT)
    code, error = run.end()
    assert (code, error) == (130, "quire: interrupted; what is committed stays, --resume goes on\n")
    committed = {path: path.stat().st_mtime_ns for path in tmp_path.glob("signals/part-*")}
    signed = list(tmp_path.glob("_work/corpus/signed-*.json"))
    assert signed
    assert quire("corpus", tmp_path, "--files", files, "--workers=1", "--resume") == 0
    assert digests(tmp_path) == expected
    for marker in signed:
        shard = tmp_path / "signals" / f"part-{marker.stem[-5:]}.parquet"
        assert shard.stat().st_mtime_ns == committed[shard], "a finished unit is not done again"


def test_a_worker_dies(undisturbed, tmp_path, quire):
    files, _ = undisturbed
    run = Run(tmp_path, files, "--workers=2")
    while not (run.data / ".lock").exists() or not run.workers():
        assert run.process.poll() is None
        time.sleep(0.02)
    workers = run.workers()
    workers[0].kill()
    code, error = run.end()
    assert code == 1
    assert error.startswith("quire: corpus failed: a worker process died (out of memory?)")
    assert error.count("\n") == 1
    assert Path(error.split("; see ")[1].strip()).stat().st_size > 0
    _, alive = psutil.wait_procs(workers, timeout=GONE)
    assert not alive


def corpus_rows(data):
    """What a reader of the committed corpus sees."""
    with connect(Storage(str(data))) as connection:
        return connection.execute("SELECT count(*), count(DISTINCT sha256) FROM corpus").fetchall()


def test_overwrite_that_is_cut_off_keeps_what_it_replaces(undisturbed, tmp_path, quire, ask, capfd):
    files, near = undisturbed
    data = tmp_path / "data"
    exact = ("corpus", data, "--files", files, "--dedup=exact", "--workers=1")
    assert quire("corpus", data, "--files", files, "--workers=1") == 0
    before = corpus_rows(data)
    run = Run(data, files, "--overwrite", "--dedup=exact", "--workers=1")
    run.wait_for(STEPS // 2 + 1)  # some units are written
    kill_launcher(run)
    run.end()
    assert {name: digest for name, digest in digests(data).items() if "_work/" not in name} == near
    assert corpus_rows(data) == before and quire("check", data) == 0
    capfd.readouterr()
    assert quire("corpus", data, "--files", files, "--resume") == 2
    assert "corpus ran here with other inputs or settings, and was interrupted" in (
        capfd.readouterr().err
    )
    done = {path: path.stat().st_mtime_ns for path in data.glob("_work/corpus/done-*.json")}
    assert done
    assert quire(*exact, "--resume") == 0
    assert corpus_rows(data) != before and quire("check", data) == 0
    assert not (data / "_work").exists()
    resumed = "SELECT resumed_units FROM runs WHERE settings LIKE '%\"resume\"%'"
    assert ask(data, resumed) == [(len(done),)]
    assert quire("corpus", data, "--files", files, "--workers=1", "--overwrite") == 0
    assert digests(data) == near


def test_what_killed_runs_were_writing_goes(tmp_path, quire):
    tree = project(tmp_path / "tree")
    data = tmp_path / "data"
    assert quire("crawl", data, f"dir:{tree}", "--workers=1") == 0
    whole = digests(data)
    scratch = "x." + "0" * 32 + ".tmp"
    for folder in (".", "files", "rejects/crawl", "archives/ab", "archives/http", "pages/ab"):
        (data / folder).mkdir(parents=True, exist_ok=True)
        (data / folder / scratch).write_bytes(b"half")
    assert quire("crawl", data, "--resume") == 0
    assert digests(data) == whole


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_lock_is_left_alone(tmp_path, quire, capfd, kind):
    files = write_files(tmp_path / "in.parquet", rows(3))
    target, lock = tmp_path / "precious", tmp_path / "data" / ".lock"
    target.write_text("content")
    lock.parent.mkdir()
    {
        "link": lambda: lock.symlink_to(target),
        "folder": lock.mkdir,
        "pipe": lambda: os.mkfifo(lock),
    }[kind]()
    assert quire("corpus", lock.parent, "--files", files, "--workers=1") == 2
    error = capfd.readouterr().err
    assert f"{lock}: not a lock file" in error and error.count("\n") == 1
    assert target.read_text() == "content"


def test_disk_full(tmp_path, quire):
    """The limit on the size of a file stands for the disk: writing fails in the same place."""
    files = write_files(tmp_path / "in.parquet", rows(120))
    data = tmp_path / "data"
    assert quire("crawl", data, f"parquet:{files}", "--workers=1") == 0
    before = digests(data)
    run = Run(
        data,
        files,
        "--workers=1",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    code, error = run.end()
    assert code == 1
    assert error.startswith("quire: corpus failed: OSError: [Errno 27] File too large: ")
    assert f"{data}/signals/part-00000.parquet" in error
    assert error.count("\n") == 1
    after = digests(data)
    assert {name: after[name] for name in before} == before
    assert quire("corpus", data, "--files", files, "--workers=1", "--resume") == 0
    assert quire("check", data) == 0
    assert not (data / "_work").exists()
