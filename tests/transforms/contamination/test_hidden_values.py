"""Excerpts of hits: with masks where `secrets` masks or drops, and always in the report."""

import pytest

from pipelines import cli
from tests.conftest import write_files
from transforms.contamination.hidden_values import hidden_ranges
from transforms.lib.detection.masks import masked_part
from transforms.lib.detection.policy import Policy
from transforms.lib.eval_sets import read_eval

MAIL = "ann.lee@firm.com"
[LEAK] = read_eval("humaneval", {}).tasks[0].solutions[:1]
PLANTED = f"# A file.\n\n{LEAK}".replace("    for idx", f"    # Asked for by {MAIL}.\n    for idx")


@pytest.fixture
def data(tmp_path):
    """DATA with a corpus of one file that holds a task and an address in it."""
    files = write_files(
        tmp_path / "in.parquet", [{"repo": "one", "path": "a.py", "content": PLANTED}]
    )
    data = tmp_path / "data"
    assert cli.main(["corpus", str(data), f"--files={files}", "--workers=1"]) == 0
    return data


def test_excerpts_follow_the_policy_of_secrets(data, quire, ask):
    lines = "SELECT channel, line_start, line_end, sha256 FROM hits ORDER BY ALL"
    excerpts = "SELECT text_excerpt FROM hits WHERE text_excerpt LIKE '%Asked for by%'"
    assert MAIL in PLANTED and quire("contamination", data, "--workers=1") == 0
    places = ask(data, lines)
    assert all(f"Asked for by {MAIL}." in text for (text,) in ask(data, excerpts))
    assert quire("secrets", data, "--policy=mask", "--workers=1") == 0
    assert quire("contamination", data, "--resume", "--workers=1") == 2, "made without it"
    assert "Asked for by &lt;EMAIL&gt;." in (data / "contamination.md").read_text()
    assert MAIL not in (data / "contamination.md").read_text(), "whatever the policy"
    assert quire("contamination", data, "--overwrite", "--workers=1") == 0
    found = ask(data, excerpts)
    assert found and all("Asked for by <EMAIL>." in text for (text,) in found)
    assert MAIL not in str(ask(data, "FROM hits")) and ask(data, lines) == places


def test_a_value_at_the_edge_of_an_excerpt_is_hidden_as_a_whole():
    content = b"\xff don't mail ann.lee@firm.com or bob.ray@firm.com"
    ranges = hidden_ranges(content, Policy("drop"))
    assert masked_part(content, 0, 20, ranges) == b"\xff don't mail <EMAIL>"
    assert masked_part(content, 20, 34, ranges) == b"<EMAIL> or <EMAIL_2>"
    assert hidden_ranges(content, Policy("drop", ("key",))) == []
