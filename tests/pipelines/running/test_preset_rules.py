"""The view of what presets would drop, against what the corpus stage drops by them."""

import hashlib
import random

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.running.preset_rules import PRESET_DROPS, create_preset_drops
from schemas import CORPUS
from transforms.corpus.presets import PRESETS, reject

FILES = 2000


@pytest.fixture(scope="module")
def corpus():
    """A corpus with values of every signal, at the limits of rules, too, and nulls."""
    numbers = random.Random(1)
    limits = [rule.above or rule.below or 0.0 for rules in PRESETS.values() for rule in rules]
    values = {
        pa.string(): lambda: numbers.choice(["3", "2", "none", None]),
        pa.bool_(): lambda: numbers.choice([True, False, None]),
        pa.float64(): lambda: numbers.choice([None, *limits, numbers.random(), 10.0]),
    }
    names = sorted({rule.column for rules in PRESETS.values() for rule in rules})
    columns = {
        name: pa.array(
            [values[CORPUS.schema.field(name).type]() for _ in range(FILES)],
            CORPUS.schema.field(name).type,
        )
        for name in names
    }
    digests = [hashlib.sha256(str(number).encode()) for number in range(FILES)]
    return pa.table(
        columns | {"sha256": [digest.hexdigest() for digest in digests]}
    ), np.frombuffer(b"".join(digest.digest() for digest in digests), "<u8")[::4]


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"codex"}))
def test_the_view_drops_what_the_stage_drops(corpus, preset):
    table, digests = corpus
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    expected = reject(preset, columns, digests)
    with duckdb.connect() as connection:
        connection.register("corpus", table)
        create_preset_drops(connection)
        rows = connection.execute(
            f"SELECT sha256, arg_min(reason, place) FROM {PRESET_DROPS}"
            " WHERE preset = ? AND dropped GROUP BY 1",
            [preset],
        ).fetchall()
    place = {sha256: row for row, sha256 in enumerate(table["sha256"].to_pylist())}
    assert {place[sha256]: reason for sha256, reason in rows} == {
        row: reason for row, (reason, _) in expected.items()
    }
    assert 0 < len(rows) < FILES
