"""The same pipeline through Beam's job service and a pool of external workers: the same bytes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import write_files
from tests.support.inputs import digests, documented, rows
from transforms.lib.eval_sets import read_eval

PORTABLE = "apache_beam.runners.portability.local_job_service_main"
POOL = "apache_beam.runners.worker.worker_pool_main"


def port_of(process):
    """The port that a service was given by the system: it is the one at which it listens."""
    for _ in range(1200):
        assert process.poll() is None, f"{process.args} ended"
        connections = psutil.Process(process.pid).net_connections("tcp")
        ports = {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
        if ports:
            (port,) = ports
            return port
        time.sleep(0.1)
    raise TimeoutError(process.args)


@pytest.fixture
def services(tmp_path):
    """Ports of a job service and of a worker pool, which finds `python` on its PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    started = []
    for module, flag in ((PORTABLE, "--port"), (POOL, "--service_port")):
        with open(tmp_path / f"{module}.log", "wb") as log:
            command = [sys.executable, "-m", module, f"{flag}=0"]
            started.append(
                subprocess.Popen(
                    command, stdout=log, stderr=log, cwd=tmp_path, env=os.environ | {"PATH": path}
                )
            )
    try:
        yield [port_of(process) for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=60)


def test_external_workers_write_the_same_bytes(services, tmp_path, quire, ask, monkeypatch, capfd):
    job, pool = services
    leak = read_eval("humaneval", {}).tasks[0].solutions[0]
    files = [*documented(rows(60)), {"repo": "r", "path": "leak.py", "content": leak}]
    write_files(tmp_path / "in.parquet", files)
    monkeypatch.chdir(tmp_path)  # workers stand elsewhere: relative names must not matter
    assert quire("corpus", "direct", "--files", "in.parquet", "--workers=1") == 0
    flags = [
        "--runner=PortableRunner",
        f"--job_endpoint=localhost:{job}",
        "--environment_type=EXTERNAL",
        f"--environment_config=localhost:{pool}",
    ]
    assert quire("corpus", "portable", "--files", "in.parquet", *flags) == 0
    for data, more in (("direct", ["--workers=1"]), ("portable", flags)):
        assert quire("functions", data, *more) == 0
    assert list(Path("portable").glob("functions/part-0*"))
    assert quire("contamination", "direct", "--workers=1", "--fail-on-hit") == 4
    assert quire("contamination", "portable", "--fail-on-hit", *flags) == 4
    assert digests(tmp_path / "portable") == digests(tmp_path / "direct")
    assert quire("check", "portable") == 0
    known = "SELECT DISTINCT runner, workers, cpu_seconds, peak_memory FROM runs"
    assert ask(tmp_path / "portable", known) == [("PortableRunner", None, None, None)]
    content = bytearray(Path("in.parquet").read_bytes())
    content[1000:1400] = b"Z" * 400
    Path("torn.parquet").write_bytes(content)
    capfd.readouterr()
    assert quire("corpus", "torn", "--files", "torn.parquet", *flags) == 2
    error = capfd.readouterr().err
    assert f"{tmp_path}/torn.parquet: row group 0 cannot be read" in error
    assert error.count("\n") == 1
