"""`quire crawl` over real HTTP on loopback, judged by SQL on what it wrote."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines import cli
from tests.conftest import Ask, Quire, write_files
from tests.support import inputs
from tests.support import loopback_index as lo
from tests.support.faulty_server import Fault
from tests.support.loopback_index import LoopbackIndex, reply
from transforms.crawl.project import wanted
from transforms.lib.archives import members
from transforms.lib.network.fetch import Politeness
from transforms.lib.network.retry import Retry
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage

# The deadline is long, so that a busy machine is no slow server; one test has a short one.
QUICK = Politeness(rate=1000, backoff=0.01, max_wait=2, deadline=60, breaker=100, max_bytes=200_000)
LONG = reply(429, {"Retry-After": "3600"})
TOX = "[tox]\nenvlist = py\n"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict]]:
    """One crawl of all CASES: their rows of `repositories`."""
    data = tmp_path_factory.mktemp("crawled")
    with pytest.MonkeyPatch.context() as patch, serving(patch) as index:
        for name, (prepare, _) in CASES.items():
            index.add(name, "1.0")
            prepare(index, name)
        sources = [f"pypi:{name}" for name in CASES]
        assert cli.main(["crawl", str(data), *sources, "--workers=1"]) == 0
        with connect(Storage(str(data))) as connection:
            answer = connection.execute(
                "SELECT r.*, j.path reject_path, j.reason reject, j.value FROM repositories r"
                " LEFT JOIN rejects_crawl j ON r.repo = j.repo AND j.path IS NULL"
            )
            names = [column[0] for column in answer.description]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        assert len(rows) == len(CASES)
        yield {row["repo"]: row for row in rows}


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackIndex]:
    with serving(monkeypatch) as server:
        yield server


class serving:
    """A running index, for which pip and so quire are configured."""

    def __init__(self, patch: pytest.MonkeyPatch, port: int = 0) -> None:
        self.index = LoopbackIndex(port)
        patch.setenv("PIP_INDEX_URL", self.index.url)
        patch.setattr("pipelines.crawl.POLITENESS", QUICK)

    def __enter__(self) -> LoopbackIndex:
        return self.index.__enter__()

    def __exit__(self, *error: object) -> None:
        self.index.__exit__(*error)


Prepare = Callable[[LoopbackIndex, str], None]


def on_file(*faults: Fault, forever: bool = False) -> Prepare:
    return lambda index, name: index.fault(index.file(name), *faults, forever=forever)


def on_page(*faults: Fault, forever: bool = False) -> Prepare:
    return lambda index, name: index.fault(index.page(name), *faults, forever=forever)


def only(*files: tuple[str, bytes]) -> Prepare:
    """The project has these files and no others."""

    def prepare(index: LoopbackIndex, name: str) -> None:
        index.projects[name].clear()
        for filename, body in files:
            index.add_file(name, filename, body)

    return prepare


def releases(*versions: str, yanked: tuple[str, ...] = ()) -> Prepare:
    def prepare(index: LoopbackIndex, name: str) -> None:
        index.projects[name].clear()
        for version in versions:
            index.add(name, version, yanked=version in yanked)

    return prepare


def html(index: LoopbackIndex, name: str) -> None:
    index.html.add(name)


def no_digest(index: LoopbackIndex, name: str) -> None:
    index.projects[name][0].sha256 = None


def wrong_digest(index: LoopbackIndex, name: str) -> None:
    index.projects[name][0].sha256 = "0" * 64


OK = {"status": "ok", "commit": "1.0", "kept_files": 1, "reject": None}
# For each project: how the index serves it, and columns of its row after the crawl.
CASES: dict[str, tuple[Prepare, dict]] = {
    "plain": (releases("1.0"), OK | {"http_status": 200, "licence_spdx": "MIT"}),
    "newest": (releases("1.9", "1.10", "1.2"), OK | {"commit": "1.10"}),
    "previews": (releases("2.0rc1", "1.0", "3.0.dev1"), OK),
    "yanked": (releases("2.0", "1.0", yanked=("2.0",)), OK),
    "html": (html, OK),
    "no-digest": (no_digest, OK),
    "busy-once": (on_file(reply(429, {"Retry-After": "0"})), OK),
    "busy-no-word": (on_page(reply(429)), OK),
    "down-once": (on_page(reply(503), reply(500)), OK),
    "short-once": (on_file(lo.short(b"x" * 999)), OK),
    "chunks-once": (on_file(lo.cut_chunks(b"x" * 999)), OK),
    "moved": (on_page(lo.redirect("/simple/plain/")), {"status": "no_sdist"}),
    "file-moved": (on_file(lo.redirect("/files/./file-moved-1.0.tar.gz", 301)), OK),
    "wheels": (only(("wheels-1.0-py3-none-any.whl", b"PK")), {"status": "no_sdist"}),
    "unstable": (releases("1.0rc1"), OK | {"commit": "1.0rc1"}),
    "hash": (wrong_digest, {"status": "wrong_hash", "http_status": 200, "kept_files": 0}),
    "short": (on_file(lo.short(b"x" * 999), forever=True), {"status": "truncated"}),
    "chunks": (on_file(lo.cut_chunks(b"x" * 999), forever=True), {"status": "truncated"}),
    "busy": (on_file(LONG, forever=True), {"status": "deferred", "http_status": 429}),
    "down": (on_page(reply(503), forever=True), {"status": "server_error", "http_status": 503}),
    "mute": (on_file(lo.hang_up, forever=True), {"status": "unreachable", "http_status": None}),
    "gone": (on_page(reply(404)), {"status": "gone", "http_status": 404, "commit": None}),
    "file-gone": (on_file(reply(404)), {"status": "gone", "http_status": 404, "commit": "1.0"}),
    "blocked": (on_file(reply(403)), {"status": "blocked", "http_status": 403}),
    "loop": (on_page(lo.redirect("."), forever=True), {"status": "bad_redirect"}),
    "to-file": (on_page(lo.redirect("file:///etc/passwd")), {"status": "bad_redirect"}),
    "big": (on_file(reply(200, {}, b"x" * 200_001)), {"status": "too_big"}),
    "no-page": (on_page(reply(200, {"Content-Type": lo.JSON}, b"[]")), {"status": "bad_index"}),
    "no-archive": (
        only(("no-archive-1.0.tar.gz", b"<html>not here</html>")),
        {
            "status": "rejected",
            "commit": "1.0",
            "archive_bytes": 21,
            "reject": "archive_not_archive",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_of_a_source(crawled: dict[str, dict], name: str) -> None:
    row, expected = crawled[name], CASES[name][1]
    assert {column: row[column] for column in expected} == expected
    if row["status"] != "ok":
        assert row["reject_path"] is None
        assert row["reject"] == expected.get("reject", row["status"])
        assert row["value"] == f"pypi:{name}: {row['reason']}"


def test_a_source_without_an_end(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.crawl.POLITENESS", replace(QUICK, deadline=1))
    index.add("drip", "1.0")
    index.fault(index.file("drip"), lo.drip(lo.DRIPPING_BODY), forever=True)
    assert quire("crawl", tmp_path, "pypi:drip", "--workers=1") == 3
    reason = "no end in time"
    assert ask(tmp_path, "SELECT repo, status, reason FROM repositories") == [
        ("drip", "timeout", reason)
    ]
    assert ask(tmp_path, "SELECT repo, path, reason, value FROM rejects_crawl") == [
        ("drip", None, "timeout", f"pypi:drip: {reason}")
    ]


def shards(data: Path, *datasets: str) -> dict[str, str]:
    """The sha256 of each shard and manifest of some datasets, by name."""
    paths = [path for dataset in datasets for path in (data / dataset).rglob("*")]
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }


SAME = ("files", "ci_configs", "rejects")


def test_pinned_versions(index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    index.add("a", "1.0", "2.0", "3.0rc1")
    index.add("a", "1.5", yanked="broken")
    sources = [
        "pypi:a==1.0.0",
        "pypi:a==3.0rc1",
        "pypi:A==1.5",
        "pypi:a==9",
        "pypi:a==new",
        "pypi:a b",
    ]
    assert quire("crawl", tmp_path, *sources, "--workers=1") == 0
    assert ask(
        tmp_path, "SELECT source, repo, commit, status FROM repositories ORDER BY source"
    ) == [
        ("pypi:A==1.5", "a", "1.5", "ok"),
        ("pypi:a b", "a b", None, "gone"),
        ("pypi:a==1.0.0", "a", "1.0", "ok"),
        ("pypi:a==3.0rc1", "a", "3.0rc1", "ok"),
        ("pypi:a==9", "a", "9", "no_such_version"),
        ("pypi:a==new", "a", "new", "no_such_version"),
    ]
    assert ask(tmp_path, "SELECT DISTINCT repo, commit FROM files ORDER BY 2") == [
        ("a", "1.0"),
        ("a", "1.5"),
        ("a", "3.0rc1"),
    ]


def test_lists_comments_and_spellings(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    for name in "abcd":
        index.add(name, "1.0")
    (tmp_path / "names.txt").write_text("# our own\nB\nb\n\nc==1.0  # pinned\nc==1.0.0\n")
    (tmp_path / "more.args").write_text("pypi:d   # and this\n#pypi:e\n--workers=1\n")
    data = tmp_path / "data"
    names, more = f"pypi:@{tmp_path}/names.txt", f"@{tmp_path}/more.args"
    assert quire("crawl", data, "pypi:a", names, "pypi:A", more) == 0
    assert ask(data, "SELECT source FROM repositories ORDER BY source") == [
        ("pypi:B",),
        ("pypi:a",),
        ("pypi:c==1.0",),
        ("pypi:d",),
    ]
    assert len(index.log) == 8


LICENCES = {
    "License-Expression: mit OR apache-2.0": "MIT OR Apache-2.0",
    "Classifier: License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License: MIT License": "MIT",
    "License: ask the author": "NOASSERTION",
}


def test_licences_and_ci_files(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    files = {"tox.ini": TOX, ".github/workflows/ci.yml": "on: push\n", "setup.cfg": "[metadata]\n"}
    for place, headers in enumerate(LICENCES):
        body = lo.sdist(f"p{place}", "1.0", files if place == 0 else {}, headers)
        index.add_file(f"p{place}", f"p{place}-1.0.tar.gz", body)
    sources = [f"pypi:p{place}" for place in range(len(LICENCES))]
    assert quire("crawl", tmp_path, *sources, "--workers=1") == 0
    for dataset in ("repositories", "files"):
        found = ask(tmp_path, f"SELECT licence_spdx FROM {dataset} ORDER BY repo")
        assert [row[0] for row in found] == list(LICENCES.values())
    index.shutdown()
    configs = ask(
        tmp_path, "SELECT path, kind, content, archive_sha256 FROM ci_configs ORDER BY 2, 1"
    )
    assert [row[:3] for row in configs] == [
        (".github/workflows/ci.yml", "github_workflow", "on: push\n"),
        ("tox.ini", "tox", TOX),
    ]
    sha256 = configs[0][3]
    with open(tmp_path / "archives" / sha256[:2] / sha256, "rb") as archive:
        kept = {member.path: member.content for member in members(archive, wanted)}
    assert kept["tox.ini"] == TOX.encode()


RATE = 5  # requests a second


def test_crawled_twice(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker or two, at another path: the same bytes and rows."""
    for name in "abcdef":
        index.add(name, "1.0", files={"tox.ini": TOX, f"{name}/bad.py": b"\xff"})
    index.fault(index.page("e"), lo.hang_up, forever=True)
    index.fault(index.file("f"), LONG, forever=True)
    sources = [f"pypi:{name}" for name in "abcdef"] + ["pypi:a==1.0", "pypi:none"]
    found = []
    for data, workers in ((tmp_path / "one", 1), (tmp_path / "elsewhere" / "two", 2)):
        index.log.clear()
        assert quire("crawl", data, *sources, f"--workers={workers}") == 0
        rows = ask(data, "SELECT * EXCLUDE (fetched_at, seconds) FROM repositories ORDER BY source")
        found.append((shards(data, *SAME), rows))
        monkeypatch.setattr("pipelines.crawl.POLITENESS", replace(QUICK, rate=RATE))
    assert found[0] == found[1]
    # The second crawl sends RATE requests a second over both workers: each sends one every 2 / RATE
    # seconds. One of them has sent half of the requests or more. The first may have been seen late.
    at = [asked.at for asked in index.log]
    assert len(at) > 12
    seen_late = 0.8
    assert max(at) - min(at) > (len(at) / 2 - 1) * 2 / RATE - seen_late


