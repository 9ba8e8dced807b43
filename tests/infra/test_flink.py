"""Every stage on a real Flink cluster: the same bytes as here, also when parts of it are killed.

`bash tests/run.sh -m flink` installs what this needs; the cluster is that of infra/flink/up.sh.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from pipelines.running import preflight
from tests.conftest import Quire, write_files
from tests.support.contest_rows import problem, put_problems
from tests.support.every_dataset import FED, LEFT_OUT, from_project_to_feed, write_project
from tests.support.git_server import GitServer
from tests.support.inputs import digests, source
from tests.support.loopback_index import LoopbackIndex
from tests.support.tested_projects import tiny_index
from transforms.ci.package_proxy import distribution
from transforms.lib.eval_sets import read_eval
from transforms.lib.network.fetch import Politeness

pytestmark = [pytest.mark.flink, pytest.mark.timeout(400)]
FLINK = Path(__file__).parents[2] / "infra" / "flink"
FILES = 3000
POOL = "apache_beam.runners.worker.worker_pool_main"
TIMES = ("fetched_at", "seconds")  # columns of `repositories` that differ from run to run


class Cluster:
    """What up.sh starts, in a folder of its own."""

    def __init__(self, folder: Path, *flags: str, **environ: str) -> None:
        self.folder, self.port = folder, free_ports(5)
        self.others: list[subprocess.Popen] = []
        up = [
            "bash",
            FLINK / "up.sh",
            "--folder",
            folder,
            "--slots",
            "2",
            "--memory",
            "768",
            "--port",
            str(self.port),
            "--python",
            sys.executable,
            *flags,
        ]
        subprocess.run(up, check=True, env=os.environ | environ)

    @property
    def arguments(self) -> str:
        """The file of arguments for quire."""
        return f"@{self.folder / 'flink.args'}"

    def process(self, name: str) -> psutil.Process:
        """One of the cluster's processes."""
        lines = (self.folder / "pids").read_text().splitlines()
        return psutil.Process(
            next(int(line.split()[0]) for line in lines if line.split()[1] == name)
        )

    def workers(self) -> list[psutil.Process]:
        """The Python workers: forks of the pool's fork server."""
        return [
            worker for server in self.process("workers").children() for worker in server.children()
        ]

    def another_taskmanager(self) -> None:
        """Kill the TaskManager and start one that is like it."""
        old = self.process("taskmanager")
        command, pids = old.cmdline(), (self.folder / "pids").read_text()
        old.kill()
        with open(self.folder / "logs" / "another.log", "wb") as log:
            new = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.others.append(new)
        (self.folder / "pids").write_text(pids.replace(f"{old.pid} ", f"{new.pid} "))

    def down(self) -> None:
        """End it: nothing may be left but its logs and its arguments."""
        names = ("jobmanager", "taskmanager", "job-server", "workers")
        processes = [self.process(name) for name in names] + self.workers()
        subprocess.run(["bash", FLINK / "down.sh", "--folder", self.folder], check=True)
        for other in self.others:
            other.wait(10)
        _, alive = psutil.wait_procs(processes, timeout=10)
        assert not alive
        assert {path.name for path in self.folder.iterdir()} == {"conf", "logs", "flink.args"}


def free_ports(count: int) -> int:
    """The first of `count` ports in a row at which nobody listens."""
    for first in range(20_000, 30_000, count):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise OSError("no free ports")


@pytest.fixture(scope="module")
def index() -> Iterator[LoopbackIndex]:
    with LoopbackIndex() as server:
        for number in range(12):
            server.add(f"project{number}", "1.0")
        yield server


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, index: LoopbackIndex) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("flink") / "cluster", PIP_INDEX_URL=index.url)
    yield running
    running.down()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some thousand real files, of Python's library and of what is installed beside it."""
    folder = Path(sysconfig.get_path("stdlib"))
    paths = sorted(path for path in folder.rglob("*.py") if "test" not in path.parts)[:FILES]
    rows = [
        {
            "repo": path.relative_to(folder).parts[0],
            "path": str(path.relative_to(folder)),
            "content": path.read_text(errors="replace"),
        }
        for path in paths
    ]
    assert len(rows) > FILES / 2
    return write_files(tmp_path_factory.mktemp("real") / "files.parquet", rows, 500)


