"""Source distributions in every place that pip can be set to look at, on a real server and disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.loopback_index import LoopbackIndex, reply, sdist
from transforms.crawl.simple_index import find_releases
from transforms.crawl.sources import pypi
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError, Politeness
from transforms.lib.skeleton.storage import Storage

HTML = {"Content-Type": "text/html"}


def serve() -> Iterator[LoopbackIndex]:
    with LoopbackIndex() as server:
        yield server


index, extra = pytest.fixture(serve, name="index"), pytest.fixture(serve, name="extra")


@pytest.fixture
def fetcher(
    tmp_path: Path, index: LoopbackIndex, extra: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> Fetcher:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", extra.url)
    polite = Politeness(rate=1000, tries=1, deadline=60)
    return Fetcher(ArchiveStore(Storage(str(tmp_path / "data"))), politeness=polite)


def urls(project: str, fetcher: Fetcher) -> list[str]:
    return [release.url for release in find_releases(project, fetcher)]


def read(place: str, fetcher: Fetcher) -> tuple:
    fetched = pypi.read(place, fetcher)
    return fetched.row["commit"], fetched.row["url"], len(fetched.project.files)


def test_an_extra_index(index: LoopbackIndex, extra: LoopbackIndex, fetcher: Fetcher) -> None:
    extra.add("ours", "1.0")
    index.add("both", "1.0")
    extra.add("both", "2.0")
    assert read("ours", fetcher) == ("1.0", f"{extra.base}/files/ours-1.0.tar.gz", 1)
    assert read("both", fetcher)[0] == "2.0"
    with pytest.raises(FetchError, match="HTTP 404"):
        pypi.read("nobodys", fetcher)


def test_an_index_that_fails_is_not_passed_over(
    index: LoopbackIndex, extra: LoopbackIndex, fetcher: Fetcher
) -> None:
    index.add("ours", "9.0")
    extra.fault(extra.page("ours"), reply(503), forever=True)
    with pytest.raises(FetchError, match="HTTP 503"):
        pypi.read("ours", fetcher)


def test_no_index_is_asked(
    index: LoopbackIndex, extra: LoopbackIndex, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("a", "1.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(FetchError, match="no_index: pip is set to ask no index"):
        pypi.read("a", fetcher)
    assert (index.log, extra.log) == ([], [])


@pytest.mark.parametrize("form", ["{}", "file://{}", "{}/a-2.0.tar.gz", "{}/links.html"])
def test_find_links(
    tmp_path: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    folder = tmp_path / "sdists"
    folder.mkdir()
    (folder / "a-2.0.tar.gz").write_bytes(sdist("a", "2.0"))
    (folder / "b-3.0.tar.gz").write_bytes(sdist("b", "3.0"))
    (folder / "links.html").write_text('<a href="a-2.0.tar.gz">a</a>')
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", form.format(folder))
    assert read("a", fetcher) == ("2.0", f"file://{folder}/a-2.0.tar.gz", 1)


def test_a_page_of_links(
    index: LoopbackIndex, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = index.add("a", "1.0")
    index.fault("/links", reply(200, HTML, b'<a href="files/a-1.0.tar.gz">'), forever=True)
    for place in (f"{index.base}/links", f"{index.base}/files/a-1.0.tar.gz"):
        monkeypatch.setenv("PIP_FIND_LINKS", place)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        assert read("a", fetcher)[0] == "1.0"
    assert body


def test_an_index_of_files(
    tmp_path: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my index" / "a"
    folder.mkdir(parents=True)
    (folder / "a-1.0.tar.gz").write_bytes(sdist("a", "1.0"))
    (folder / "index.html").write_text('<a href="a-1.0.tar.gz#sha256=0&amp;egg=a">a</a>')
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "my index").as_uri())
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL")
    with pytest.raises(FetchError, match="wrong_hash"):
        pypi.read("a", fetcher)
    (folder / "index.html").write_text('<a href="a-1.0.tar.gz">a</a>')
    assert read("a==1.0", fetcher)[0] == "1.0"
    with pytest.raises(FetchError, match="no such file"):
        pypi.read("b", fetcher)


@pytest.mark.parametrize(
    ("head", "link", "expected"),
    [
        ('<base href="../../elsewhere/">', "a-1.tar.gz", "/elsewhere/a-1.tar.gz"),
        ('<base href="/x/"><base href="/y/">', "a-1.tar.gz", "/x/a-1.tar.gz"),
        ('<base href="http://h/x/">', "a-1.tar.gz", "http://h/x/a-1.tar.gz"),
        ("<base>", " a-1.tar.gz\n", "/simple/a/a-1.tar.gz"),
        ("", "/f/a-1.0-2.tar.gz?x=1#egg=a&sha256=AB", "/f/a-1.0-2.tar.gz?x=1"),
    ],
)
def test_addresses_of_a_page(
    index: LoopbackIndex, fetcher: Fetcher, head: str, link: str, expected: str
) -> None:
    body = f"<html><head>{head}</head><a href='{link}'>a</a><a href='file:///a-1.tar.gz'>b</a>"
    index.fault(index.page("a"), reply(200, HTML, body.encode()), forever=True)
    (url,) = urls("a", fetcher)
    assert url == (expected if "://" in expected else index.base + expected)


def test_an_index_does_not_lead_to_the_metadata_of_a_cloud(
    index: LoopbackIndex, fetcher: Fetcher
) -> None:
    body = b"<a href='http://169.254.169.254/a-1.0.tar.gz'>"
    index.fault(index.page("a"), reply(200, HTML, body))
    with pytest.raises(FetchError, match="private_address: 169.254.169.254"):
        pypi.read("a", fetcher)
