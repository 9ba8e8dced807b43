"""Which release of an index page is chosen."""

import json

import pytest

from transforms.crawl.simple_index import page_releases
from transforms.crawl.sources import source_key
from transforms.crawl.sources.pypi import choose
from transforms.lib.network.fetch import FetchError
from transforms.lib.network.page_cache import Page

SHA256 = "a" * 64
HTML = "text/html; charset=utf-8"
JSON = "application/vnd.pypi.simple.v1+json"


def page(*files: dict | str) -> Page:
    entries = [file if isinstance(file, dict) else {"filename": file} for file in files]
    full = [{"url": f"/f/{file['filename']}", "hashes": {}} | file for file in entries]
    return Page("http://h/simple/a/", JSON, json.dumps({"files": full}))


def chosen(index_page: Page, version: str | None = None) -> str:
    return choose(page_releases(index_page, "a"), version).filename


def yanked(name: str, value: object = True) -> dict:
    return {"filename": name, "yanked": value}


@pytest.mark.parametrize(
    ("files", "version", "expected"),
    [
        (["a-1.10.tar.gz", "a-1.9.tar.gz", "a-1.2.tar.gz"], None, "a-1.10.tar.gz"),
        (["a-1.0.tar.gz", "a-1!0.1.tar.gz"], None, "a-1!0.1.tar.gz"),
        (["a-1.0.tar.gz", "a-1.0.post1.tar.gz"], None, "a-1.0.post1.tar.gz"),
        (["a-2.0rc1.tar.gz", "a-1.0.tar.gz", "a-2.0.dev1.tar.gz"], None, "a-1.0.tar.gz"),
        (["a-2.0rc1.tar.gz", "a-1.0.tar.gz"], "2.0rc1", "a-2.0rc1.tar.gz"),
        ([yanked("a-2.0.tar.gz"), "a-1.0.tar.gz"], None, "a-1.0.tar.gz"),
        ([yanked("a-2.0.tar.gz", "broken"), "a-1.0.tar.gz"], None, "a-1.0.tar.gz"),
        ([yanked("a-2.0.tar.gz", ""), "a-1.0.tar.gz"], None, "a-2.0.tar.gz"),
        ([yanked("a-2.0.tar.gz"), "a-1.0.tar.gz"], "2.0", "a-2.0.tar.gz"),
        (["a-2.0rc1.tar.gz", yanked("a-1.0.tar.gz")], None, "a-2.0rc1.tar.gz"),
        (["a-1.0.0.tar.gz"], "1.0", "a-1.0.0.tar.gz"),
        (["a-1.0-2.tar.gz", "a-1.0.tar.gz"], None, "a-1.0-2.tar.gz"),
        (["a-1.0-2.tar.gz", "a-1.0.tar.gz"], "1.0.post2", "a-1.0-2.tar.gz"),
        (["a-1.0.zip", "a-1.0.tar.gz", "a-1.0.tar.bz2"], None, "a-1.0.tar.gz"),
        (["a-1.0.tar.gz", "a-1.0.zip"], "1.0", "a-1.0.tar.gz"),
        (["a-2.0-py3-none-any.whl", "a-2.0.exe", "a-1.0.tar.gz"], None, "a-1.0.tar.gz"),
        (["b-9.0.tar.gz", "a-b-9.0.tar.gz", "a-x.tar.gz", "A-1.0.tar.gz"], None, "A-1.0.tar.gz"),
    ],
)
def test_the_release_that_is_chosen(files: list, version: str | None, expected: str) -> None:
    assert chosen(page(*files), version) == expected
    assert chosen(page(*reversed(files)), version) == expected


@pytest.mark.parametrize(
    ("files", "version", "status"),
    [
        ([], None, "no_sdist"),
        (["a-1.0-py3-none-any.whl"], None, "no_sdist"),
        ([yanked("a-0.1.tar.gz")], None, "no_sdist"),
        (["a-1.0.tar.gz"], "2.0", "no_such_version"),
        (["a-1.0.tar.gz"], "next", "no_such_version"),
    ],
)
def test_no_release(files: list, version: str | None, status: str) -> None:
    with pytest.raises(FetchError, match=status):
        chosen(page(*files), version)


def test_html() -> None:
    body = f"""<a href="../../f/a-1.0.tar.gz#sha256={SHA256.upper()}" data-requires-python="&gt;=3">x</a>
      <a href="https://other/a-1%2B1.tar.gz?token=1#md5=1" data-yanked="">y</a><a>none</a>
      <a href="http://[broken/a-3.tar.gz">z</a>"""
    first, second = page_releases(Page("http://h/simple/a/", HTML, body), "a")
    assert (first.url, first.sha256, first.yanked) == ("http://h/f/a-1.0.tar.gz", SHA256, False)
    assert (str(second.version), second.sha256, second.yanked) == ("1+1", None, True)


def test_json_addresses_and_digests() -> None:
    found = page(
        {"filename": "a-1.0.tar.gz", "url": "x.tar.gz", "hashes": {"md5": "1"}},
        {"filename": "a-2.0.tar.gz", "url": "http://[broken"},
        {"filename": "a-3.0.tar.gz", "url": "http://h/\ud800"},
        {"filename": "a-4.0.tar.gz", "hashes": None},
    )
    assert [(r.url, r.sha256) for r in page_releases(found, "a")] == [
        ("http://h/simple/a/x.tar.gz", None),
        ("http://h/f/a-4.0.tar.gz", None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "3",
        '{"files": 1}',
        '{"files": ["x"]}',
        "{}",
        '{"files": [{}]}',
        "[" * 100_000,
    ],
)
def test_not_a_page_of_the_simple_api(body: str) -> None:
    with pytest.raises(FetchError, match="bad_index"):
        page_releases(Page("http://h/", JSON, body), "a")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("pypi:Flask", "pypi:flask", True),
        ("pypi:a_b.C", "pypi:a-b-c", True),
        ("pypi:a==1.0", "pypi:A == v1.0.0", True),
        ("pypi:a==1.0", "pypi:a", False),
        ("pypi:a==x", "pypi:a==y", False),
        ("dir:A", "dir:a", False),
    ],
)
def test_spellings(one: str, other: str, equal: bool) -> None:
    assert (source_key(one) == source_key(other)) is equal
