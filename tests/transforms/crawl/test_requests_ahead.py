"""--dry-run of a crawl tells requests that are as many as servers then count."""

from pathlib import Path

import pytest

from tests.conftest import Ask, Quire, write_files
from tests.support.git_server import GitServer
from tests.support.github_server import GitHubServer
from tests.support.inputs import project, rows
from tests.support.loopback_index import LoopbackIndex
from transforms.lib.network.fetch import Politeness
from transforms.lib.redaction import SECRETS

QUICK = Politeness(rate=1000, tries=2, backoff=0.01, max_wait=2, deadline=60, breaker=100)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.crawl.POLITENESS", QUICK)
    monkeypatch.setenv(SECRETS, "{}")


def foretold(quire: Quire, data: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What --dry-run prints, which leaves nothing."""
    assert quire("crawl", data, *words, "--dry-run") == 0
    assert not data.exists()
    return capsys.readouterr().out


def test_releases(
    tmp_path: Path,
    quire: Quire,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, sources = tmp_path / "data", ["pypi:a", "pypi:b==1.0"]
    with LoopbackIndex() as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        index.add("a", "1.0")
        index.add("b", "1.0")
        said = foretold(quire, data, capsys, *sources)
        assert "  pypi: 2 sources, about 4 requests\n" in said
        assert not index.log, "nobody is asked"
        assert quire("crawl", data, *sources, "--workers=1") == 0
        assert len(index.log) == 4


@pytest.mark.parametrize(("by_commit", "requests"), [(False, 5), (True, 3)])
def test_repositories_of_git(
    tmp_path: Path,
    quire: Quire,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    by_commit: bool,
    requests: int,
) -> None:
    data = tmp_path / "data"
    with GitServer(tmp_path / "root") as server:
        commit = server.repository("o/r.git", {"a.py": b"x"}).git("rev-parse", "main")
        source = f"git:{server.url}/o/r.git" + (f"@{commit}" if by_commit else "")
        said = foretold(quire, data, capsys, source)
        assert f"  git: 1 source, about {requests} requests\n" in said and not server.asked
        assert quire("crawl", data, source, "--workers=1") == 0
        assert ask(data, "SELECT count(*) FROM files") == [(1,)]
        assert len(server.asked) == requests


def test_repositories_of_github(
    tmp_path: Path,
    quire: Quire,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    with GitServer(tmp_path / "root") as git, GitHubServer() as rest:
        monkeypatch.setenv("GITHUB_API_URL", rest.base)
        monkeypatch.setenv("GITHUB_SERVER_URL", git.url)
        monkeypatch.setenv("GITHUB_TOKEN", "token")
        git.repository("o/r.git", {"a.py": b"x"})
        rest.service.add("o/r")
        said = foretold(quire, data, capsys, "github:o/r")
        assert "  github: 1 source, about 6 requests\n" in said
        assert not git.asked and not rest.service.log
        assert quire("crawl", data, "github:o/r", "--workers=1") == 0
        assert ask(data, "SELECT count(*) FROM files") == [(1,)]
        assert len(git.asked) + len(rest.service.log) == 6


def test_what_is_here_needs_none(
    tmp_path: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = [f"dir:{project(tmp_path / f'tree{number}')}" for number in range(22)]
    files = write_files(tmp_path / "in.parquet", rows(3))
    said = foretold(quire, tmp_path / "data", capsys, *sources, f"parquet:{files}")
    lines, size = said.splitlines(), sum(file.stat().st_size for file in tmp_path.rglob("*.py"))
    assert lines[0] == f"crawl: 23 sources, into {tmp_path}/data"
    assert lines[1:21] == [f"  {source}" for source in sources[:20]]
    assert lines[21:24] == [
        "  and 3 more",
        f"  dir: 22 sources, no request, 66 files of {size / 1000:.1f} kB",
        f"  parquet: 1 source, no request, 1 file of {files.stat().st_size / 1000:.1f} kB",
    ]
