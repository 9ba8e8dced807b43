"""Dataflow without Dataflow: every stage's job as it would be submitted, and what it does alone.

Nothing here asks the network; a job is run from its own description, on this machine.
"""

import contextlib
import http.server
import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import execution

from pipelines import STAGES, cli
from tests.conftest import Quire, write_files
from tests.infra.jobs import DRY, FLAGS, IMAGE, Job, recorded
from tests.support.inputs import digests, project, rows
from tests.support.tested_projects import indexed
from transforms.corpus import representatives
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage

SOURCE = "def only_here_and_nowhere_else(value):"  # a line of content
FUNCTION = f'''{SOURCE}
    """Twice the value.

    >>> only_here_and_nowhere_else(21)
    42
    """
    return 2 * value
'''
TESTS = """from pkg.line import only_here_and_nowhere_else as twice

def test_twice():
    assert [twice(n) for n in (1, 2, 3)] == [2, 4, 6]
"""
SOURCES = {"crawl": "dir:{tree}", "contests": "doctest:"}  # of the stages that take some
FLAGS_OF = {"contamination": ["--policy=drop"]}  # what `build` gives beside
SMALL = (int, str, bytes, float, bool, type(None))
TIMED = (
    "repositories/",
    "environments/",
    "verdicts/",
)  # their shards, and so their manifests, hold times


@pytest.fixture
def jobs() -> Iterator[list[Job]]:
    with recorded() as made:
        yield made


@contextlib.contextmanager
def listening() -> Iterator[list[bytes]]:
    """What passes any GroupByKey."""
    heard: list[bytes] = []
    append = execution.GroupingBuffer.append

    def listen(buffer: execution.GroupingBuffer, elements: bytes) -> None:
        heard.append(bytes(elements))
        append(buffer, elements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution.GroupingBuffer, "append", listen)
        patch.setattr(representatives, "COMPRESSED", pa.ipc.IpcWriteOptions())
        yield heard


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("tree") / "project", "abcdefgh")
    (folder / "pkg" / "line.py").write_text(FUNCTION)
    (folder / "test_line.py").write_text(TESTS)
    return folder


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """DATA in which every stage has run here."""
    data = tmp_path_factory.mktemp("built") / "data"
    sources = [source.format(tree=tree) for source in SOURCES.values()]
    with indexed():
        assert cli.main(["build", str(data), *sources, "--ci", "--workers=1"]) == 0
        yield data


@dataclass
class Run:
    """A stage whose job was made, and then run from its description."""

    data: Path
    job: Job
    printed: str
    committed_before: list[str]
    heard: list[bytes]


