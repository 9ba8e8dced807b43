"""DATA on a real S3 server on loopback, faults included: the same bytes as in a folder."""

import io
import random
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from pyarrow import fs
from werkzeug.serving import make_server

from tests.conftest import Quire, write_files
from tests.support.inputs import digests, documented, project, rows
from transforms.lib.skeleton import storage
from transforms.lib.skeleton.storage import Storage

BUCKET = "bucket-of-tests"
ENVIRON = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
Wsgi = Callable[[dict[str, Any], Callable], Iterable[bytes]]


class Faulty:
    """A server that fails at times, as S3 does: one answer in `one_in` is an error of its own."""

    def __init__(self, server: Wsgi) -> None:
        self.server, self.one_in = server, 0
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(5)

    def __call__(self, environ: dict[str, Any], start: Callable) -> Iterable[bytes]:
        self.counts[environ["REQUEST_METHOD"]] += 1
        if self.one_in and not self._chance.randrange(self.one_in):
            self.counts["refused"] += 1
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start("500 Internal Server Error", [("Content-Type", "application/xml")])
            return [b"<Error><Code>InternalError</Code><Message>Try again.</Message></Error>"]
        return self.server(environ, start)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    server = Faulty(DomainDispatcherApplication(create_backend_app))
    http = make_server("127.0.0.1", 0, server, threaded=True)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{http.server_port}")
    storage._filesystem.cache_clear()  # connections to the server of another test
    system, path = fs.FileSystem.from_uri(f"s3://{BUCKET}?allow_bucket_creation=true")
    system.create_dir(path)
    yield server
    http.shutdown()


def fetched(name: str, folder: Path) -> dict[str, str]:
    """Digests of what is under a name in the bucket."""
    source, path = fs.FileSystem.from_uri(f"s3://{BUCKET}/{name}")
    fs.copy_files(path, str(folder), source_filesystem=source)
    return digests(folder)


@pytest.mark.parametrize(("workers", "one_in"), [(1, 0), (2, 100)])
def test_a_corpus_in_a_bucket(
    s3: Faulty,
    tmp_path: Path,
    quire: Quire,
    capsys: pytest.CaptureFixture,
    workers: int,
    one_in: int,
) -> None:
    files = write_files(tmp_path / "in.parquet", rows(60), 20)
    Storage(f"s3://{BUCKET}/in").put("a.parquet", files.read_bytes())
    assert quire("corpus", tmp_path / "here", f"--files={files}", "--workers=1") == 0
    s3.one_in, data = one_in, f"s3://{BUCKET}/run{workers}"
    run = ["corpus", data, f"--files=s3://{BUCKET}/in/*.parquet", f"--workers={workers}"]
    assert quire(*run) == 0
    assert bool(s3.counts["refused"]) == bool(one_in)
    assert fetched(f"run{workers}", tmp_path / "fetched") == digests(tmp_path / "here")
    assert quire("check", data) == 0
    assert quire(*run) == 2, "an existing dataset is not overwritten unasked"
    assert quire(*run, "--resume") == 0
    capsys.readouterr()
    assert quire("sql", data, "SELECT count(*) AS n FROM corpus", "--format=csv") == 0
    assert capsys.readouterr().out.split() == ["n", "40"]
    assert quire("sql", data, "SELECT run, rows_read FROM runs", "--format=csv") == 0
    assert capsys.readouterr().out.split() == ["run,rows_read", "1,60"]


def test_a_build_in_a_bucket(s3: Faulty, tmp_path: Path, quire: Quire) -> None:
    tree, data = project(tmp_path / "tree"), f"s3://{BUCKET}/built"
    for number, row in enumerate(documented(rows(6))):
        (tree / f"documented{number}.py").write_text(row["content"])
    assert quire("build", data, f"dir:{tree}", "--workers=1") == 0
    assert quire("build", tmp_path / "here", f"dir:{tree}", "--workers=1") == 0
    there, here = fetched("built", tmp_path / "fetched"), digests(tmp_path / "here")
    untimed = {name for name in here if not name.startswith("repositories/")}
    assert there.keys() == here.keys() and "functions/part-00000.parquet" in here
    assert {name: there[name] for name in untimed} == {name: here[name] for name in untimed}
    (tmp_path / "list").write_text("tree:documented0.py\n")
    for place in (data, tmp_path / "here"):
        assert quire("remove", place, f"--list={tmp_path / 'list'}") == 0
    there, here = fetched("built", tmp_path / "cut"), digests(tmp_path / "here")
    timed = {name for name in here if name.startswith(("repositories/", "removals/"))}
    assert there.keys() == here.keys() and "removals/00001.json" in here
    assert not [name for name in here.keys() - timed if there[name] != here[name]]
    assert not [name for name in here if name.startswith(("archives/", "tokens/"))]


@pytest.mark.parametrize("command", ["check", "sql", "corpus"])
def test_a_bucket_that_is_not_there(
    s3: Faulty, quire: Quire, capfd: pytest.CaptureFixture, command: str
) -> None:
    more = {"sql": ["funnel"]}.get(command, [])
    assert quire(command, "s3://no-such-bucket/data", *more) == 2
    error = capfd.readouterr().err
    assert "no-such-bucket" in error and error.count("\n") == 1


def test_keys_in_a_url(
    s3: Faulty, tmp_path: Path, quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They open the source and DATA, in every worker, and are in no file there."""
    monkeypatch.setenv("QUIRE_URL_SECRETS", "{}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    sources = []
    for name in "ab":
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("p/a.py", f"# {name}")
        Storage(f"s3://{BUCKET}/in").put(f"{name}.zip", content.getvalue())
        sources.append(f"archive:s3://me:s3cr3t@{BUCKET}/in/{name}.zip?region=us-east-1")
    data = f"s3://me:s3cr3t@{BUCKET}/keys"
    assert quire("crawl", data, *sources, "--workers=2") == 0
    assert quire("check", data) == 0
    kept = fetched("keys", tmp_path / "kept")
    assert any(name.startswith("files/") for name in kept)
    assert not [p for p in (tmp_path / "kept").rglob("*.json") if b"s3cr3t" in p.read_bytes()]
