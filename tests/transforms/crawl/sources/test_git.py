"""`quire crawl DATA git:…` over real HTTP, from git's own server and from klaus, judged by SQL."""

import base64
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import klaus
import pytest

from tests.conftest import Ask, Quire
from tests.support.git_server import COMMITTED, GitServer
from transforms.ci.kept_project import read_kept_project
from transforms.ci.units import ProjectUnit
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Politeness
from transforms.lib.redaction import SECRETS
from transforms.lib.skeleton.storage import Storage

QUICK = Politeness(rate=1000, tries=2, backoff=0.01, max_wait=2, deadline=60, breaker=100)
FILES = {
    "pkg/a.py": b"x = 1\n",
    "tox.ini": b"[tox]\n",
    "LICENSE": b"",
    "pyproject.toml": b"[project]\nname='other'\n",
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    monkeypatch.setattr("pipelines.crawl.POLITENESS", QUICK)
    monkeypatch.setenv(SECRETS, "{}")
    with GitServer(tmp_path / "root") as running:
        yield running


def test_rows(server: GitServer, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    made = server.repository("o/r.git", FILES | {"big.py": b"#" * 1_000_000})
    server.repository("p/r.git")
    (tmp_path / "list.txt").write_text(f"# two\n{server.url}/o/r.git@main\n{server.url}/p/r.git\n")
    source = f"git:{server.url}/o/r.git"
    data = tmp_path / "data"
    arguments = [source, f"git:@{tmp_path}/list.txt", f"git:{server.url}/o/no", "git:git@host:o/r"]
    assert quire("crawl", data, *arguments, "--workers=1") == 0
    commit, tree = made.git("rev-parse", "main", "main^{tree}").split()
    columns = "kind, repo, ref, commit, tree, url, status, http_status, python_files, kept_files"
    url = f"{server.url}/o/r.git"
    assert ask(data, f"SELECT {columns} FROM repositories ORDER BY source") == [
        ("git", None, None, None, None, None, "bad_url", None, 0, 0),
        ("git", None, None, None, None, f"{server.url}/o/no", "gone", 404, 0, 0),
        ("git", "o/r", "main", commit, tree, url, "ok", 200, 2, 1),
        ("git", "o/r", "main", commit, tree, url, "ok", 200, 2, 1),
        ("git", None, None, None, None, f"{server.url}/p/r.git", "empty", None, 0, 0),
    ]
    assert ask(data, "SELECT DISTINCT repo, path, commit, git_sha1 FROM files") == [
        ("o/r", "pkg/a.py", commit, made.git("rev-parse", "main:pkg/a.py"))
    ]
    assert ask(data, "SELECT DISTINCT path, reason FROM rejects_crawl WHERE path IS NOT NULL") == [
        ("big.py", "too_large")
    ]
    assert quire("check", data) == 0


def test_a_checkout_can_be_made_again_without_a_server(
    server: GitServer, quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    """`ci` has all files, and the day of the commit."""
    server.repository("o/r.git", FILES | {"data.bin": b"\0\1"})
    assert quire("crawl", tmp_path / "data", f"git:{server.url}/o/r.git", "--workers=1") == 0
    columns = "repo, commit, archive_sha256, licence_spdx"
    repo, commit, sha256, licence = ask(tmp_path / "data", f"SELECT {columns} FROM repositories")[0]
    unit = ProjectUnit(0, repo, commit, sha256, licence)
    kept = read_kept_project(ArchiveStore(Storage(str(tmp_path / "data"))), unit)
    assert sorted(kept.project.tree.paths) == sorted([*FILES, "data.bin"])
    day = kept.project.committed
    assert day and time.strftime("%Y-%m-%d", time.gmtime(COMMITTED)) == day.isoformat()


def test_names(server: GitServer, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    """Never two projects by one name, and one name for all commits of one."""
    for name in ("a/o/r.git", "b/o/r.git", "c/r.git"):
        made = server.repository(name, {"a.py": name.encode()})
        made.git("tag", "v1")
    arguments = [f"git:{server.url}/{name}" for name in ("a/o/r.git", "a/o/r.git@v1", "b/o/r.git")]
    arguments += [f"mine=git:{server.url}/c/r.git", f"git:{server.url}/c/r.git/"]
    assert quire("crawl", tmp_path, *arguments, "--workers=1") == 0
    names = ask(tmp_path, "SELECT repo FROM repositories ORDER BY ALL")
    assert names == [("a/o/r",), ("a/o/r",), ("b/o/r",), ("mine",)]
    assert quire("crawl", tmp_path, f"git:{server.url}/a/o/r@v1", "--resume", "--workers=1") == 0


def test_secrets(
    server: GitServer, quire: Quire, ask: Ask, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Passwords of the command line and of lists reach git's server, and nothing else."""
    server.repository("o/r.git", FILES)
    server.repository("o/s.git", FILES)
    server.password = "Basic " + base64.b64encode(b"us3r:s3cr3t").decode()
    place = server.url.replace("//", "//us3r:s3cr3t@")
    (tmp_path / "list.txt").write_text(f"{place}/o/s.git\n{place}/o/gone.git@main\n")
    data = tmp_path / "data"
    sources = [f"git:{place}/o/r.git@main", f"git:@{tmp_path}/list.txt", "git:https://s3cr3t@/x"]
    assert quire("crawl", data, *sources, "--workers=1") == 0
    assert ask(data, "SELECT status FROM repositories ORDER BY 1") == [
        ("bad_url",),
        ("gone",),
        ("ok",),
        ("ok",),
    ]
    assert ask(data, "SELECT source FROM repositories WHERE source LIKE '%main'")
    written = b"".join(
        path.read_bytes()
        for path in data.rglob("*")
        if path.suffix != ".parquet" and path.is_file()
    )
    written += repr(
        ask(data, "SELECT * FROM repositories UNION ALL BY NAME SELECT * FROM rejects_crawl")
    ).encode()
    written += "".join(capfd.readouterr()).encode()
    assert f"{server.url}/o/r.git".encode() in written
    for secret in (b"s3cr3t", b"us3r", base64.b64encode(b"us3r:s3cr3t")):
        assert secret not in written


class Silent(WSGIRequestHandler):
    """A handler without a log."""

    def log_message(self, *args: object) -> None:
        """Nothing."""


def test_klaus(quire: Quire, ask: Ask, tmp_path: Path) -> None:
    """A server that nobody here wrote, whose git is not git's."""
    root = tmp_path / "root"
    with GitServer(root) as other:
        made = other.repository("r.git", FILES | {"big.bin": os.urandom(2 << 20)})
    app = klaus.make_app([str(made.folder)], "klaus", use_smarthttp=True)
    with make_server("127.0.0.1", 0, app, handler_class=Silent) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        sources = [f"git:http://127.0.0.1:{running.server_port}/r{ref}" for ref in ("", "@main")]
        assert quire("crawl", tmp_path / "data", *sources, "--workers=1") == 0
        running.shutdown()
    tree = made.git("rev-parse", "main^{tree}")
    rows = ask(tmp_path / "data", "SELECT repo, ref, tree, status FROM repositories")
    assert rows == [("r", "main", tree, "ok"), ("r", "main", tree, "ok")]
    assert ask(tmp_path / "data", "SELECT DISTINCT path FROM files") == [("pkg/a.py",)]
