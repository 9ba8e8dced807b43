"""github-search: against the stand-in for GitHub, under a simulated clock, and by the command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ask, Quire
from tests.support.github_repositories import Made, iso
from tests.support.github_server import GitHubServer, GitHubService, SimulatedClock
from tests.support.github_tarball import tarball
from tests.support.loopback_index import reply
from transforms.crawl.github.found_sources import Finder
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.storage import Storage

TODAY = 1_780_000_000.0  # after all that the stand-in has made
QUERY = "github-search:language:python"


@dataclass
class Plain(Made):
    """Repositories that say little, for they are made 100,000 times."""

    def repository(self, i: int) -> dict[str, Any]:
        return {"id": i, "full_name": f"o/r{i}", "created_at": iso(self.created[i])}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")


def finder(data: Path, service: GitHubService, **more: Any) -> tuple[Finder, list[str]]:
    """A finder that asks the service, and the lines that it says."""
    said: list[str] = []
    return Finder(Storage(str(data)), service.clock, said.append, send=service.send, **more), said


def test_a_hundred_thousand_are_planned_within_all_limits(tmp_path: Path) -> None:
    service = GitHubService(Plain(100_000), SimulatedClock(TODAY))
    find, said = finder(tmp_path, service, keeps=False)
    found = find.find(QUERY)
    numbers = [int(each.source.removeprefix("github:o/r")) for each in found]
    assert numbers == list(range(100_000)), "each once, in the order in which they were made"
    assert not service.above and service.most_in(60, "search") <= 30
    assert (service.log[-1].at - service.log[0].at) / 3600 <= 0.7
    assert len(said) > 30 and not any("incomplete" in line for line in said)
    assert not list(tmp_path.iterdir()), "a dry run writes nothing"


def test_a_search_by_the_last_push_is_cut_by_it(tmp_path: Path) -> None:
    service = GitHubService(Made(1_100), SimulatedClock(TODAY))
    find, _ = finder(tmp_path, service, keeps=False)
    found = find.find(f"{QUERY} pushed:>=2015-06-01")
    pushed = map(service.made.repository, range(1_100))
    names = [f"github:{e['full_name']}" for e in pushed if e["pushed_at"] >= "2015-06-01"]
    assert [each.source for each in found] == names and len(names) > 1_000
    assert all("pushed:2" in each.query["q"] for each in service.log)


def test_incomplete_answers_are_said(tmp_path: Path) -> None:
    service = GitHubService(Made(150), SimulatedClock(TODAY))
    service.incomplete = 3
    find, said = finder(tmp_path, service)
    assert len(find.find(QUERY)) == 100, "half of page 1"
    assert ["incomplete" in line for line in said] == [True, False]
    # A search that was read to its end stays as it was, until it is asked anew.
    assert len(find.find(QUERY)) == 100 and "--overwrite" in said[2]
    find, said = finder(tmp_path, service, anew=True)
    assert len(find.find(QUERY)) == 150 and len(said) == 1


def test_a_long_wait_is_waited_for_and_said(tmp_path: Path) -> None:
    """Half an hour; more than an hour is left to --resume."""
    service = GitHubService(Made(300), SimulatedClock(TODAY))
    for seconds, fails in ((1_800, False), (7_200, True)):
        waits = {2: seconds}

        def send(*asked: Any, waits: dict = waits) -> Any:
            response = service.send(*asked)
            if wait := waits.pop(len(service.log), 0):
                response.headers["Retry-After"] = str(wait)
                return type(response)(response.url, 403, response.headers, bytearray())
            return response

        service.log.clear()
        said: list[str] = []
        find = Finder(Storage(str(tmp_path / str(fails))), service.clock, said.append, send=send)
        if fails:
            with pytest.raises(PipelineError, match=r"not before 20.*--resume"):
                find.find(QUERY)
            waits[len(service.log) + 1] = seconds
            dry = replace(find, data=Storage(str(tmp_path / "dry")), keeps=False)
            with pytest.raises(PipelineError):
                dry.find(QUERY)
            assert not (tmp_path / "dry").exists(), "a dry run keeps no spent limit either"
            service.clock.sleep(seconds)
        assert len(find.find(QUERY)) == 300
        assert any("waits for" in line for line in said)


@pytest.mark.parametrize(
    ("query", "line"),
    [("nonsense:1", "Validation Failed"), ("created:soon", "created: is not understood")],
)
def test_a_query_that_is_none_is_one_line(tmp_path: Path, query: str, line: str) -> None:
    find, _ = finder(tmp_path, GitHubService(Made(5), SimulatedClock(TODAY)))
    with pytest.raises(UsageError, match=line):
        find.find(f"github-search:{query}")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    """The stand-in on loopback, under the clock of the command."""
    clock = SimulatedClock(TODAY)
    monkeypatch.setattr("pipelines.crawl.CLOCK", clock)
    with GitHubServer(GitHubService(Made(1_500), clock)) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.base)
        yield running


def test_names_by_the_command(
    tmp_path: Path, server: GitHubServer, quire: Quire, capfd: pytest.CaptureFixture
) -> None:
    """A server that fails for good in the middle ends it with one line; --resume goes on."""
    names, data = tmp_path / "names.txt", tmp_path / "data"
    service, path = server.service, "/search/repositories"
    command = ("crawl", data, QUERY, "--names-only", names)
    server.fault(path, *[None] * 9, *[reply(502)] * 4)
    assert quire(*command) == 1 and not names.exists()
    assert "--resume goes on" in capfd.readouterr().err.splitlines()[-1]
    asked = len(service.log)
    assert quire(*command, "--resume") == 0
    lines = names.read_text().splitlines()
    assert len(lines) == len(set(lines)) == 1_500
    assert re.fullmatch(
        r"owner\d+/made-0  # [\d,]+ stars, 120 kB, pushed 20\d\d-\d\d-\d\d", lines[0]
    )
    assert len(service.log) < asked + 14, "what was read is not asked for again"
    assert not service.above
    assert "t0ken" not in capfd.readouterr().err
    assert not any(b"t0ken" in path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert quire(*command) == 2, "it exists already"
    assert "--overwrite" in capfd.readouterr().err


def test_a_dry_run_lists_and_writes_nothing(
    tmp_path: Path, server: GitHubServer, quire: Quire, capfd: pytest.CaptureFixture
) -> None:
    assert quire("crawl", tmp_path, f"{QUERY} created:<2015-02-01", "--dry-run", "--limit=3") == 0
    assert capfd.readouterr().out.splitlines()[1:4] == [
        f"  github:{server.service.made.repository(i)['full_name']}" for i in range(3)
    ]
    assert not list(tmp_path.iterdir())


def test_what_a_search_finds_is_crawled(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quire: Quire,
    ask: Ask,
    capfd: pytest.CaptureFixture,
) -> None:
    """The search fails at first; --resume knows it, and asks for what it found no more."""
    command = ("crawl", tmp_path, "--tarball", "--workers=1")
    monkeypatch.setattr("pipelines.crawl.CLOCK", SimulatedClock(TODAY))
    with GitHubServer() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.base)
        service = server.service
        for number, name in enumerate(("one", "two", "three")):
            commit = f"{number:040x}"
            service.add(f"acme/{name}", id=number, stargazers_count=number)
            service.commits[f"acme/{name}"] = {"main": commit}
            service.tarballs[f"acme/{name}", commit] = tarball(name, commit)
        server.fault("/search/repositories", reply(422), *[reply(404)] * 2)
        assert quire(*command, "github-search:nonsense") == 2
        assert quire(*command, "github-search:user:acme") == 1
        assert quire(*command, "--resume") == 1
        assert quire(*command, "--resume") == 0
        rows = "SELECT source, repo_id, stars, python_files FROM repositories ORDER BY repo_id"
        assert ask(tmp_path, rows) == [
            (f"github:acme/{name}", number, number, 1)
            for number, name in enumerate(("one", "two", "three"))
        ]
        assert not [each for each in service.log if re.fullmatch("/repos/acme/[a-z]+", each.path)]
        service.log.clear()
        assert quire(*command, "--resume", "github-search:user:acme") == 0
        assert not service.log and "--overwrite asks again" in capfd.readouterr().err
        assert quire(*command, "github-search:user:acme") == 2
        assert not service.log, "that it ran here already is said before anything is asked for"
        assert quire("check", tmp_path) == 0
