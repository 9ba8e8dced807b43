"""The winners' order as bytes sorts like the order as a tuple."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from schemas import SIGNALS
from tests.support.plain_duplicates import slow_order
from transforms.corpus.representatives import (
    ORDER_COLUMNS,
    REPRESENTATIVE_COLUMNS,
    order_keys,
    representatives,
)

NAMES = st.text(st.sampled_from("ab/-\u00e9\U0001f600"), max_size=3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "licence_spdx": st.sampled_from(["MIT", "GPL-3.0-only", "MIT OR GPL-3.0-only", None]),
            "stars": st.sampled_from([None, 0, 1, 255, 256, 10**12, -1]),
            "characters": st.sampled_from([0, 9, 255, 256, 70_000]),
            "repo": NAMES,
            "path": NAMES,
            "commit": st.none() | NAMES,
            "sha256": st.binary(min_size=32, max_size=32),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS)
def test_order(rows: list[dict[str, Any]]) -> None:
    schema = pa.schema([SIGNALS.schema.field(name) for name in ORDER_COLUMNS])
    keys = order_keys(pa.Table.from_pylist(rows, schema=schema)).to_pylist()
    by_bytes = sorted(range(len(rows)), key=lambda i: (keys[i], rows[i]["sha256"]))
    assert [slow_order(rows[i]) for i in by_bytes] == sorted(map(slow_order, rows))


@given(ROWS, st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=12, max_size=12))
def test_the_representative_of_each_row_in_a_unit(
    rows: list[dict[str, Any]], drawn: list[tuple]
) -> None:
    """Of the rows with one digest that pass the filters it is the first in the winners' order."""
    for place, (row, (digest, passes)) in enumerate(zip(rows, drawn, strict=False)):
        row |= {"row": place, "sha256": bytes([digest]) * 32, "reason": None if passes else "empty"}
    schema = pa.schema([SIGNALS.schema.field(name) for name in REPRESENTATIVE_COLUMNS])
    found = representatives(pa.Table.from_pylist(rows, schema=schema)).tolist()
    for row, representative in zip(rows, found, strict=True):
        same = [r for r in rows if r["sha256"] == row["sha256"] and r["reason"] is None]
        best = min(same, key=slow_order) if row["reason"] is None else row
        assert representative == best["row"]