@pytest.fixture(scope="module")
def corpus(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the runner of this machine makes of them."""
    data = tmp_path_factory.mktemp("expected")
    assert cli.main(["corpus", str(data), f"--files={real}", "--workers=2"]) == 0
    return data


@pytest.fixture(scope="module")
def expected(corpus: Path) -> dict[str, str]:
    return digests(corpus)


def test_it_listens_on_this_machine_alone(cluster: Cluster) -> None:
    """Whoever reaches one of its ports has code run: Flink, its job server, the pool of workers."""
    names = ("jobmanager", "taskmanager", "job-server", "workers")
    addresses = {
        connection.laddr.ip.removeprefix("::ffff:")
        for name in names
        for connection in cluster.process(name).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("dedup", ["near", "exact"])
def test_the_corpus_is_the_same(cluster, real, expected, tmp_path, quire, dedup) -> None:
    run = ["corpus", tmp_path / "flink", f"--files={real}", f"--dedup={dedup}"]
    assert quire(*run, cluster.arguments) == 0
    if dedup == "exact":
        run[1] = tmp_path / "here"
        assert quire(*run) == 0
        expected = digests(tmp_path / "here")
    assert digests(tmp_path / "flink") == expected
    assert quire("check", tmp_path / "flink") == 0


def test_its_secrets_are_the_same(cluster, corpus, tmp_path, quire, ask) -> None:
    for name, more in (("here", "--workers=2"), ("flink", cluster.arguments)):
        shutil.copytree(corpus, tmp_path / name)
        assert quire("secrets", tmp_path / name, "--policy=mask", more) == 0
    assert digests(tmp_path / "flink") == digests(tmp_path / "here")
    assert quire("check", tmp_path / "flink") == 0
    assert ask(tmp_path / "flink", "SELECT count(*) > 0 FROM secrets") == [(True,)]


def test_its_functions_are_the_same(cluster, corpus, tmp_path, quire, ask) -> None:
    for name, more in (("here", "--workers=2"), ("flink", cluster.arguments)):
        shutil.copytree(corpus, tmp_path / name)
        assert quire("functions", tmp_path / name, more) == 0
    assert digests(tmp_path / "flink") == digests(tmp_path / "here")
    assert quire("check", tmp_path / "flink") == 0
    counts = "count(*) > 5000, count(exact_duplicate_of) > 10, count(near_duplicate_of) > 50"
    assert ask(tmp_path / "flink", f"SELECT {counts} FROM functions") == [(True, True, True)]


def test_the_leaks_are_the_same(cluster, real, tmp_path, quire) -> None:
    leaks = [
        {"repo": "r", "path": task.task_id, "content": task.solutions[0]}
        for task in read_eval("humaneval", {}).tasks[:9]
    ]
    write_files(real.parent / "leaks.parquet", leaks)
    run = [f"--files={real.parent}/*.parquet", "--policy=drop", "--fail-on-hit"]
    assert quire("contamination", tmp_path / "flink", *run, cluster.arguments) == 4
    assert quire("contamination", tmp_path / "here", *run) == 4
    assert digests(tmp_path / "flink") == digests(tmp_path / "here")


def test_what_runs_foreign_code_is_the_same(cluster, tmp_path, quire) -> None:
    """The pool's workers run it in their sandboxes."""
    rows = [problem(f"f{n}", f"    return x + {n}\n", [(1, n + 1), (2, n + 2)]) for n in range(30)]
    samples = tmp_path / "samples.jsonl"
    drawn = (
        {"task_id": task.task_id, "completion": text}
        for task in read_eval("humaneval", {}).tasks
        for text in (task.canonical_solution, "")
    )
    samples.write_text("".join(json.dumps(row) + "\n" for row in drawn))
    for name, flags in (("here", ()), ("flink", (cluster.arguments,))):
        data = put_problems(tmp_path / name, rows)
        assert quire("strengthen", data, *flags) == 0
        assert quire("verify", data, *flags) == 0
        assert quire("evaluate", samples, "--data", tmp_path / name, *flags) == 0
    assert ran(tmp_path / "flink") == ran(tmp_path / "here")
    scores = pq.read_table(tmp_path / "flink" / "scores").to_pylist()
    assert [(row["metric"], row["value"]) for row in scores] == [("pass@1", 0.5)]


@pytest.fixture
def tiny(index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """What projects need, in the index that workers and this process are told of."""
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    for filename, content in tiny_index().files.items():
        index.add_file(distribution(filename)[0], filename, content)


def ran(data: Path) -> dict[str, object]:
    """Digests, but of verdicts the rows without what differs from run to run."""
    named = {
        name: digest for name, digest in digests(data).items() if not name.startswith("verdicts/")
    }
    verdicts = {
        name: pq.read_table(data / name).drop(("cpu", "seconds")).to_pylist()
        for name in ("verdicts/verify", "verdicts/evaluate")
    }
    return named | verdicts


def test_a_build_is_the_same_and_polite(cluster, index, tmp_path, quire, monkeypatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    names = [f"pypi:project{number}" for number in range(12)]
    before = len(index.log)
    with GitServer(tmp_path / "served") as git:
        git.repository("octo/cat.git", {"cat.py": source(3).encode(), "tox.ini": b"[tox]\n"})
        sources = [*names, f"git:{git.url}/octo/cat"]
        assert quire("build", tmp_path / "flink", *sources, cluster.arguments) == 0
        asked = sorted(each.at for each in index.log[before:])
        assert quire("build", tmp_path / "here", *sources) == 0
    assert len(asked) >= 2 * len(names)
    seconds = asked[-1] - asked[0]
    assert len(asked) - 2 <= Politeness.rate * seconds + 1, "two workers keep to one host's pace"
    here, there = (untimed(tmp_path / name) for name in ("here", "flink"))
    assert there == here


def test_a_project_becomes_a_feed(cluster, tiny, tmp_path, quire, ask) -> None:
    """Every stage that there is, from a folder to examples and tokens.

    The pool's workers reach the index, and the sandbox there reaches nothing else.
    """
    write_project(tmp_path / "project")
    for name, flags in (("here", ()), ("flink", (cluster.arguments,))):
        assert quire(*from_project_to_feed(tmp_path / name), *flags) == 0
        assert quire("check", tmp_path / name) == 0
    for query in (FED, LEFT_OUT):
        assert ask(tmp_path / "flink", query) == ask(tmp_path / "here", query)
    same = ("recipes/", "calls/", "ci_problems/", "examples/", "tokens/", "tokenizers/")
    here, there = (digests(tmp_path / name) for name in ("here", "flink"))
    assert [name for name in here if name.startswith("ci_problems/part")]
    assert [name for name in here if name.endswith(".bin")]
    assert {name: each for name, each in there.items() if name.startswith(same)} == {
        name: each for name, each in here.items() if name.startswith(same)
    }


def untimed(data: Path) -> dict[str, object]:
    """Digests, but of `repositories` the rows without what differs from run to run."""
    table = pq.read_table(data / "repositories").drop(TIMES).sort_by("source")
    named = {
        name: digest
        for name, digest in digests(data).items()
        if not name.startswith(("repositories/", "archives/http/", "pages/"))
    }
    return named | {"repositories": table.to_pylist()}


def start(data: Path, *arguments: object) -> subprocess.Popen:
    """`quire corpus` as a process."""
    command = [sys.executable, "-m", "pipelines.cli", "corpus", str(data), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def when_signing(data: Path, run: subprocess.Popen) -> None:
    """Wait until some unit is signed, and not all is done."""
    while not list(data.glob("_work/corpus/signed-*")):
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.02)


def kill_workers(cluster: Cluster) -> None:
    """All: one alone may have done its part of the job."""
    for worker in cluster.workers():
        worker.kill()


@pytest.mark.parametrize("fault", [kill_workers, Cluster.another_taskmanager])
def test_a_job_recovers(
    cluster: Cluster,
    real: Path,
    expected: dict[str, str],
    tmp_path: Path,
    fault: Callable[[Cluster], None],
) -> None:
    run = start(tmp_path, f"--files={real}", cluster.arguments)
    when_signing(tmp_path, run)
    fault(cluster)
    _, error = run.communicate()
    assert run.returncode == 0, error
    assert digests(tmp_path) == expected


def test_without_restarts_it_fails_in_one_line(
    real: Path, expected: dict[str, str], tmp_path: Path, quire: Quire
) -> None:
    cluster = Cluster(tmp_path / "cluster", "--restarts", "0")
    try:
        data = tmp_path / "data"
        for _ in range(4):  # between two steps of a job no worker may be at work
            run = start(data, f"--files={real}", cluster.arguments, "--overwrite")
            when_signing(data, run)
            with contextlib.suppress(psutil.NoSuchProcess):
                kill_workers(cluster)
            _, error = run.communicate()
            if run.returncode:
                break
        assert run.returncode == 1
        assert error.startswith("quire: corpus failed: a worker was lost")
        assert error.count("\n") == 1
        assert quire("corpus", data, f"--files={real}", cluster.arguments, "--resume") == 0
        assert digests(data) == expected
    finally:
        cluster.down()


def test_bad_input_is_told_as_it_is_here(cluster, tmp_path, quire, capfd) -> None:
    file = write_files(
        tmp_path / "torn.parquet", [{"repo": "r", "path": "p", "content": "x = 1\n" * 9_000}]
    )
    content = bytearray(file.read_bytes())
    content[30:60] = b"Z" * 30
    file.write_bytes(content)
    assert quire("corpus", tmp_path / "data", f"--files={file}", cluster.arguments) == 2
    error = capfd.readouterr().err
    assert error.startswith(f"quire: {file}: row group 0 cannot be read") and error.count("\n") == 1


@pytest.fixture
def strange_pool(tmp_path: Path) -> Iterator[str]:
    """The address of Beam's own pool, with a Python that cannot import quire."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['transforms'] = None\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = os.environ | {"PYTHONPATH": str(tmp_path), "PATH": path}
    port = free_ports(1)
    command = [sys.executable, "-m", POOL, f"--service_port={port}"]
    with open(tmp_path / "log", "wb") as log:
        pool = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=tmp_path)
    yield f"localhost:{port}"
    pool.terminate()
    pool.wait()


@pytest.mark.parametrize(
    ("flag", "line"),
    [
        (
            "--job_endpoint=localhost:1",
            "--job_endpoint=localhost:1: no job service of Beam answers",
        ),
        (
            "--environment_config=localhost:1",
            "the cluster cannot run quire: no pool of workers at localhost:1 beside its TaskManagers",
        ),
        (
            "--environment_config={strange_pool}",
            "the cluster cannot run quire: the workers lack quire; install it",
        ),
    ],
)
def test_a_cluster_that_cannot_is_told(
    cluster: Cluster,
    real: Path,
    strange_pool: str,
    tmp_path: Path,
    quire: Quire,
    capfd: pytest.CaptureFixture,
    flag: str,
    line: str,
) -> None:
    flag = flag.format(strange_pool=strange_pool)
    begin = time.monotonic()
    assert quire("corpus", tmp_path / "data", f"--files={real}", cluster.arguments, flag) == 2
    assert time.monotonic() - begin < 30
    error = capfd.readouterr().err
    assert error.startswith(f"quire: {line}") and error.count("\n") == 1
    assert not (tmp_path / "data" / "_work").exists()


def test_a_cluster_that_does_not_answer_is_told(cluster, real, tmp_path, quire, capfd) -> None:
    taskmanager = cluster.process("taskmanager")
    taskmanager.suspend()
    try:
        begin = time.monotonic()
        assert quire("corpus", tmp_path / "data", f"--files={real}", cluster.arguments) == 2
        assert time.monotonic() - begin < 32
    finally:
        taskmanager.resume()
    error = capfd.readouterr().err
    assert (
        error.startswith("quire: no worker of the cluster answered in") and error.count("\n") == 1
    )


def test_another_flink_is_told(cluster: Cluster) -> None:
    """As a cluster of 1.20 answers the job server of 1.19: seen there, too large to fetch here."""
    answer = (
        "Pipeline q failed in state FAILED: org.apache.flink.runtime.rest.util."
        "RestClientException: [Failed to deserialize JobGraph."
    )
    assert preflight.cause(answer, None).startswith("its job server is built for another version")
