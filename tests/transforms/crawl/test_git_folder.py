"""The commit of a checkout: what git says of it, and that nothing of the folder is run."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.conftest import Ask, Quire
from transforms.crawl.git_folder import GitHead, head_of, made_at

MADE = 1_583_020_800


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HOME": str(folder),
        "GIT_AUTHOR_DATE": f"{MADE} +0000",
        "GIT_COMMITTER_DATE": f"{MADE} +0000",
    }
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    argv = ["git", *named, "-C", str(folder), *arguments]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_checkout_has_a_commit_and_its_time(checkout, tmp_path, quire: Quire, ask: Ask) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    assert head_of(str(checkout)) == GitHead(commit, MADE)
    assert quire("crawl", tmp_path / "data", f"dir:{checkout}", "--workers=1") == 0
    assert ask(tmp_path / "data", 'SELECT repo, "commit" FROM repositories') == [
        ("project", commit)
    ]


def test_a_worktree_is_a_checkout(checkout, tmp_path) -> None:
    git(checkout, "worktree", "add", "-q", str(tmp_path / "other"), "HEAD")
    assert head_of(str(tmp_path / "other")) == head_of(str(checkout))


def test_files_of_an_archive_have_the_time_of_the_commit(checkout, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    git(checkout, "archive", "-o", str(tmp_path / "a.tar"), "HEAD")
    assert made_at(str(checkout)) == 0
    with tarfile.open(tmp_path / "a.tar") as tar:
        tar.extractall(tmp_path / "other", filter="data")
    assert made_at(str(tmp_path / "other")) == MADE
    (tmp_path / "other" / "b.py").write_text("")
    assert made_at(str(tmp_path / "other")) == 0
    (tmp_path / "empty").mkdir()
    assert made_at(str(tmp_path / "empty")) == 0


def test_nothing_that_a_folder_configures_is_run(checkout, tmp_path) -> None:
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "gpg.program",
        "core.alternateRefsCommand",
        "diff.external",
        "alias.rev-list",
    ):
        git(checkout, "config", name, f"!{evil}" if name.startswith("alias") else str(evil))
    git(checkout, "config", "log.showSignature", "true")
    assert head_of(str(checkout)) is not None
    assert not (tmp_path / "ran").exists()


def test_what_is_no_checkout_has_no_commit(checkout, tmp_path, monkeypatch) -> None:
    inner = checkout / "inner"
    inner.mkdir()
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    for folder in (inner, tmp_path / "empty", tmp_path):
        assert head_of(str(folder)) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert head_of(str(checkout)) is None
