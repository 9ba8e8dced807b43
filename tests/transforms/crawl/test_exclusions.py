"""Lines of an exclusion list: what they exclude in any spelling, and which are none."""

from pathlib import Path

import pytest

from transforms.crawl.exclusions import Exclusions, read_exclusions
from transforms.lib.errors import UsageError

DIGEST = "0a" * 32


@pytest.mark.parametrize(
    "line",
    [DIGEST, DIGEST.upper(), f"sha256:{DIGEST}", f"{DIGEST}  pkg/a.py", f"{DIGEST} *a.py"],
)
def test_digests(line: str) -> None:
    exclusions = Exclusions.of([line])
    assert exclusions.digest({"sha256": DIGEST, "raw_sha256": "1"}) == DIGEST
    assert exclusions.digest({"sha256": "1", "raw_sha256": DIGEST}) == DIGEST
    assert exclusions.digest({"sha256": "1", "raw_sha256": "2"}) is None


@pytest.mark.parametrize("line", ["My.Project", "my_project", "MY-PROJECT == 1.0", "my-project==1"])
def test_projects(line: str) -> None:
    exclusions = Exclusions.of([line])
    assert exclusions.project("my-project", "1.0")
    assert exclusions.project("my-project", "2.0") == ("==" not in line)
    assert not exclusions.project("project", "1.0") and not exclusions.project(None, None)


def test_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exclusions = Exclusions.of(["dir:./a/", "pypi:Flask==1.0"])
    assert exclusions.source("dir:a") and exclusions.source("mine=dir:a")
    assert exclusions.source("pypi:flask==1") and not exclusions.source("pypi:flask")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (DIGEST[:-2], "no sha256"),
        (DIGEST + "00", "no sha256"),
        ("md5:" + DIGEST[:32], "no sha256"),
        ("flask>=2", "no project"),
        ("flask==", "no project"),
        ("==1.0", "no project"),
        ("flask, click", "no project"),
        ("https://example.org/a", "no project"),
        ("*", "no project"),
    ],
)
def test_no_exclusion(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "out.txt").write_text(f"# ours\nclick\n{line}\n")
    with pytest.raises(UsageError, match=rf"out\.txt, line 3: .*{words}"):
        read_exclusions(str(tmp_path / "out.txt"))


def test_without_effect() -> None:
    exclusions = Exclusions.of([DIGEST, "1b" * 32, "a", "b==1", "b==2", "pypi:c", "pypi:d"])
    dropped = [
        {"repo": "A", "commit": "3"},
        {"repo": "b", "commit": "1.0", "value": "1B" * 32},
        {"source": "pypi:C", "repo": "c"},
        {"repo": None, "sha256": DIGEST},
    ]
    assert exclusions.without_effect(dropped) == ["1b" * 32, "b==2", "pypi:d:"]
