"""Files of opt-outs: what a line may be, and which rows it leaves out."""

import pytest

from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import OptOuts, keys, read_opt_outs

DIGEST, SHA1 = "ab" * 32, "cd" * 20
LIST = f"""# asked by mail
Flask==2.0  # all of it
octo/cat
somebody/
https://gitlab.com/Group/Sub/tool.git
other/tool:src/A file.py
id:0042
swh:1:cnt:{SHA1};origin=https://example.org/x
swh:1:rev:{SHA1}
swh:1:dir:{SHA1}
@Example.com

{DIGEST.upper()}
"""


@pytest.fixture
def opted(tmp_path):
    file = tmp_path / "opt_outs.txt"
    file.write_text(LIST)
    return read_opt_outs(str(file))


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        ({"repo": "flask"}, "flask"),
        ({"repo": "flask-1.1.2", "sha256": "cd" * 32}, "flask"),
        ({"repo": "Octo/Cat@main"}, "octo/cat"),
        ({"repo": "new/name", "renamed_from": "Octo/Cat"}, "octo/cat"),
        ({"repo": "somebody/anything"}, "somebody/"),
        ({"repo": "group/sub/tool"}, "group/sub/tool"),
        ({"repo": "Other/Tool@v1", "path": "src/A file.py"}, "other/tool:src/A file.py"),
        ({"repo": "other/tool", "path": "src/a file.py"}, None),
        ({"repo": "x", "repo_id": 42}, "id:42"),
        ({"repo": "x", "git_sha1": SHA1}, f"swh:1:cnt:{SHA1}"),
        ({"repo": "x", "commit": SHA1}, f"swh:1:rev:{SHA1}"),
        ({"repo": "x", "tree": SHA1}, f"swh:1:dir:{SHA1}"),
        ({"repo": "x", "holder_domains": "a.org example.com"}, "@example.com"),
        ({"repo": "x", "holder_domains": "mail.example.com"}, None),
        ({"repo": "x", "sha256": DIGEST}, DIGEST),
        ({"repo": "x", "raw_sha256": DIGEST}, DIGEST),
        ({"repo": "flask-login"}, None),
        ({"repo": "somebody"}, None),
        ({"repo": "octo/cat-2"}, None),
        ({"repo": "cat", "url": "https://codeload.github.com/octo/cat/zip/main"}, "octo/cat"),
        ({"repo": "cat", "url": "https://gitlab.com/group/sub/tool.git"}, "group/sub/tool"),
        ({"repo": "cat", "url": "https://example.org/octo/cat"}, None),
        ({"repo": "octo/category", "path": None, "sha256": None}, None),
        ({"repo": None}, None),
    ],
)
def test_rows(opted, row, entry):
    assert opted.entry(row) == entry
    assert OptOuts.unpack(opted.pack()).entry(row) == entry
    assert not OptOuts().entry(row)
    assert entry is None or entry in keys(row)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"flask\n\ntwo words\n", "line 3: two words: no owner"),
        (b"a/b/\n", "line 1: a/b/"),
        (b"/\n", "line 1: /"),
        (b"*\n", "line 1: \\*"),
        (b"owner/*\n", "line 1: owner/"),
        (b"somebody@example.com", "line 1: somebody@example.com: no owner"),
        (b"@localhost", "line 1: @localhost"),
        (b"octo/cat:\x1b[2J", "line 1: octo/cat"),
        (b"id:x", "line 1: id:x"),
        (b"swh:1:cnt:abc", "line 1: swh:1:cnt:abc"),
        (b"swh:1:snp:" + b"ab" * 20, "line 1: swh:1:snp"),
        (b"cd" * 20, "line 1: cdcd"),
        (b"https://example.org/octo/cat", "line 1: https://example.org"),
        (b"octo/cat:/etc/passwd", "line 1: octo/cat:/etc"),
        (b"https://github.com/octo/cat/tree/main/src", "line 1: https://github.com/octo"),
        (b"\xff\xfe\xff", "cannot be read"),
    ],
)
def test_what_is_no_opt_out_is_told_with_its_line(tmp_path, content, words):
    file = tmp_path / "list.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=words) as error:
        read_opt_outs(str(file))
    assert str(error.value).startswith(f"--opt-out {file}: ") and "\n" not in str(error.value)


def test_no_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="none.txt: cannot be read"):
        read_opt_outs(str(tmp_path / "none.txt"))


@pytest.mark.parametrize(
    ("line", "repo"),
    [
        ("https://github.com/Octo/Cat.git", "octo/cat@main"),
        ("github.com/octo/cat", "octo/cat"),
        ("https://github.com/octo", "octo/cat"),
        ("https://pypi.org/project/zope.interface/", "zope_interface-6.0"),
        ("Zope.Interface", "zope.interface==5"),
        ("pypi:zope.interface", "zope-interface"),
        ("github:Octo/Cat", "octo/cat"),
        ("git@github.com:Octo/Cat.git", "octo/cat"),
        ("octo/cat@feature/x", "octo/cat"),
        ("https://github.com/octo/cat?tab=readme", "octo/cat"),
        ("https://gitlab.com/a/b/c/-/tree/main", "a/b/c"),
        ("https://pypi.org/project/flask/2.0/", "flask"),
    ],
)
def test_other_spellings_of_the_same(tmp_path, line, repo):
    (tmp_path / "list.txt").write_text(f"{line}\n")
    assert read_opt_outs(str(tmp_path / "list.txt")).entry({"repo": repo})


@pytest.mark.parametrize(
    "line", ["octo/cat@main:a.py", "https://github.com/octo/cat/blob/main/a.py#L1"]
)
def test_a_file_is_not_its_whole_repository(tmp_path, line):
    (tmp_path / "list.txt").write_text(f"{line}\n")
    opted = read_opt_outs(str(tmp_path / "list.txt"))
    assert opted.entry({"repo": "octo/cat", "path": "a.py"}) == "octo/cat:a.py"
    assert not opted.entry({"repo": "octo/cat", "path": "b.py"})
