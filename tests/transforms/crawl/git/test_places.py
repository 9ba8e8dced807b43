"""What stands behind `git:`: refs with an @, users, spellings, and what is no repository."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.crawl.git.places import GitPlace, folders_and_name, git_place, one_spelling
from transforms.crawl.sources import source_key
from transforms.lib.network.fetch import FetchError

PLACES = {
    "https://host/o/r": ("https://host/o/r", None),
    "https://host/o/r.git/": ("https://host/o/r.git", None),
    "https://host/o/r.git@main": ("https://host/o/r.git", "main"),
    "https://host:8080/o/r@feature/x": ("https://host:8080/o/r", "feature/x"),
    "https://me@host/o/r": ("https://me@host/o/r", None),
    "https://me:p%40w@host/o/r@v1": ("https://me:p%40w@host/o/r", "v1"),
    "https://host/@user/r@pkg@1.0": ("https://host/@user/r", "pkg@1.0"),
    "https://host/o/r@@scope/pkg@1.0": ("https://host/o/r", "@scope/pkg@1.0"),
    f"https://host/o/r@{'Aa' * 20}": ("https://host/o/r", "a" * 40),
    "http://host/o/r@refs/pull/1/head": ("http://host/o/r", "refs/pull/1/head"),
}


@pytest.mark.parametrize(("text", "place"), PLACES.items())
def test_parts(text: str, place: tuple[str, str | None]) -> None:
    assert git_place(text) == GitPlace(*place)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("git@host:o/r.git", "read by https: https://host/o/r.git"),
        ("host:o/r", "read by https: https://host/o/r"),
        ("ssh://git@host/o/r", "no https address: ssh://host/o/r"),
        ("file:///etc", "no https address"),
        ("ext::sh -c touch% /tmp/x", "no https address"),
        ("/a/path", "no https address"),
        ("https://host", "no https address"),
        ("https:///o/r", "no https address"),
        ("https://host:x/o", "no https address"),
        ("https://host/o/r?x=y", "has no query"),
        ("https://host/o/r#x", "has no query"),
        ("https://host/o/r x", "has no query"),
        ("https://host/o/r@", "'' is no branch"),
        ("https://host/o/r@--upload-pack=x", "no branch"),
        ("https://host/o/r@a..b", "no branch"),
        ("https://host/o/r@a*", "no branch"),
    ],
)
def test_what_is_no_repository(text: str, said: str) -> None:
    with pytest.raises(FetchError, match="bad_url") as raised:
        git_place(text)
    assert said in raised.value.reason and "\n" not in raised.value.reason


def test_one_source_in_several_spellings() -> None:
    same = [
        "https://host/o/r",
        "HTTPS://Host:443/o/r.git",
        "https://host/o/r/",
        "x=git:https://me:pw@host/o/r.git/",
    ]
    keys = {source_key(each if "git:" in each else f"git:{each}") for each in same}
    assert keys == {("git", "", "https://host/o/r")}
    others = ["http://host/o/r", "https://host/o/R", "https://host/o/r@main", "https://host/o"]
    assert len({source_key(f"git:{each}") for each in others} | keys) == 5


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://host/o/r.git", "o/r"),
        ("https://host/r", "r"),
        ("https://host:1/a/b/o/r/", "o/r"),
        ("https://host/o/r%20x", "o/r x"),
    ],
)
def test_names(url: str, name: str) -> None:
    assert folders_and_name(url)[1] == name


PART = st.text("abz09._-", min_size=1, max_size=5).filter(lambda text: text.strip(".") == text)


@given(st.lists(PART, min_size=1, max_size=3), PART.filter(lambda ref: not ref.startswith("-")))
def test_url_and_ref_come_back(parts: list[str], ref: str) -> None:
    url = f"https://host/{'/'.join(parts)}"
    if ".." in ref or ref.endswith(".lock"):
        return
    assert git_place(f"{url}@{ref}") == GitPlace(url, ref)
    assert one_spelling(one_spelling(url)) == one_spelling(url + "/")
