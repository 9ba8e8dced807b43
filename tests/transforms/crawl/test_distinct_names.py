"""Names of projects that are called after folders and files: never two by one."""

import os
import random
import zipfile
from pathlib import Path

import pytest

from transforms.crawl.distinct_names import KnownSource, distinct_names
from transforms.crawl.source_list import expand_sources
from transforms.crawl.sources import source_key


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source(text: str) -> str:
    """The source, made: a folder, or an archive with the top folder that stands behind a `>`."""
    named, _, top = text.partition(">")
    kind, _, place = named.rpartition("=")[2].partition(":")
    path = Path(place)
    if kind == "dir":
        path.mkdir(parents=True, exist_ok=True)
        if top:
            (path / "pyproject.toml").write_text(f"[project]\nname='{top}'\n")
    if kind == "archive":
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as zipped:
            zipped.writestr(f"{top}/a.py", "")
    return named


CASES = {
    "one": {"dir:a/tools": "tools"},
    "two people": {"dir:alice/tools": "alice/tools", "dir:bob/tools": "bob/tools"},
    "case": {"dir:alice/tools": "alice/tools", "dir:bob/Tools": "bob/Tools"},
    "deeper": {
        "dir:a/x/tools": "a/x/tools",
        "dir:b/x/tools": "b/x/tools",
        "dir:b/y/tools": "b/y/tools",
    },
    "declared alike": {"dir:p/a>app": "a/app", "dir:p/b>app": "b/app"},
    "branches": {"archive:a/main.zip>w-main": "a/w", "archive:b/main.zip>w-main": "b/w"},
    "content alike": {"archive:foo.zip>w-main": "foo/w", "archive:bar.zip>w-main": "bar/w"},
    "versions": {"archive:v1.0.zip>w-1.0": "w", "archive:v1.1.zip>w-1.1": "w"},
    "formats": {"archive:w-1.0.zip>w-1.0": "w", "archive:w-1.0.whl>w-1.0": "w"},
    "versions, elsewhere": {"archive:a/v1.0.zip>w-1.0": "a/w", "archive:b/v1.1.zip>w-1.1": "b/w"},
    "an index has it": {"pypi:Tools": "", "dir:a/tools": "a/tools"},
    "the user has it": {"tools=dir:x": "tools", "dir:a/tools": "a/tools"},
    "git": {
        "git:https://h/o/r.git": "o/r",
        "git:https://h/o/r@v1": "o/r",
        "git:https://h/o/s": "o/s",
    },
    "two hosts": {"git:https://h/o/r": "h/o/r", "git:https://i/o/r@v1": "i/o/r"},
    "groups": {"git:https://h/a/o/r": "a/o/r", "git:https://h/b/o/r": "b/o/r"},
    "a folder is called so": {"git:https://h/o/r": "h/o/r", "o/r=dir:r": "o/r"},
    "not there": {"dir:a/tools": "tools"},
    "many": {"parquet:x.parquet": "", "archive:none.zip": "", "dir:q": "q"},
}


@pytest.mark.parametrize("names", CASES.values(), ids=CASES)
def test_names(names: dict[str, str]) -> None:
    sources = [text.partition(">")[0] if "none" in text else source(text) for text in names]
    assert distinct_names(sources) == list(names.values())


def test_the_same_source_in_other_spellings_is_one(here: Path) -> None:
    source("dir:a/tools")
    os.symlink("a", "link")
    same = ["dir:a/tools", "dir:a/tools/", "dir:./a/../a/tools", f"dir:{here}/a/tools"]
    same += ["dir:link/tools", "mine=dir:a/tools"]
    assert expand_sources(same) == same[:1]
    assert len({source_key(each) for each in same}) == 1


def test_names_of_earlier_runs_stay(here: Path) -> None:
    sources = [source("dir:alice/tools"), source("dir:bob/tools"), source("archive:v2.zip>w-2.0")]
    key = ("archive", str(here / "v1.zip"))
    stays = [
        KnownSource(source_key(sources[0]), "tools", None, stays=True),
        KnownSource(key, "w", "1.0", stays=True),
    ]
    assert distinct_names(sources[1:], stays) == ["bob/tools", "w"]
    redone = [KnownSource(source_key(sources[0]), "alice/tools", None, stays=False)]
    assert distinct_names(sources[:1], redone) == ["alice/tools"]


def test_never_two_by_one(here: Path) -> None:
    """Whatever folders and names: each source of another project has another name."""
    numbers = random.Random(7)
    for _ in range(30):
        places = {"/".join(numbers.choices("aBcd", k=numbers.randint(1, 4))) for _ in range(12)}
        sources = [source(f"dir:{place}>{numbers.choice(['', 'a', 'b'])}") for place in places]
        names = [name.lower() for name in distinct_names(sources)]
        assert all(names) and len(set(names)) == len(names)
