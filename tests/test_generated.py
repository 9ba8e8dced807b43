"""What is made from the code is what the code says now."""

import pytest

from tests.generated import GENERATED, ROOT


@pytest.mark.parametrize("path", GENERATED)
def test_it_is_current(path: str) -> None:
    assert (ROOT / path).read_text() == GENERATED[path](), "run `python tests/generated.py`"
