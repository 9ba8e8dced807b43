"""The signals on request: the parser's, repeated n-grams, ruff's; hostile files kill no worker."""

from collections import Counter
from importlib.metadata import PackageNotFoundError

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.corpus import PARSED, RUFF
from transforms.corpus.quality import ruff_findings as ruff
from transforms.corpus.quality.further import further_columns
from transforms.corpus.quality.lexical import lexical_counts
from transforms.corpus.quality.repeated_ngrams import NGRAMS, repeated_ngrams
from transforms.corpus.quality.syntax import Syntax, syntax
from transforms.lib.text.batch import text_batch


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", Syntax("3", 1, 0, 0)),
        ("\ufeffimport a\n", Syntax("3", 0, 0, 0)),
        ("for a in b:\n    pass\n", Syntax("3", 1, 0, 0)),
        ("def f(a):\n    return 1\n", Syntax("3", 1, 1, 2)),
        ("def f():\n    'Doc.'\n    return 1\n", Syntax("3", 0, 0, 2)),
        ("class A:\n    a: int\n    b = c = 1\n    d.e = 1\n", Syntax("3", 3, 0, 4)),
        ("def f[T](a: T):\n    return a\n", Syntax("3.12", 1, 1, 2)),
        ("try:\n    a\nexcept A, B:\n    b\n", Syntax("3.14")),
        ("try:\n    a\nexcept A, e:\n    print(e)\n", Syntax("2")),
        ("print 'a'\n", Syntax("2")),
        ("if a <> b: c\n", Syntax("2")),
        ("x = (\n", Syntax("none")),
        ("x = 1\0", Syntax("none")),
    ],
)
def test_syntax(text: str, expected: Syntax) -> None:
    assert syntax(text) == expected


def plain_share(text: str, length: int) -> float:
    words = text.lower().split()
    grams = [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    twice = {gram for gram, count in Counter(grams).items() if count > 1}
    inside = {i + j for i, gram in enumerate(grams) if gram in twice for j in range(length)}
    sizes = [len(word.encode()) for word in words]
    return sum(sizes[i] for i in inside) / max(sum(sizes), 1)


@given(st.lists(st.sampled_from(["a", "B", "bb", "été", "c_1"]), max_size=60).map(" ".join))
def test_repeated_ngrams(text: str) -> None:
    (found,) = repeated_ngrams(text_batch(pa.array(["a", text])), [1]).T.tolist()
    assert found == pytest.approx([plain_share(text, length) for length in NGRAMS])


def columns_of(level: str, *texts: str) -> dict[str, list]:
    batch = text_batch(pa.array(texts))
    counts, rows = lexical_counts(batch), np.arange(1, len(texts))
    columns = further_columns(level, batch, counts, rows)
    return {name: values.to_pylist() for name, values in columns.items()}


DEEP = "x = " + "-" * 900 + "1\n"  # parsed in a process of its own
TOO_DEEP = "x = " + "(" * 5_000 + ")" * 5_000 + "\n"


def test_columns() -> None:
    """The first file is not asked for; what has no tree has nulls, and what is too deep no Python."""
    text = "import os\n\n\ndef f(a):\n    # b\n    return 1\n"
    found = columns_of(RUFF, text, text, "print 'a'\n", DEEP, TOO_DEEP)
    assert found["python"] == [None, "3", "2", "3", "none"]
    assert found["no_variables"] == [None, False, None, False, None]
    assert found["simple_functions"] == [None, 1 / 3, None, 0, None]
    assert found["no_logic"] == [None, 1, None, 0, None]
    assert found["duplicate_5grams"] == [None, 0, 0, 0, 0]
    assert found["ruff_findings"][:3] == [None, pytest.approx(200 / 3), None]  # os, a
    assert found["ruff_score"][1] == pytest.approx(10 * (1 / 3) * 10 / 11)
    parsed = columns_of(PARSED, text, text)
    assert parsed["python"] == [None, "3"]
    assert parsed["ruff_score"] == parsed["ruff_findings"] == [None, None]


def test_a_file_that_ruff_does_not_survive_is_alone_in_it(monkeypatch) -> None:
    counts = ruff._counts
    monkeypatch.setattr(ruff, "_counts", lambda texts: None if "bad\n" in texts else counts(texts))
    texts = ["import os\n", "x = 1\n", "bad\n", "import os\nimport a\n", "x = 2\n"]
    assert ruff.ruff_findings(texts) == [1, 0, None, 2, 0]


def test_ruff_obeys_no_file() -> None:
    """Neither pragmas nor what looks like names of files."""
    assert ruff.ruff_findings(["import os  # noqa\n", "# ruff: noqa\nimport os\n"]) == [1, 1]
    assert ruff.ruff_findings(["# f000001.py:1:1: F401\n", "x = 1\n"]) == [0, 0]


def test_no_ruff(monkeypatch, tmp_path, quire, capfd) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(ruff, "version", absent)
    pa.parquet.write_table(
        pa.table({"repo": ["r"], "path": ["p"], "content": ["x"]}), tmp_path / "a.parquet"
    )
    run = ["corpus", tmp_path / "d", "--files", tmp_path / "a.parquet", "--filters=swallow"]
    assert quire(*run) == 2
    assert "quire[ruff]" in capfd.readouterr().err
