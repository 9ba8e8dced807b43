"""Trees in folders and archives: the same entries, united, hostile members, commits."""

import io
import posixpath
import tarfile
import zipfile

import pytest

from transforms.contests.source_trees import Folders, plan_tree
from transforms.lib.errors import UsageError

FILES = {"t/a/x.md": b"one", "t/a/y.md": b"two", "t/b/x.md": b"\xff", "t/LICENSE": b"MIT License\n"}


def folder_of(path):
    folder, name = posixpath.split(path)
    return posixpath.basename(folder) if name.endswith(".md") else None


def entries(tree):
    parts = tuple((name, ((tree.root, paths),)) for name, paths in tree.folders.items())
    return {entry.place: entry for entry in Folders(parts).entries()}


@pytest.fixture
def kinds(tmp_path):
    """The same tree in a folder, a tar and a zip."""
    for name, content in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar:
        for name, content in reversed(FILES.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return [tmp_path / "folder" / "t", tmp_path / "t.tar.gz", tmp_path / "t.zip"]


def test_a_tree_is_the_same_wherever_it_lies(kinds):
    trees = [plan_tree(str(path), folder_of) for path in kinds]
    found = [entries(tree) for tree in trees]
    texts = [
        {posixpath.basename(name): text for name, text in each["a"].files.items()} for each in found
    ]
    assert texts == [{"x.md": "one", "y.md": "two"}] * 3
    assert [each["b"].faults[0][0] for each in found] == ["undecodable"] * 3
    assert trees[1].digest == trees[2].digest


def test_what_archives_may_do_outside_of_themselves_is_nothing(tmp_path):
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        for name in ("../../up.md", "/etc/x.md"):
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
    found = entries(plan_tree(str(tmp_path / "t.tar"), folder_of))
    assert not any(entry.files for entry in found.values())
    assert all(entry.faults for entry in found.values())


def test_an_archive_that_breaks_off_is_named(kinds, tmp_path):
    (tmp_path / "half.tar.gz").write_bytes(kinds[1].read_bytes()[:60])
    with pytest.raises(UsageError, match=r"half\.tar\.gz: "):
        plan_tree(str(tmp_path / "half.tar.gz"), folder_of)


@pytest.mark.parametrize("packed", [False, True])
def test_a_clone_names_its_commit_and_its_owner(kinds, packed):
    git, commit = kinds[0] / ".git", "a" * 40
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text('[remote "origin"]\n\turl = git@example.org:owner/name.git\n')
    loose, line = git / "refs/heads/main", f"{commit} refs/heads/main\n"
    (git / "packed-refs" if packed else loose).write_text(line if packed else commit)
    tree = plan_tree(str(kinds[0]), folder_of)
    assert (tree.repo, tree.commit) == ("owner/name", commit)


def test_links_lead_nowhere(kinds, tmp_path):
    (tmp_path / "secret.md").write_text("secret")
    (kinds[0] / "a/z.md").symlink_to(tmp_path / "secret.md")
    found = entries(plan_tree(str(kinds[0]), folder_of))
    assert "secret" not in str(found["a"].files)
