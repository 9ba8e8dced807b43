"""Which copy is kept does not depend on the order in which descriptions arrive."""

import numpy as np
import pyarrow as pa

from schemas import SIGNALS
from transforms.corpus.exact import COPY_OF_ROW, choose_exact
from transforms.corpus.representatives import REPRESENTATIVE_COLUMNS, describe, write_table
from transforms.lib.skeleton.exchange import unpack


def description(unit: int) -> bytes:
    """A row that is equal to those of other units in every field."""
    row = {"repo": "r", "path": "p", "characters": 1, "sha256": bytes(32), "unit": unit, "row": 0}
    schema = pa.schema([SIGNALS.schema.field(name) for name in ("unit", *REPRESENTATIVE_COLUMNS)])
    return write_table(describe(pa.Table.from_pylist([row], schema=schema), np.array([0])))


def test_equal_rows_are_chosen_by_their_place() -> None:
    values = [("description", description(unit)) for unit in (0, 1, 2)]
    one, other = (list(choose_exact((0, order))) for order in (values, values[::-1]))
    assert one == other
    copies = unpack([value for _, value in one], "copy", COPY_OF_ROW)
    assert copies.tolist() == [(0, 1, 0, 1), (0, 2, 0, 1)]
