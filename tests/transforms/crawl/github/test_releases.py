"""github-from:pypi: releases of a loopback index, and the repositories of the stand-in for GitHub."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import Ask, Quire
from tests.support.github_server import GitHubServer
from tests.support.github_tarball import tarball
from tests.support.loopback_index import JSON, reply
from tests.transforms.crawl.github.test_attestations import FILE, REAL, SHA256
from tests.transforms.crawl.test_stage import serving
from transforms.crawl.github.attestations import Attested, NotAttested
from transforms.crawl.github.releases import CrawledRelease, Origins
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher
from transforms.lib.network.index_pages import page_entries
from transforms.lib.network.page_cache import Page
from transforms.lib.skeleton.storage import Storage

SOURCE = "License-Expression: MIT\nProject-URL: Source, https://github.com/acme/{}"
SHA = "{:040x}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """An index with four releases, and a forge with the repositories of three."""
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    with serving(monkeypatch) as index, GitHubServer() as forge:
        monkeypatch.setenv("GITHUB_API_URL", forge.base)
        monkeypatch.setenv("GITHUB_SERVER_URL", forge.base)
        index.add(
            "signed", "1.0", headers=SOURCE.format("other"), provenance="../../files/signed.json"
        )
        index.add_file("signed", "signed.json", b"{}")
        index.add("tagged", "2.0", headers=SOURCE.format("tagged"))
        index.add("untagged", "3.0", headers=SOURCE.format("untagged"))
        index.add("silent", "4.0")
        for number, name in enumerate(("signed", "tagged", "untagged", "other"), 1):
            commit = SHA.format(number)
            forge.service.add(f"acme/{name}")
            forge.service.commits[f"acme/{name}"] = {"main": commit}
            forge.service.tarballs[f"acme/{name}", commit] = tarball(name, commit)
        forge.service.commits["acme/tagged"]["2.0"] = SHA.format(2)
        yield SimpleNamespace(index=index, forge=forge)


def test_releases_lead_to_their_repositories(
    tmp_path: Path,
    world: SimpleNamespace,
    quire: Quire,
    ask: Ask,
    capfd: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def signed(provenance: bytes, filename: str, sha256: str) -> Attested:
        assert (provenance, filename) == (b"{}", "signed-1.0.tar.gz")
        return Attested("acme/signed", SHA.format(1), "refs/tags/v1.0")

    monkeypatch.setattr("transforms.crawl.github.releases.attested", signed)
    flags = ("--tarball", "--workers=1")
    names = ["pypi:signed", "pypi:tagged", "pypi:untagged", "pypi:silent"]
    assert quire("crawl", tmp_path, *names, *flags) == 0
    assert quire("crawl", tmp_path, "github-from:pypi", "--resume", "--dry-run", *flags) == 0
    assert not list(tmp_path.glob("searches/*"))
    listed = capfd.readouterr()
    assert "1 attested, 2 claimed, 1 name no repository" in listed.err
    assert listed.out.splitlines()[1:5] == [
        f"  github:acme/signed@{SHA.format(1)}",
        "  github:acme/tagged@v2.0",
        "  github:acme/untagged@v3.0",
        "  github: 3 sources, about 12 requests",
    ]
    assert quire("crawl", tmp_path, "github-from:pypi", "--resume", *flags) == 0
    columns = 'repo, release, provenance, ref, "commit", status, python_files'
    assert ask(
        tmp_path, f"SELECT {columns} FROM repositories WHERE kind = 'github' ORDER BY 1"
    ) == [
        ("acme/signed", "signed==1.0", "attested", SHA.format(1), SHA.format(1), "ok", 1),
        ("acme/tagged", "tagged==2.0", "claimed", "2.0", SHA.format(2), "ok", 1),
        ("acme/untagged", "untagged==3.0", "claimed", None, None, "no_such_version", 0),
    ]
    [(reason,)] = ask(tmp_path, "SELECT reason FROM repositories WHERE status = 'no_such_version'")
    assert "v3.0 or 3.0" in reason
    assert quire("check", tmp_path) == 0
    assert quire("crawl", tmp_path, "--resume", *flags) == 0
    assert len(ask(tmp_path, "FROM repositories")) == 7


def test_without_releases_it_is_one_line(
    tmp_path: Path, quire: Quire, capfd: pytest.CaptureFixture
) -> None:
    assert quire("crawl", tmp_path, "github-from:pypi") == 2
    assert "no release of pypi:" in capfd.readouterr().err
    assert quire("crawl", tmp_path, "github-from:npm") == 2
    assert "'github-from:npm' is no source" in capfd.readouterr().err


def origins(data: Path) -> Origins:
    store = ArchiveStore(Storage(str(data)))
    return Origins(store, Fetcher(store))


def test_a_real_attestation_of_an_index_is_kept_and_verified(
    tmp_path: Path, world: SimpleNamespace
) -> None:
    world.index.add_file(
        "pypi-attestations", FILE, b"", sha256=SHA256, provenance="/files/real.json"
    )
    world.index.add_file("pypi-attestations", "real.json", REAL.read_bytes())
    found = origins(tmp_path).of(CrawledRelease("pypi-attestations", "0.0.19", SHA256))
    assert found and found.provenance == "attested"
    assert found.place == "trailofbits/pypi-attestations@08802efe1f8e5fec4ad842d6b8ce97656092ee72"
    kept = hashlib.sha256(REAL.read_bytes()).hexdigest()
    assert found.attestation == kept and ArchiveStore(Storage(str(tmp_path))).has(kept)


def test_a_page_in_html_may_say_what_attests_a_file() -> None:
    link = '<a href="w-1.0.tar.gz#sha256=00" data-provenance="w.json">w</a>'
    [entry] = page_entries(Page("https://index.example/simple/w/", "text/html", link))
    assert entry.provenance == "https://index.example/simple/w/w.json"


@pytest.mark.parametrize("fault", ["forged", "gone", "elsewhere", "huge", "no page"])
def test_what_is_not_verified_is_claimed_and_said(
    tmp_path: Path, world: SimpleNamespace, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(*_: object) -> Attested:
        raise NotAttested("forged")

    monkeypatch.setattr("transforms.crawl.github.releases.attested", forged)
    found = origins(tmp_path)
    archive = world.index.projects["signed"][0].body
    release = CrawledRelease("signed", "1.0", found.store.put(archive))
    if fault == "gone":
        world.index.fault("/files/signed.json", reply(404))
    elif fault == "elsewhere":  # the link leads to another server's own network
        world.index.projects["signed"][0].provenance = "http://169.254.169.254/latest"
    elif fault == "huge":
        world.index.fault("/files/signed.json", reply(200, {}, b" " * 2_000_000))
    elif fault == "no page":
        world.index.fault("/simple/signed/", reply(200, {"Content-Type": JSON}, b"[]"))
    built = found.of(release)
    assert built and (built.repository, built.provenance) == ("acme/other", "claimed")
    assert built.refs[:2] == ("v1.0", "1.0") and len(found.unverified) == 1
