"""Files of opt-outs: what a line may be, and which rows it leaves out."""

import pytest

from transforms.feed.opt_outs import OptOuts, read_opt_outs
from transforms.lib.errors import UsageError

DIGEST = "ab" * 32


@pytest.fixture
def opted(tmp_path):
    file = tmp_path / "opt_outs.txt"
    file.write_text(f"# asked by mail\nFlask==2.0  # all of it\nocto/cat\nsomebody/\n\n{DIGEST}\n")
    return read_opt_outs(str(file))


@pytest.mark.parametrize(
    ("repo", "sha256", "reason"),
    [
        ("flask", None, ("opt_out", "flask")),
        ("flask-1.1.2", "cd" * 32, ("opt_out", "flask")),
        ("Octo/Cat@main", None, ("opt_out", "octo/cat")),
        ("somebody/anything", None, ("opt_out", "somebody/")),
        ("other", DIGEST, ("opt_out", DIGEST)),
        ("flask-login", None, None),
        ("somebody", None, None),
        ("octo/category", None, None),
        (None, None, None),
    ],
)
def test_rows(opted, repo, sha256, reason):
    assert opted.reason({"repo": repo, "sha256": sha256}) == reason
    assert OptOuts.unpack(opted.pack()).reason({"repo": repo, "sha256": sha256}) == reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"flask\n\ntwo words\n", "line 3: two words: no repository"),
        (b"a/b/\n", "line 1: a/b/"),
        (b"/\n", "line 1: /"),
        (b"\xff\xfe\xff", "cannot be read"),
    ],
)
def test_what_is_no_opt_out_is_told_with_its_line(tmp_path, content, words):
    file = tmp_path / "list.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=words) as error:
        read_opt_outs(str(file))
    assert str(error.value).startswith(f"--opt-outs {file}: ") and "\n" not in str(error.value)


def test_no_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="none.txt: cannot be read"):
        read_opt_outs(str(tmp_path / "none.txt"))
