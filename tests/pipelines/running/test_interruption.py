"""Ctrl-C and its like: exit code 130, one line, and nothing that stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines import cli
from tests.support.inputs import digests, many_units

LINE = "quire: interrupted; what is committed stays, --resume goes on\n"
MINE = [sys.executable, "-c", "import sys; sys.argv[0] = '/quire'; from pipelines import cli; "]
MINE[-1] += "sys.exit(cli.main())"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return many_units(tmp_path_factory.mktemp("in"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, files):
    """The digests of an undisturbed run."""
    data = tmp_path_factory.mktemp("undisturbed")
    assert cli.main(["corpus", str(data), f"--files={files}", "--workers=1"]) == 0
    return digests(data)


class Run:
    """A command in a process group of its own, with a folder of its own for temporary files."""

    def __init__(self, folder, *command):
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [*MINE, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"TMPDIR": str(self.temporary)},
        )

    def wait_until(self, condition):
        while not condition() and self.process.poll() is None:
            time.sleep(0.01)

    def interrupt(self, number, group):
        """Exit code and standard error; nothing else of it may be left."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        (os.killpg if group else os.kill)(self.process.pid, number)
        _, error = self.process.communicate(timeout=60)
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
        assert not list(self.temporary.iterdir())
        return self.process.returncode, error


MOMENTS = {
    "imports": lambda data: True,
    "the plan": lambda data: (data / ".lock").exists(),
    "work": lambda data: any(data.glob("_work/corpus/*.json")),
    "the commit": lambda data: (data / "signals" / "_manifest.json").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_at_any_moment(tmp_path, quire, files, undisturbed, moment, workers):
    data = tmp_path / "data"
    run = Run(tmp_path, "corpus", data, f"--files={files}", f"--workers={workers}")
    if moment == "imports":
        time.sleep(0.4)
    run.wait_until(lambda: MOMENTS[moment](data))
    code, error = run.interrupt(signal.SIGINT, group=True)
    if moment == "the commit" and code == 0:
        return  # it was over
    assert code == 130
    assert error in (LINE, "quire: interrupted; run it again\n")
    assert quire("corpus", data, f"--files={files}", "--workers=1", "--resume") == 0
    assert digests(data) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("group", [True, False])
def test_other_signals_are_told_alike(tmp_path, files, number, group):
    data = tmp_path / "data"
    before = signal.signal(number, signal.SIG_DFL)  # under nohup a process ignores SIGHUP
    try:
        run = Run(tmp_path, "corpus", data, f"--files={files}", "--workers=2")
    finally:
        signal.signal(number, before)
    run.wait_until(lambda: MOMENTS["work"](data))
    assert run.interrupt(number, group) == (130, LINE)


def test_kill_9_leaves_no_folder(tmp_path, files):
    run = Run(tmp_path, "corpus", tmp_path / "data", f"--files={files}", "--workers=2")
    run.wait_until(lambda: MOMENTS["work"](tmp_path / "data"))
    assert list(run.temporary.glob("quire-*"))
    assert run.interrupt(signal.SIGKILL, group=False) == (-signal.SIGKILL, "")


def test_a_build_between_its_stages(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text(f"{name} = 1\n")
    data = tmp_path / "data"
    run = Run(tmp_path, "build", data, f"dir:{tmp_path}/a", f"dir:{tmp_path}/b")
    run.wait_until(lambda: (data / "files" / "_manifest.json").exists())
    assert run.interrupt(signal.SIGINT, group=True) == (130, LINE)


def test_a_question(tmp_path, quire, files):
    data = tmp_path / "data"
    assert quire("corpus", data, f"--files={files}", "--workers=1") == 0
    run = Run(tmp_path, "sql", data, "SELECT count(*) FROM range(100000) a, range(10000000) b")
    time.sleep(1.5)
    code, error = run.interrupt(signal.SIGINT, group=True)
    assert (code, error) == (130, "quire: interrupted; run it again\n")


PROGRAM = """
import os, signal, sys, time
from pipelines.running import interruption
interruption.listen(), interruption.begin()
interruption.PATIENCE_SECONDS = 0.5
with interruption.temporary_folder({folder!r}):
    {body}
"""
LOST = """
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        time.sleep(60)
"""
DISGUISED = """
    try:
        with interruption.undisguised():
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                raise RuntimeError("a library failed")
    except KeyboardInterrupt:
        sys.exit(7)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [(LOST, (130, "quire: interrupted; run it again\n")), (DISGUISED, (7, ""))],
)
def test_an_interruption_is_neither_lost_nor_mistaken(tmp_path, body, expected):
    program = PROGRAM.format(folder=str(tmp_path), body=body.strip())
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == expected
    assert not list(Path(tmp_path).iterdir())
