"""Removals of files that stand for duplicates, or are some: what `check` then counts as left."""

from pathlib import Path

import pytest

from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import source

APART = (
    "SELECT count(*) FROM corpus WHERE duplicate_of IS NOT NULL AND duplicate_of NOT IN"
    " (SELECT sha256 FROM corpus WHERE duplicate_of IS NULL)"
)


@pytest.mark.parametrize("keep", ["representatives", "all"])
def test_check_allows_what_was_taken_and_no_row_more(
    tmp_path: Path, quire: Quire, ask: Ask, keep: str
) -> None:
    """First the representative of a group goes, then a member of another, then all of both."""
    texts = {"a": source(1), "b": source(1), "c": source(2), "d": source(2), "e": source(2)}
    rows = [{"repo": r, "path": f"{r}.py", "content": text} for r, text in texts.items()]
    files, data = write_files(tmp_path / "in.parquet", rows), tmp_path / "data"
    assert quire("corpus", data, f"--files={files}", f"--keep={keep}", "--workers=1") == 0
    assert ask(data, "SELECT count(*) FROM clusters") == [(5,)]
    listed = tmp_path / "list.txt"
    for number, (repo, members) in enumerate([("a", 4), ("d", 3), ("b\nc\ne", 0)]):
        listed.write_text(repo)
        assert quire("remove", data, f"--list={listed}") == 0
        assert quire("check", data) == 0
        assert ask(data, "SELECT count(*) FROM clusters") == [(members,)]
        assert ask(data, APART) == [(int(keep == "all" and number < 2),)]
