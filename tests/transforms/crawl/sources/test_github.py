"""github: through the command line: its interface as the stand-in has it, git's own http-backend."""

import gzip
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Ask, Quire
from tests.support.git_server import GitServer
from tests.support.git_server import Repository as GitRepository
from tests.support.github_repositories import described
from tests.support.github_server import GitHubServer, GitHubService, refused
from tests.support.loopback_index import reply
from transforms.crawl.github.repository import Repository, remember
from transforms.crawl.sources import source_key
from transforms.crawl.sources.github import parse
from transforms.lib.network.fetch import FetchError, Politeness
from transforms.lib.skeleton.storage import Storage

TOKEN = "ghp_fixture000secret"
QUICK = Politeness(rate=1000, backoff=0.01, max_wait=2, deadline=60, breaker=100)
MIT = b"MIT License\n\nPermission is hereby granted, free of charge, to any person"
SAME = ("files", "ci_configs", "rejects")


@dataclass
class Forge:
    """A server of repositories and the interface that describes them."""

    git: GitServer
    rest: GitHubServer

    @property
    def service(self) -> GitHubService:
        """What answers."""
        return self.rest.service

    def add(self, name: str, files: Mapping[str, bytes] | None = None, **more: object) -> str:
        """A repository that both have; returns the id of its commit, or an empty text."""
        made = self.git.repository(f"{name}.git", self.files(name) if files is None else files)
        self.service.add(name, **more)
        commit = made.git("rev-parse", "main")
        self.service.commits[name.lower()] = {"main": commit}
        return commit

    @staticmethod
    def files(name: str) -> dict[str, bytes]:
        """Files that no other repository has."""
        return {"a.py": f"name = {name!r}\n".encode(), "LICENSE": MIT, "tox.ini": b"[tox]\n"}


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    monkeypatch.setattr("pipelines.crawl.POLITENESS", QUICK)
    with GitServer(tmp_path / "served") as git, GitHubServer() as rest:
        monkeypatch.setenv("GITHUB_API_URL", rest.base)
        monkeypatch.setenv("GITHUB_SERVER_URL", git.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield Forge(git, rest)


def shards(data: Path) -> dict[str, str]:
    """The sha256 of each shard and manifest in which no time is."""
    paths = [path for dataset in SAME for path in (data / dataset).rglob("*") if path.is_file()]
    return {str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def prepared(forge: Forge, data: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """Repositories of every kind: of each source its status, name and `renamed_from`."""
    service, add = forge.service, forge.add
    add("pallets/Click", archived=True, mirror_url="https://example.org/m", is_template=True)
    add("new/name")
    service.rename("new/name", "new/name")
    service.renamed["old/name"] = service.named["new/name"]["id"]
    tagged = forge.git.repository("t/tagged.git", Forge.files("v1"))
    tagged.git("tag", "v1", "main")
    service.add("t/tagged")
    tagged.commit(tagged.files({"b.py": b"x = 2\n"}))
    add("f/fork", fork=True, parent=described("o/origin"))
    add("b/big", size=5_000_000)
    add("h/hostile", id="one", default_branch="--upload-pack=x")
    add("p/pushed")
    GitRepository(forge.git.root / "e" / "empty.git")
    service.add("e/empty")
    service.answer_with("g/gone", 404, "Not Found")
    service.answer_with("g/for-good", 410, "Gone")
    service.answer_with("b/dmca", 451, "Repository access blocked", block={"reason": "dmca"})
    service.answer_with("b/tos", 403, "Repository access blocked", block={"reason": "tos"})
    service.answer_with("e/conflict", 409, "Git Repository is empty.")
    # What a search has seen, and what has come of it since.
    for name in ("l/deleted", "old/name", "p/pushed"):
        remember(Storage(str(data)), Repository.from_json(described(name, 5)))
    return {
        "github:pallets/click": ("ok", "pallets/Click", None),
        "github:old/name": ("ok", "new/name", "old/name"),
        "github:t/tagged@v1": ("ok", "t/tagged", None),
        "github:p/pushed": ("ok", "p/pushed", None),
        "github:f/fork": ("fork", "f/fork", None),
        "github:b/big": ("too_big", "b/big", None),
        "github:h/hostile": ("server_error", "h/hostile", None),
        f"github:p/pushed@{'0' * 40}": ("gone", "p/pushed", None),
        "github:p/pushed@no-such-branch": ("gone", "p/pushed", None),
        "github:e/empty": ("empty", "e/empty", None),
        "github:e/conflict": ("empty", "e/conflict", None),
        "github:g/gone": ("gone", "g/gone", None),
        "github:g/for-good": ("gone", "g/for-good", None),
        "github:b/dmca": ("blocked", "b/dmca", None),
        "github:b/tos": ("blocked", "b/tos", None),
        "github:l/deleted": ("gone", "l/deleted", None),
        "github:a/b/c": ("bad_url", None, None),
        "github:a/b@-x": ("bad_url", None, None),
        "github:https://example.org/a/b": ("bad_url", None, None),
    }


def test_repositories_of_every_kind(
    forge: Forge, quire: Quire, ask: Ask, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    data = tmp_path / "data"
    expected = prepared(forge, data)
    (tmp_path / "names.txt").write_text("old/name\nPallets/CLICK  # again\n")
    arguments = [
        *expected,
        f"github:@{tmp_path / 'names.txt'}",
        f"github:{forge.git.url}/f/Fork.git",
    ]
    assert quire("crawl", data, *arguments, "--workers=1") == 0
    rows = ask(data, "SELECT source, status, repo, renamed_from FROM repositories")
    assert {source: tuple(rest) for source, *rest in rows} == expected
    assert ask(data, "SELECT count(*) FROM rejects_crawl WHERE path IS NULL") == [(15,)]
    assert ask(
        data,
        "SELECT repo, path, stars, forks, repo_id IS NOT NULL, licence_spdx FROM files"
        " ORDER BY repo",
    ) == [
        (name, "a.py", 3, 1, True, "MIT")
        for name in sorted(["new/name", "p/pushed", "pallets/Click", "t/tagged"])
    ]
    ((ref, archived, mirror, template, size, declared, created, commit, tree, kept),) = ask(
        data,
        "SELECT ref, archived, mirror, template, forge_kb, licence_declared, created_at::DATE::TEXT,"
        " length(commit), length(tree), archive_sha256 FROM repositories"
        " WHERE repo = 'pallets/Click'",
    )
    assert (ref, archived, mirror, template, size) == ("main", True, True, True, 120)
    assert (declared, created, commit, tree) == ("MIT", "2020-01-01", 40, 40)
    assert (data / "archives" / kept[:2] / kept).exists()
    assert ask(data, "SELECT fork, fork_of FROM repositories WHERE repo = 'f/fork'") == [
        (True, "o/origin")
    ]
    assert quire("check", data) == 0
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    everything = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in each for each in everything)
    assert TOKEN not in said.out + said.err
    assert {each.who for each in forge.service.log} == {TOKEN}
    # What a search had seen was asked for again only where it was no longer true.
    asked = [each.path for each in forge.service.log]
    assert asked.count("/repos/p/pushed") == 2
    assert asked.count("/repos/l/deleted") == 1


def test_forks_by_flag_and_archives(
    forge: Forge, quire: Quire, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --tarball the same files as by git, but for what knows git's trees."""
    commit = forge.add("f/fork", fork=True, parent=described("o/origin"))
    body = tar(
        {f"f-fork-{commit[:7]}/{path}": text for path, text in Forge.files("f/fork").items()}
    )
    forge.service.tarballs["f/fork", commit] = body
    for data, *flags in (["git"], ["tar", "--tarball"]):
        assert (
            quire("crawl", tmp_path / data, "github:f/fork", "--forks", "--workers=1", *flags) == 0
        )
    columns = "SELECT repo, fork, fork_of, commit, ref, status, licence_spdx FROM repositories"
    rows = [ask(tmp_path / data, columns) for data in ("git", "tar")]
    assert rows[0] == rows[1] == [("f/fork", True, "o/origin", commit, "main", "ok", "MIT")]
    files = [ask(tmp_path / data, "SELECT * FROM files") for data in ("git", "tar")]
    assert files[0] == files[1]
    assert ask(tmp_path / "tar", "SELECT archive_bytes, http_status FROM repositories") == [
        (len(body), 200)
    ]
    assert forge.rest.leaked == []
    # --resume knows the flags, and says which the run had not.
    assert quire("crawl", tmp_path / "tar", "github:f/fork@main", "--resume", "--workers=1") == 0
    assert ask(tmp_path / "tar", "SELECT count(*) FROM repositories WHERE tree IS NULL") == [(2,)]
    capsys.readouterr()
    assert quire("crawl", tmp_path / "git", "--resume", "--tarball", "--workers=1") == 2
    assert "crawl was begun here without --tarball; --resume goes on" in capsys.readouterr().err
    sources = ["github:f/fork@no-such-branch", "github:f/fork@main"]
    forge.rest.fault(f"/codeload/f/fork/legacy.tar.gz/{commit}", reply(200, {}, b"no archive"))
    assert quire("crawl", tmp_path / "bad", *sources, "--forks", "--tarball", "--workers=1") == 3
    columns = "SELECT ref, status, reason, archive_bytes FROM repositories ORDER BY ref"
    assert ask(tmp_path / "bad", columns) == [
        ("main", "rejected", "archive_not_archive truncated header at byte 0", 10),
        ("no-such-branch", "gone", "HTTP 422: No commit found for SHA: no-such-branch", None),
    ]


def tar(files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(sink.getvalue(), mtime=0)


def test_a_spent_limit_is_taken_up_by_resume(
    forge: Forge, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows at last are those of a run that nothing disturbed; no reject tells a time.

    A run that begins before the time asks nothing, unless another token may.
    """
    for name in ("a/one", "a/two", "a/three"):
        forge.add(name)
    sources = ["github:a/one", "github:a/two", "github:a/three"]
    assert quire("crawl", tmp_path / "whole", *sources, "--workers=1") == 0
    data, reset = tmp_path / "data", str(int(time.time()) + 3000)
    forge.rest.fault("/repos/a/two", refused("primary", 429, X_RateLimit_Reset=reset))
    assert quire("crawl", data, *sources, "--workers=1") == 0
    rows = "SELECT source, status, reason FROM repositories WHERE status <> 'ok'"
    failed = ask(data, rows)
    assert {row[:2] for row in failed} == {(each, "deferred") for each in sources[1:]}
    assert all(", not before 20" in row[2] for row in failed)
    values = ask(data, "SELECT value FROM rejects_crawl")
    assert {value.partition(": ")[2] for (value,) in values} == {"the core limit is spent"}
    sent = len(forge.service.log)
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert {row[:2] for row in ask(data, rows)} == {row[:2] for row in failed}
    assert len(forge.service.log) == sent
    monkeypatch.setenv("GITHUB_TOKEN", f"{TOKEN},another")
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert shards(data) == shards(tmp_path / "whole")


UNPACED = (
    "from pipelines import cli, crawl\nfrom transforms.lib.network.fetch import Politeness\n"
    "crawl.POLITENESS = Politeness(rate=1000)\nimport sys\nsys.exit(cli.main())\n"
)


def test_killed_and_resumed(forge: Forge, quire: Quire, tmp_path: Path) -> None:
    """kill -9 while git fetches, then --resume: the bytes of an undisturbed run, by its flags."""
    names = [f"o/r{number}" for number in range(4)]
    for name in names:
        forge.add(name, fork=True)
    sources = [f"git:{forge.git.url}/{name}.git" for name in names[:2]]
    sources += [f"github:{name}" for name in names[2:]]
    assert quire("crawl", tmp_path / "whole", *sources, "--forks", "--workers=1") == 0
    asked, released = forge.git.asked, threading.Event()
    requests = len(asked)
    asked.clear()

    def begins(path: str) -> None:
        if len(asked) == requests - 4:  # in the midst of the last repository
            released.wait(60)

    forge.git.begins = begins
    data, flags = tmp_path / "killed", ["--forks", "--workers=1"]
    command = [sys.executable, "-c", UNPACED, "crawl", str(data), *sources, *flags]
    environment = os.environ | {"TMPDIR": str(tmp_path)}  # for what a killed worker leaves
    process = subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, env=environment
    )
    while len(asked) < requests - 4:
        assert process.poll() is None
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    released.set()
    assert not (data / "repositories" / "_manifest.json").exists()
    asked.clear()
    assert quire("crawl", data, "--resume", "--workers=1") == 0
    assert shards(data) == shards(tmp_path / "whole")
    assert {path.split("/")[2] for path in asked if "upload-pack" in path} == {"r3.git"}
    assert quire("check", data) == 0


def test_workers_share_what_is_allowed_without_a_token(
    forge: Forge, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that do not talk send sixty requests together, or one less, and no more."""
    monkeypatch.delenv("GITHUB_TOKEN")
    names = [f"f/fork{number}" for number in range(70)]  # of which git is asked for nothing
    for name in names:
        forge.service.add(name, fork=True)
    sources = [f"github:{name}" for name in names]
    assert quire("crawl", tmp_path / "data", *sources, "--workers=2") == 3
    counts = "SELECT status, count(*) FROM repositories GROUP BY ALL"
    sent = len(forge.service.log)
    assert dict(ask(tmp_path / "data", counts)) == {"fork": sent, "deferred": 70 - sent}
    assert (sent in (59, 60), forge.service.above) == (True, [])


def test_without_a_token_one_line_says_so(
    forge: Forge,
    quire: Quire,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    forge.add("a/b")
    assert quire("crawl", tmp_path / "data", "github:a/b", "github:a/c", "--workers=1") == 0
    lines = [line for line in capfd.readouterr().err.splitlines() if "GITHUB_TOKEN" in line]
    assert lines == [
        "crawl: no GITHUB_TOKEN: GitHub answers 60 requests an hour, and 10 searches a minute"
    ]
    assert {each.who for each in forge.service.log} == {None}


@pytest.mark.parametrize(
    ("arguments", "environment", "line"),
    [
        (["github:@no-such-file"], {}, "no-such-file: cannot be read as a list"),
        (["github:https://me:s3cr3t@github.com/a/b"], {}, "credentials belong in GITHUB_TOKEN"),
        (["mine=github:a/b"], {}, "brings its own names"),
        (["github:a/b"], {"GITHUB_TOKEN": "s3cr3t x"}, "holds a character that no token has"),
        (["github:a/b"], {"GITHUB_API_URL": "http://example.org"}, "sends a token unencrypted"),
        (["github:a/b"], {"GITHUB_SERVER_URL": "here"}, "no http address"),
    ],
)
def test_what_is_no_use_is_one_line(
    arguments: list,
    environment: dict,
    line: str,
    quire: Quire,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert quire("crawl", tmp_path / "data", *arguments) == 2
    said = capfd.readouterr().err
    assert line in said
    assert len(said.splitlines()) == 1
    assert "s3cr3t" not in said


SPELLINGS = [
    *("pallets/click", "Pallets/Click", "pallets/click.git", "pallets/click/"),
    *("github.com/pallets/click", "https://github.com/pallets/click", " pallets/click"),
    *("http://www.github.com/pallets/click.git", "https://GitHub.com/PALLETS/click/"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_repository_however_it_is_spelt(spelling: str) -> None:
    assert source_key(f"github:{spelling}") == ("github", "pallets/click", "")
    assert source_key(f"github:{spelling}@v1/X") == ("github", "pallets/click", "v1/X")


@pytest.mark.parametrize(
    "place",
    [
        "",
        "a",
        "a/",
        "a/b/c",
        "a/..",
        "git@github.com:a/b",
        "https://evil.org/a/b",
        "a/b@",
        "a/b@x y",
    ]
    + ["a/b@..", "a/b@--x", "a/b@x.lock", "a/b@x~1", "a/b@x:y", "a/b@\x1b"],
)
def test_what_names_no_repository(place: str) -> None:
    with pytest.raises(FetchError) as caught:
        parse(place)
    assert caught.value.status == "bad_url"
