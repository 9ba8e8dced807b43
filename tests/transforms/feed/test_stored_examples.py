"""Row groups of examples: the wanted rows in the feed's order, counted without reading a text."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.token_folder import commit_rows
from transforms.feed.stored_examples import Wanted, stored_examples
from transforms.lib.errors import UsageError

WANTED = Wanted("train", ("functions", "problems"))
ROWS = [
    {"source": source, "split": split, "prompt": f"p{n}", "completion": f"c{n}"}
    for n, (source, split) in enumerate(
        [
            ("corpus", "train"),
            ("functions", "train"),
            ("problems", "train"),
            ("corpus", "train"),
            ("functions", "validation"),
            ("functions", None),
            ("functions", "train"),
        ]
    )
]


def test_the_wanted_rows_come_in_order_from_groups_that_have_some(tmp_path: Path) -> None:
    commit_rows(tmp_path, "examples", ROWS, row_group_size=3)
    groups = stored_examples(str(tmp_path), WANTED)
    assert [(group.group, group.rows) for group in groups] == [(0, 2), (2, 1)]
    rows = [[row for batch in g.read(WANTED) for row in batch.to_pylist()] for g in groups]
    wanted = [{name: ROWS[n][name] for name in ("prompt", "completion")} for n in (1, 2, 6)]
    assert rows == [wanted[:2], wanted[2:]]


def test_texts_are_not_read_to_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_rows(tmp_path, "examples", ROWS)
    asked, read = [], pq.ParquetFile.read_row_group

    def noted(self: pq.ParquetFile, number: int, columns: tuple[str, ...]) -> pa.Table:
        asked.append(set(columns))
        return read(self, number, columns)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    stored_examples(str(tmp_path), WANTED)
    assert asked == [{"source", "split"}]


def test_without_wanted_examples_it_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no examples; `quire feed` makes them"):
        stored_examples(str(tmp_path), WANTED)
    commit_rows(tmp_path, "examples", ROWS)
    with pytest.raises(UsageError, match="no examples of the split 'test' from problems"):
        stored_examples(str(tmp_path), Wanted("test", ("problems",)))
