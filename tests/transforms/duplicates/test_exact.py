"""Which copy stays does not depend on the order in which descriptions arrive."""

import pyarrow as pa

from schemas import SIGNALS
from transforms.duplicates.exact import COPY, choose_exact
from transforms.duplicates.winners import FIELDS, describe, write_table
from transforms.exchange import unpack


def description(unit: int, rows: int) -> bytes:
    """Rows of a unit that are equal in every field."""
    same = {"repo": "r", "path": "p", "characters": 1, "sha256": bytes(32)}
    table = [same | {"unit": unit, "row": row} for row in range(rows)]
    schema = pa.schema([SIGNALS.schema.field(name) for name in ("unit", "row", *FIELDS)])
    return write_table(describe(pa.Table.from_pylist(table, schema=schema), range(rows)))


def test_equal_rows_are_chosen_by_their_place() -> None:
    values = [("description", description(unit, 2)) for unit in (0, 1)]
    one, other = (list(choose_exact((0, order))) for order in (values, values[::-1]))
    assert one == other
    copies = unpack([value for _, value in one], "copy", COPY)
    assert copies.tolist() == [(0, 0, 1), (0, 1, 0), (0, 1, 1)]
