"""Examples and problems that exports are made of."""

from typing import Any

import pyarrow as pa
import pytest

from tests.support import feed_rows


@pytest.fixture
def examples() -> pa.Table:
    return feed_rows.examples()


@pytest.fixture
def problems() -> list[dict[str, Any]]:
    return feed_rows.problems()