def test_overwriting_asks_conditionally(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    index.etags = True
    index.add("a", "1.0")
    assert quire("crawl", tmp_path, "pypi:a", "--workers=1") == 0
    before = shards(tmp_path, *SAME), ask(tmp_path, "SELECT http_status, etag FROM repositories")
    assert quire("crawl", tmp_path, "pypi:a", "--workers=1") == 2
    assert quire("crawl", tmp_path, "pypi:a", "--workers=1", "--overwrite") == 0
    after = shards(tmp_path, *SAME), ask(tmp_path, "SELECT http_status, etag FROM repositories")
    assert before == after
    assert before[1] == [(200, '"file"')]
    assert [asked.path for asked in index.log] == ["/simple/a/", index.file("a"), "/simple/a/"]
    assert "If-None-Match" in index.log[2].headers


def test_resume_tries_deferred_sources_again(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c", "d"):
        index.add(name, "1.0")
    index.fault(index.file("b"), LONG, forever=True)
    index.fault(index.page("c"), reply(503), forever=True)
    waits: list[float] = []
    with monkeypatch.context() as patch:
        patch.setattr(
            "transforms.lib.network.fetch.time",
            SimpleNamespace(monotonic=time.monotonic, sleep=waits.append),
        )
        patch.setattr("transforms.lib.network.fetch.Retry", partial(Retry, sleep=waits.append))
        assert quire("crawl", tmp_path, "pypi:a", "pypi:b", "pypi:c", "--workers=1") == 0
    assert waits and max(waits) < QUICK.max_wait, "an hour is left to --resume"
    status = "SELECT repo, status FROM repositories ORDER BY repo"
    assert ask(tmp_path, status) == [("a", "ok"), ("b", "deferred"), ("c", "server_error")]
    index.repair()
    index.log.clear()
    # Sources of the first run are finished though they are not named again, and new ones are added.
    assert quire("crawl", tmp_path, "pypi:d", "pypi:A", "--resume", "--workers=1") == 0
    assert ask(tmp_path, status) == [(name, "ok") for name in "abcd"]
    assert not ask(tmp_path, "SELECT * FROM rejects_crawl")
    assert ask(tmp_path, "SELECT repo, count(*) FROM files GROUP BY 1 ORDER BY 1") == [
        (name, 1) for name in "abcd"
    ]
    assert not index.asked(index.page("a"))
    assert quire("check", tmp_path) == 0
    index.log.clear()
    assert quire("crawl", tmp_path, "--resume", "--workers=1") == 0
    assert not index.log


def test_a_shard_that_is_written_again_fetches_no_archive_again(
    index: LoopbackIndex,
    quire: Quire,
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transforms.crawl.units.SHARDS", 1)
    index.add("a", "1.0")
    index.add("b", "1.0")
    index.fault(index.file("b"), LONG)
    assert quire("crawl", tmp_path, "pypi:a", "pypi:b", "--workers=1") == 0
    assert quire("crawl", tmp_path, "--resume", "--workers=1") == 0
    assert ask(tmp_path, "SELECT repo, status FROM repositories ORDER BY 1") == [
        ("a", "ok"),
        ("b", "ok"),
    ]
    assert [len(index.asked(index.file(name))) for name in "ab"] == [1, 2]


def test_exclusions(index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    for name in ("my-project", "pinned", "kept"):
        index.add(name, "1.0", "2.0", files={"tox.ini": TOX, "noxfile.py": "import nox\n"})
    opted_out = "x = 1\n"
    write_files(
        tmp_path / "in.parquet",
        [
            {"repo": repo, "path": "a.py", "content": content}
            for repo, content in (("p", opted_out), ("p", "y = 2\n"), ("My.Project", "z = 3\n"))
        ],
    )
    digests = [
        hashlib.sha256(text.encode()).hexdigest() for text in (opted_out, TOX, "import nox\n")
    ]
    lines = ["# opted out", "My_Project", "pinned==2", *digests]
    (tmp_path / "out.txt").write_text("\n".join(lines))
    sources = [
        "pypi:my.project",
        "pypi:pinned",
        "pypi:pinned==1.0",
        "pypi:kept",
        f"parquet:{tmp_path}/in.parquet",
    ]
    data = tmp_path / "data"
    assert quire("crawl", data, *sources, "--workers=1", f"--exclude={tmp_path}/out.txt") == 0
    assert ask(data, "SELECT repo, commit, path FROM files ORDER BY ALL") == [
        ("kept", "2.0", "kept/__init__.py"),
        ("p", None, "a.py"),
        ("pinned", "1.0", "pinned/__init__.py"),
    ]
    assert not ask(data, "SELECT * FROM ci_configs")
    assert quire("check", data) == 0
    rejects = "SELECT repo, commit, path, count(*) FROM rejects_crawl WHERE reason = 'excluded' GROUP BY ALL ORDER BY ALL"
    assert ask(data, rejects) == [
        ("My.Project", None, "a.py", 1),
        ("kept", "2.0", "noxfile.py", 1),
        ("kept", "2.0", "tox.ini", 1),
        ("my-project", None, None, 1),
        ("p", None, "a.py", 1),
        ("pinned", "1.0", "noxfile.py", 1),
        ("pinned", "1.0", "tox.ini", 1),
        ("pinned", "2.0", None, 1),
    ]
    assert not index.asked(index.page("my-project"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_exclusions_of_any_editor(
    quire: Quire,
    ask: Ask,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    encoding: str,
) -> None:
    """And lines that exclude nothing are told, as one that is misspelt is."""
    files = {"a.py": "x = 1\n", "b.py": "# coding: latin-1\n'é'\n", "c.py": "y = 2\n"}
    digests = []
    for project in ("one", "two"):
        (tmp_path / project).mkdir()
        for name, text in files.items():
            raw = text.encode("latin-1")
            (tmp_path / project / name).write_bytes(raw)
            digests.append(hashlib.sha256(raw).hexdigest().upper())
    lines = ["Two", "misspelt==1", *digests[:2], "0" * 64, ""]
    (tmp_path / "out.txt").write_bytes("\r\n".join(lines).encode(encoding))
    sources = [f"dir:{tmp_path}/one", f"dir:{tmp_path}/two"]
    exclude = f"--exclude={tmp_path}/out.txt"
    assert quire("crawl", tmp_path / "data", *sources, exclude, "--workers=1") == 0
    assert ask(tmp_path / "data", "SELECT repo, path FROM files") == [("one", "c.py")]
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "--exclude" in line]
    assert line.endswith(f"nothing here is excluded by {'0' * 64}, misspelt==1")


def test_one_bad_source_does_not_end_the_crawl(
    quire: Quire,
    ask: Ask,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each has a row that says why; --resume gets past them, and tries again what may pass."""
    monkeypatch.setitem(sys.modules, "fsspec.core", None)  # as where it is not installed
    for folder in ("good", "later"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text(f"# {folder}\n")
    (tmp_path / "later").rename(tmp_path / "hidden")
    (tmp_path / "damaged.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1")
    sources = {
        f"dir:{tmp_path}/good": "ok",
        f"dir:{tmp_path}/later": "not_found",
        f"archive:{tmp_path}/damaged.zip": "rejected",
        f"archive:{tmp_path}/good": "unreadable",
        f"archive:{tmp_path}/none.zip": "not_found",
        "archive:ftp://example.org/a.zip": "bad_url",
        f"parquet:{tmp_path}/damaged.parquet": "rejected",
    }
    data = tmp_path / "data"
    status = "SELECT source, status FROM repositories ORDER BY source"
    assert quire("crawl", data, *sources, "--workers=1") == 0
    assert ask(data, status) == sorted(sources.items())
    reasons = ask(data, "SELECT count(*) FROM rejects_crawl WHERE path IS NULL")
    assert reasons == [(len(sources) - 1,)]
    (tmp_path / "hidden").rename(tmp_path / "later")
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert ask(data, status) == sorted((sources | {f"dir:{tmp_path}/later": "ok"}).items())
    assert quire("check", data) == 0
    assert quire("crawl", tmp_path / "none", list(sources)[2], "--workers=1") == 3


def test_a_source_that_fails_midway_keeps_what_was_read(
    quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transforms.crawl import sources as kinds
    from transforms.crawl.project import Project
    from transforms.crawl.sources import FetchedProject, parquet
    from transforms.lib.errors import UsageError

    write_files(tmp_path / "x.parquet", [{"repo": "r", "path": "a.py", "content": "x = 1\n"}])
    (table,) = parquet.read(str(tmp_path / "x.parquet"), None).tables

    def tables() -> Iterator:
        yield table
        raise UsageError("x.parquet: row group 2 cannot be read")

    def read(place: str, fetcher: object) -> FetchedProject:
        return FetchedProject(Project(), {"url": place}, tables())

    known = tuple((kind, read if kind == "parquet" else each) for kind, each in kinds.SOURCES)
    monkeypatch.setattr("transforms.crawl.read_source.SOURCES", known)
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "a.py").write_text("")
    named = [f"parquet:{tmp_path}/x.parquet", f"dir:{tmp_path}/good"]
    assert quire("crawl", tmp_path / "data", *named, "--workers=1") == 0
    assert ask(tmp_path / "data", "SELECT repo FROM files ORDER BY 1") == [("good",), ("r",)]
    assert ask(
        tmp_path / "data", "SELECT status, kept_files FROM repositories ORDER BY status"
    ) == [("damaged", 1), ("ok", 1)]


def test_stars_of_a_source(quire: Quire, ask: Ask, tmp_path: Path) -> None:
    """`repositories` has those of Parquet whose rows are all of one project."""
    row = {"path": "a.py", "content": "x = 1\n"}
    write_files(tmp_path / "one.parquet", [row | {"repo": "a/b", "stars": s} for s in (3, None)])
    write_files(tmp_path / "two.parquet", [row | {"repo": r, "stars": 5} for r in ("c/d", "e/f")])
    data = tmp_path / "data"
    sources = [f"parquet:{tmp_path}/{name}.parquet" for name in ("one", "two")]
    assert quire("crawl", data, *sources, "--workers=1") == 0
    rows = ask(data, "SELECT repo, stars FROM repositories ORDER BY source")
    assert rows == [("a/b", 3), (None, None)]


def test_projects_of_one_name(quire: Quire, ask: Ask, tmp_path: Path) -> None:
    """Two people's folders are two projects, in whichever run, and one folder is one."""
    for name in ("alice", "bob", "carol"):
        (tmp_path / name / "tools").mkdir(parents=True)
        (tmp_path / name / "tools" / "a.py").write_text(f"# {name}\n")
    named = [f"dir:{tmp_path}/{name}/tools" for name in ("alice", "bob", "carol")]
    data, repos = tmp_path / "data", "SELECT repo, count(*) FROM files GROUP BY 1 ORDER BY 1"
    assert quire("crawl", data, *named[:2], f"{named[0]}/", "--workers=2") == 0
    assert ask(data, repos) == [("alice/tools", 1), ("bob/tools", 1)]
    assert quire("crawl", data, named[2], "--name=theirs", "--resume", "--workers=1") == 0
    assert ask(data, repos) == [("alice/tools", 1), ("bob/tools", 1), ("theirs", 1)]
    assert ask(data, "SELECT source FROM repositories WHERE repo = 'theirs'") == [
        (f"theirs={named[2]}",)
    ]
    assert quire("crawl", tmp_path / "no", *named, "--name=theirs") == 2
    assert quire("crawl", tmp_path / "no", "pypi:a", "--name=theirs") == 2
    assert quire("crawl", tmp_path / "no", named[0], "--name=a b") == 2


def test_an_archive_that_took_too_long_is_tried_again(
    quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").write_text("x = 1\n")
    archive = shutil.make_archive(str(tmp_path / "p-1"), "gztar", tmp_path, "p")
    data = tmp_path / "data"
    with monkeypatch.context() as patch:
        patch.setattr("transforms.lib.archives.rules.MAX_SECONDS", 0)
        assert quire("crawl", data, f"archive:{archive}", "--workers=1") == 3
    assert ask(data, "SELECT status FROM repositories") == [("timeout",)]
    assert ask(data, "SELECT reason FROM rejects_crawl") == [("archive_timeout",)]
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert ask(data, "SELECT status, repo FROM repositories") == [("ok", "p")]


@pytest.mark.parametrize(
    ("tolerated", "code"),
    [
        ("2", 0),
        ("1", 3),
        ("50%", 0),
        ("49.9%", 3),
        ("0", 3),
        ("100%", 0),
        ("x", 2),
        ("-1", 2),
        ("nan%", 2),
    ],
)
def test_tolerated_rejects(quire: Quire, tmp_path: Path, tolerated: str, code: int) -> None:
    write_files(
        tmp_path / "in.parquet",
        [
            {"repo": "r", "path": f"{n}.py", "content": content}
            for n, content in enumerate(["x = 1\n", "x = 2\n", "\0", None])
        ],
    )
    data = tmp_path / "data"
    crawl = ["crawl", data, f"parquet:{tmp_path}/in.parquet", "--workers=1"]
    assert quire(*crawl, f"--max-rejects={tolerated}") == code
    assert data.exists() == (code != 2)


def test_no_row_at_all(index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    assert quire("crawl", tmp_path, "pypi:none", "pypi:nothing", "--workers=1") == 3
    assert ask(tmp_path, "SELECT repo, status FROM repositories ORDER BY 1") == [
        ("none", "gone"),
        ("nothing", "gone"),
    ]
    assert quire("check", tmp_path) == 0


def test_nobody_answers(
    quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(monkeypatch):
        pass  # the port is closed again
    assert quire("crawl", tmp_path, "pypi:a", "--workers=1") == 3
    assert ask(tmp_path, "SELECT status, reason FROM repositories") == [
        ("unreachable", "ConnectionRefusedError: [Errno 111] Connection refused"),
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["cvs:a"], "'cvs:a' is no source"),
        (["flask"], "'flask' is no source"),
        (["pypi:"], "'pypi:' is no source"),
        (["dir:/\udcff"], "not UTF-8"),
        (["pypi:@missing.txt"], "missing.txt: cannot be read as a list"),
        (["pypi:a", "--exclude=missing.txt"], "missing.txt: cannot be read as a list"),
        ([], "no SOURCE is named"),
    ],
)
def test_usage(
    quire: Quire, tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert quire("crawl", tmp_path / "data", *arguments) == 2
    error = capfd.readouterr().err
    assert line in error
    assert error.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_limit_and_dry_run(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abc":
        index.add(name, "1.0")
    data = tmp_path / "data"
    sources = ["pypi:a", "pypi:b", "pypi:c"]
    assert quire("crawl", data, *sources, "--limit=2", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[1:4] == [
        *("  pypi:a", "  pypi:b"),
        "  pypi: 2 sources, about 4 requests",
    ]
    assert not data.exists()
    assert quire("crawl", data, *sources, "--limit=2", "--workers=1") == 0
    assert ask(data, "SELECT source FROM repositories ORDER BY 1") == [("pypi:a",), ("pypi:b",)]
    assert quire("crawl", data, *sources, "--resume", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[1] == "  pypi:c"


def test_passwords_are_never_written(
    index: LoopbackIndex,
    quire: Quire,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    index.add("a", "1.0")
    index.add("b", "1.0")
    index.etags, index.password = True, "Basic dmlzaXRvcjpzM2NyM3Qh"
    index.fault(index.page("b"), lo.hang_up, forever=True)
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//visitor:s3cr3t%21@"))
    assert quire("crawl", tmp_path, "pypi:a", "pypi:b", "pypi:c", "--workers=1") == 0
    output = "".join(capfd.readouterr())
    assert "pypi:b: unreachable" in output
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = output.encode() + b"".join(unpacked(path) for path in kept)
    assert index.url.encode() in everything
    assert b"s3cr3t" not in everything
    assert b"visitor" not in everything


def test_secrets_of_sources_are_never_written(
    quire: Quire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUIRE_URL_SECRETS", "{}")
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "a.py").touch()
    sources = [
        f"dir:{tmp_path}/good",
        "archive:https://visitor:s3cr3t@example.invalid/a.zip?token=s3cr3t#s3cr3t",
        "archive:ftp://example.invalid/a.zip?X-Amz-Signature=s3cr3t",
    ]
    data = tmp_path / "data"
    assert quire("crawl", data, *sources, "--dry-run") == 0
    assert quire("crawl", data, *sources, "--workers=1") == 0
    assert quire("crawl", data, *sources, "--workers=1", "--max-rejects=0", "--overwrite") == 3
    output = "".join(capfd.readouterr()).encode()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = output + b"".join(unpacked(path) for path in kept)
    assert b"example.invalid/a.zip" in everything
    assert b"s3cr3t" not in everything and b"visitor" not in everything


def unpacked(path: Path) -> bytes:
    """The bytes of a file; of a Parquet file its values as JSON."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    with connect(Storage(str(path.parent))) as connection:
        return json.dumps(connection.read_parquet(str(path)).fetchall(), default=str).encode()


SLOW = (
    "from pipelines import cli, crawl\nfrom transforms.lib.network.fetch import Politeness\n"
    "crawl.POLITENESS = Politeness(rate=1000)\nimport sys\nsys.exit(cli.main())\n"
)


def test_killed_and_resumed(index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    """kill -9 at any moment, then --resume: the bytes of an undisturbed run, no temporary files."""
    for number in range(10):
        index.add(f"p{number}", "1.0", files={"tox.ini": TOX, "bad.py": b"\xff"})
    sources = [f"pypi:p{number}" for number in range(10)]
    assert quire("crawl", tmp_path / "whole", *sources, "--workers=1") == 0
    whole = shards(tmp_path / "whole", *SAME)
    moments = random.Random(3)
    for attempt in range(3):
        stop_after = moments.randrange(1, 20)  # of 20 requests
        index.hold(stop_after)
        data = tmp_path / f"killed-{attempt}"
        command = [sys.executable, "-c", SLOW, "crawl", str(data), *sources, "--workers=1"]
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        while len(index.log) < stop_after:
            assert process.poll() is None
            time.sleep(0.005)
        # Any moment while the last answer is worked on; there is no other before `release`.
        time.sleep(moments.uniform(0, 0.04))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (data / "repositories" / "_manifest.json").exists()
        index.release()
        fetched = {asked.path for asked in index.log[: stop_after - 4]}
        index.log.clear()
        assert quire("crawl", data, *([] if attempt else sources), "--resume", "--workers=1") == 0
        assert shards(data, *SAME) == whole
        assert quire("check", data) == 0
        assert not [asked for asked in index.log if asked.path in fetched]
        assert not list(data.rglob("*.tmp"))


def test_killed_between_manifests(index: LoopbackIndex, quire: Quire, tmp_path: Path) -> None:
    """A commit is several manifests: whichever are missing, a resumed run writes all again."""
    index.add("a", "1.0", files={"tox.ini": TOX})
    index.add("b", "1.0")
    assert quire("crawl", tmp_path, "pypi:a", "pypi:b", "--workers=1") == 0
    whole = shards(tmp_path, *SAME)
    for lost in (["repositories"], ["files", "ci_configs"]):
        for dataset in lost:
            (tmp_path / dataset / "_manifest.json").unlink()
        assert quire("crawl", tmp_path, "pypi:a", "pypi:b", "--resume", "--workers=1") == 0
        assert shards(tmp_path, *SAME) == whole
        assert quire("check", tmp_path) == 0
    assert len(index.asked(index.file("a"))) == 1


def test_a_commit_that_fails_half_way(
    index: LoopbackIndex, quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    """A source that `repositories` lists is in the other datasets too, even if a commit fails."""
    index.add("a", "1.0")
    index.add("b", "1.0")
    manifest = tmp_path / "files" / "_manifest.json"

    def obstruct(handler: lo.Handler) -> None:
        manifest.rename(tmp_path / "aside")
        manifest.mkdir()
        handler.send(200, {}, index.projects["b"][0].body)

    index.fault(index.file("b"), obstruct)
    assert quire("crawl", tmp_path, "pypi:a", "--workers=1") == 0
    assert quire("crawl", tmp_path, "pypi:b", "--resume", "--workers=1") == 1
    manifest.rmdir()
    (tmp_path / "aside").rename(manifest)
    assert quire("crawl", tmp_path, "--resume", "--workers=1") == 0
    assert ask(tmp_path, "SELECT repo FROM files ORDER BY 1") == [("a",), ("b",)]
    assert quire("check", tmp_path) == 0


def test_opt_outs(tmp_path: Path, quire: Quire, ask: Ask, capsys) -> None:
    """Before anything is fetched where the name says it, else after reading; files one by one."""
    places = {name: inputs.project(tmp_path / name) for name in ("kept", "named", "held")}
    (places["held"] / "LICENSE").write_text("Copyright (c) 2020 Jo <jo@holder.example>\n")
    row = {"path": "a.py", "commit": "ab" * 20, "stars": 1}
    write_files(
        tmp_path / "in.parquet",
        [
            row | {"repo": "new/name", "content": "A = 1\n", "repo_id": 7},
            row | {"repo": "octo/cat", "content": "B = 1\n", "repo_id": 8},
            row | {"repo": "some/one", "content": "C = 1\n", "repo_id": 9, "commit": None},
        ],
    )
    blob = hashlib.sha1(b"blob 6\0C = 1\n").hexdigest()
    lines = (
        "flask",
        "named",
        "octo/",
        "id:7",
        f"swh:1:cnt:{blob}",
        "kept:tox.ini",
        "kept:pkg/b.py",
    )
    (tmp_path / "list").write_text("\n".join([*lines, "@holder.example", "id:1"]))
    sources = [f"dir:{place}" for place in places.values()]
    sources += ["pypi:Flask==2.0", f"parquet:{tmp_path}/in.parquet"]
    flags = (f"--opt-out={tmp_path}/list", "--workers=1")
    assert quire("crawl", tmp_path / "data", *sources, *flags) == 0
    data = tmp_path / "data"
    said = capsys.readouterr().err
    assert "crawl: 1 of 9 opt-outs concern no row here: id:1\n" in said
    opted = (
        "SELECT repo, http_status, reason FROM repositories WHERE status = 'opted_out' ORDER BY 1"
    )
    assert ask(data, opted) == [
        ("flask", None, "flask"),
        ("held", None, "@holder.example"),
        ("named", None, "named"),
    ]
    assert ask(
        data,
        "SELECT repo, path, value FROM rejects_crawl WHERE path IS NOT NULL AND reason = 'opt_out'"
        " ORDER BY ALL",
    ) == [
        ("kept", "pkg/b.py", "kept:pkg/b.py"),
        ("kept", "tox.ini", "kept:tox.ini"),
        ("new/name", "a.py", "id:7"),
        ("octo/cat", "a.py", "octo/"),
        ("some/one", "a.py", f"swh:1:cnt:{blob}"),
    ]
    assert ask(data, "SELECT path FROM files ORDER BY 1") == [("pkg/a.py",), ("pkg/c.py",)]
    assert not ask(data, "SELECT * FROM ci_configs")
    said_of = "SELECT reason FROM repositories WHERE repo = 'kept'"
    assert ask(data, said_of)[0][0].startswith("some files have opted out (2); an archive")
    assert not list((data / "archives").glob("??/*")), "each held what has opted out"
    assert quire("check", data) == 0
    assert quire("crawl", data, "--resume", *flags) == 0, (
        "what has opted out is not asked for again"
    )


def test_who_holds_the_rights(tmp_path: Path, quire: Quire, ask: Ask) -> None:
    place = inputs.project(tmp_path / "it", ["a"])
    (place / "LICENSE").write_text(
        "Copyright 2020 A <a@Holder.Example>\nmail to: b@other.example\n"
    )
    (place / "PKG-INFO").write_text("Name: it\nAuthor-email: C <c@c.example>, D <d@d.example>\n")
    assert quire("crawl", tmp_path / "data", f"dir:{place}", "--workers=1") == 0
    domains = ask(tmp_path / "data", "SELECT holder_domains FROM repositories")
    assert domains == [("c.example d.example holder.example",)]