@pytest.fixture(scope="module", params=STAGES)
def run(
    request: pytest.FixtureRequest,
    built: Path,
    tree: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    stage = request.param
    data = shutil.copytree(built, tmp_path_factory.mktemp(stage) / "data")
    sources = [SOURCES[stage].format(tree=tree)] if stage in SOURCES else []
    line = [
        stage,
        str(data),
        *sources,
        *FLAGS_OF.get(stage, ()),
        "--workers=1",
        "--overwrite",
        *DRY,
    ]
    with recorded() as jobs, contextlib.redirect_stdout(io.StringIO()) as out:
        assert cli.main(line) == 0
    before = [dataset.name for dataset in committed(Storage(str(data))) if dataset.stage == stage]
    with listening() as heard:
        jobs[0].run_here()
    (data / "catalog.duckdb").unlink()  # nobody was there to write it
    return Run(data, jobs[0], out.getvalue(), before, heard)


def test_a_job_is_all_that_a_stage_needs(run: Run, built: Path, quire: Quire) -> None:
    assert run.printed.endswith(": the job is valid, and not submitted: --dry_run=True\n")
    assert not run.committed_before, "nothing runs before the job does"
    assert steady(run.data) == steady(built)
    assert quire("check", run.data) == 0 and quire("sql", run.data, "funnel") == 0


def steady(data: Path) -> dict[str, str]:
    """Digests of what does not differ from run to run."""
    return {name: digest for name, digest in digests(data).items() if not name.startswith(TIMED)}


def test_what_is_shuffled_is_small(run: Run) -> None:
    assert run.job.shuffles.types and not run.job.shuffles.others
    assert all(small(kind) for kind in run.job.shuffles.types)
    assert run.heard and SOURCE.encode() not in b"".join(run.heard)


def small(kind: Any) -> bool:
    """Whether elements of a type are keys, references and packed records: nothing unknown."""
    parts = getattr(kind, "tuple_types", None)
    if parts:
        return all(small(part) for part in parts)
    reference = is_dataclass(kind) and kind.__dataclass_params__.frozen
    return kind in SMALL or (reference and kind.__module__.startswith("transforms."))


def test_a_job_runs_in_our_image(run: Run) -> None:
    [environment] = run.job.proto.components.environments.values()
    assert environment.urn == common_urns.environments.DOCKER.urn
    docker = beam_runner_api_pb2.DockerPayload.FromString(environment.payload)
    assert docker.container_image == IMAGE
    roles = [
        beam_runner_api_pb2.ArtifactStagingToRolePayload.FromString(each.role_payload)
        for each in environment.dependencies
    ]
    staged = {role.staged_name for role in roles}
    assert staged <= {"submission_environment_dependencies.txt"}, "no pickled main, no archives"


class Dataflow(http.server.ThreadingHTTPServer):
    """Stands in for the service: it takes every job and runs none."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        super().__init__(("127.0.0.1", 0), Request)

    @property
    def flag(self) -> str:
        """Where it is to be found."""
        return f"--dataflow_endpoint=http://localhost:{self.server_port}"


class Request(http.server.BaseHTTPRequestHandler):
    """One request: its job comes back with an id."""

    server: Dataflow

    def do_POST(self) -> None:  # noqa: N802
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(("POST", self.path.split("?")[0], job))
        content = json.dumps(job | {"id": "2026-11-25_01"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:  # noqa: N802
        self.server.asked.append(("GET", self.path, None))
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[Dataflow]:
    with Dataflow() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def submission(folder: Path, service: Dataflow) -> list[str]:
    """Flags of a job that is submitted to the stand-in, and staged in a folder."""
    (folder / "tmp").mkdir()
    return [
        *FLAGS,
        service.flag,
        *(f"--{name}_location={folder}/tmp" for name in ("temp", "staging")),
    ]


def test_nobody_waits_for_a_job(
    tmp_path: Path, service: Dataflow, quire: Quire, capsys: pytest.CaptureFixture
) -> None:
    write_files(tmp_path / "in.parquet", rows(6))
    data = f"file://{tmp_path}/data"  # a URL, as gs:// is one: no lock, no catalogue
    run = ["corpus", data, f"--files={tmp_path}/in.parquet", *submission(tmp_path, service)]
    assert quire(*run) == 0
    console = "https://console.cloud.google.com/dataflow/jobs/europe-west4/2026-11-25_01"
    first, then, failed = capsys.readouterr().out.splitlines()
    assert first == f"corpus: job 2026-11-25_01 is submitted, {console}?project=some-project"
    assert then.startswith(f"when it has ended: quire check {data}, then quire ")
    assert failed == "if it has failed: the same command with --resume"
    [(verb, path, job)] = service.asked
    assert (verb, path) == ("POST", "/v1b3/projects/some-project/locations/europe-west4/jobs")
    [pool] = job["environment"]["workerPools"]
    assert [each["containerImage"] for each in pool["sdkHarnessContainerImages"]] == [IMAGE]
    staged = {path.name for path in (tmp_path / "tmp").rglob("*") if path.is_file()}
    assert staged == {"pipeline.pb", "submission_environment_dependencies.txt"}
    left = {path.parent.name for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert left == {"plan"}, "the job is to write, and it has not run"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (FLAGS[:1], "needs --project, "),
        (FLAGS[:2], "needs --region, "),
        (FLAGS[:3], "needs --temp_location, "),
        ((*FLAGS[:3], DRY[-2]), "needs --sdk_container_image, an image that has quire"),
        (DRY[:-1], "workers of Dataflow do not see it"),
        ((*DRY, "--temp_location=gs:/b"), "Invalid GCS path"),
        ((*DRY, "--project=Some Project"), "Invalid Project ID"),
    ],
)
def test_a_job_that_could_not_run_is_not_made(
    tmp_path: Path,
    jobs: list[Job],
    quire: Quire,
    capfd: pytest.CaptureFixture,
    flags: list[str],
    words: str,
) -> None:
    write_files(tmp_path / "in.parquet", rows(3))
    run = ["corpus", tmp_path / "data", f"--files={tmp_path}/in.parquet"]
    assert quire(*run, *flags) == 2
    error = capfd.readouterr().err
    assert error.startswith("quire: ") and words in error and error.count("\n") == 1
    assert not jobs and not (tmp_path / "data" / "_work").exists()


def test_build_does_not_go_there(
    tmp_path: Path, tree: Path, jobs: list[Job], quire: Quire, capfd: pytest.CaptureFixture
) -> None:
    assert quire("build", tmp_path / "data", f"dir:{tree}", *DRY) == 2
    error = capfd.readouterr().err
    assert error.startswith("quire: build waits for each stage") and error.count("\n") == 1
    assert not jobs and not (tmp_path / "data").exists()
